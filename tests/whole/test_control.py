"""The real daemon in the virtual room, controlled through its socket by the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from jetson_voice.audio import Clip
from jetson_voice.bench.household import say_all
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import wait_for
from jetson_voice.config import Config

pytestmark = [pytest.mark.models, pytest.mark.room]

REPOSITORY = Path(__file__).parents[2]
QUESTION = "Hey Jarvis, what is the capital of France?"
LONG = "This is the first sentence. And this is the second one, which is longer. " * 4


@dataclass
class Home:
    """The room, and where a daemon in it has its socket and state."""

    room: VirtualRoom
    folder: Path
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        """For the daemon, and for whoever speaks to it."""
        return self.room.environment | {
            "PYTHONPATH": str(REPOSITORY / "daemon"),
            "RUNTIME_DIRECTORY": str(self.folder / "run"),
            "STATE_DIRECTORY": str(self.folder / "state"),
        }

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[str]]:
        """It listens for as long as this is open, and ends in order."""
        command = [sys.executable, "-m", "jetson_voice", "run", "--config", str(self.config)]
        with (
            (self.folder / "log").open("a+", encoding="utf-8") as log,
            subprocess.Popen(command, env=self.environment, stderr=log, text=True) as daemon,
        ):
            try:
                wait_for(lambda: self.is_up("loading"), 60, f"daemon, see {log.name}")
                yield daemon
            finally:
                daemon.send_signal(signal.SIGTERM)
        assert daemon.returncode == 0, self.log
        assert "Traceback" not in self.log

    @property
    def log(self) -> str:
        """What the daemons have logged."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def is_up(self, but_not: str) -> bool:
        """Whether the daemon tells its status, and it is another one."""
        ended = self.run("status", "--json")
        return ended.returncode == 0 and json.loads(ended.stdout)["state"] != but_not

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command of the command line."""
        command = [sys.executable, "-m", "jetson_voice", *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=90, check=False, cwd=self.folder
        )

    def told(self, *arguments: str) -> str:
        """What a command prints; it works."""
        ended = self.run(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def status(self) -> dict[str, Any]:
        """How the daemon is."""
        status = json.loads(self.told("status", "--json"))
        assert isinstance(status, dict)
        return status


@pytest.fixture
def home(room: VirtualRoom, starter: Config, tmp_path: Path) -> Home:
    """Nobody lives there yet."""
    text = (REPOSITORY / "models" / "starter.toml").read_text(encoding="utf-8")
    config = tmp_path / "config.toml"
    config.write_text(text.replace('directory = "."', f'directory = "{starter.models.directory}"'), encoding="utf-8")
    return Home(room, tmp_path, config)


@pytest.fixture(scope="module")
def question(starter: Config) -> Clip:
    """Somebody asks."""
    return anyio.run(say_all, starter, [QUESTION])[QUESTION]


def test_the_running_daemon_says_answers_and_is_stopped(home: Home) -> None:
    with home.daemon():
        assert home.status()["state"] == "listening"
        assert oct((home.folder / "run" / "control").stat().st_mode)[-3:] == "660"

        asked_at = time.monotonic()
        home.told("say", "Dinner is ready.")
        first_sound = home.room.speaker.wait_for_sound(after=asked_at)
        assert home.room.speaker.wait_for_silence(after=first_sound) < time.monotonic()

        answer = home.told("ask", "What is the capital of France?")
        assert "Paris" in answer
        turn = home.status()["last_turn"]
        assert turn["outcome"] == "answered"
        assert set(turn["stages_ms"]) == {"think", "synthesize"}
        assert turn["answer"] == ""  # the configuration allows no transcripts

        asked_at = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "jetson_voice", "say", LONG], env=home.environment, stderr=subprocess.PIPE, text=True
        ) as speaking:
            home.room.speaker.wait_for_sound(after=asked_at, timeout=20)
            assert home.told("stop") == "silent"
            stopped_at = time.monotonic()
            _, complaint = speaking.communicate(timeout=20)
        assert speaking.returncode == 1
        assert complaint == "jetson-voice: stopped\n"
        assert home.room.speaker.wait_for_silence(after=asked_at, hold=2) < stopped_at + 0.1
        assert home.told("stop") == "there was nothing to stop"


def test_a_muted_daemon_hears_nothing_not_even_after_a_restart(home: Home, question: Clip) -> None:
    with home.daemon():
        assert home.told("mute") == "muted"
        home.room.heard(home.room.say(question))
        assert_hears_nothing_for(home, question.seconds + 3)
    with home.daemon():
        assert home.status()["state"] == "muted"
        assert "still muted" in home.log
        home.room.say(question)
        assert_hears_nothing_for(home, question.seconds + 3)
        assert home.told("unmute") == "no longer muted"
        home.room.say(question)
        wait_for(lambda: home.status()["turns"] == 1, 60, "turn")
        turn = home.status()["last_turn"]
        assert turn["outcome"] == "answered"
        assert list(turn["stages_ms"]) == ["endpoint", "transcribe", "think", "synthesize"]


def assert_hears_nothing_for(home: Home, seconds: float) -> None:
    """No wake word reaches the models."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        status = home.status()
        assert (status["state"], status["turns"]) == ("muted", 0)


def test_without_a_daemon_every_command_says_so(home: Home) -> None:
    for command in ("status", "stop", "mute", "unmute", "volume", "monitor"):
        ended = home.run(command)
        assert ended.returncode == 1
        assert ended.stderr.startswith("jetson-voice: no service runs ("), ended.stderr
        assert len(ended.stderr.splitlines()) == 1


def test_a_follower_outside_a_terminal_gets_a_line_for_each_event(home: Home) -> None:
    with home.daemon():
        with subprocess.Popen(
            [sys.executable, "-m", "jetson_voice", "monitor"],
            env=home.environment | {"PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as following:  # fmt: skip
            assert following.stdout
            deadline = threading.Timer(60, following.kill)
            deadline.start()
            assert following.stdout.readline().split() == ["state", "listening"]
            home.told("say", "Hello.")
            lines: list[str] = []
            while not lines or (lines[-1] and "turn ended" not in lines[-1]):
                lines.append(following.stdout.readline())
            deadline.cancel()
            os.kill(following.pid, signal.SIGINT)
            assert following.wait(10) == 0
        told = [" ".join(line.split()[2:]) for line in lines]
        assert "requested kind: say, text: (6 characters)" in told
        assert "speaking started spoken: (6 characters)" in told
        assert "turn ended outcome: said, asks: False" in told
