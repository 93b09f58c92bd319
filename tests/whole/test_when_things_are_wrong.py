"""Bad input of every kind, to the whole daemon: one clear line, and a turn that says so or exit status 78."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from jetson_voice import app
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, read_wav
from jetson_voice.bench.household import say_all
from jetson_voice.bench.room import ALSA_DEFAULTS
from jetson_voice.config import Config, LanguageModel, Ollama
from jetson_voice.events import Event, SpeakingStarted, TurnEnded, TurnFailed
from jetson_voice.phrases import APOLOGIES, Trouble
from protocol_server import Cut, ProtocolServer, Raw, Script, Stall, Word

pytestmark = [pytest.mark.models]

QUESTION = "Hey Jarvis, what time is it?"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def question(starter: Config) -> Clip:
    """Somebody asks for the time."""
    return anyio.run(say_all, starter, [QUESTION])[QUESTION].at_rate(SAMPLE_RATE_HZ)


def hold_turn(config: Config, question: Clip, out: Path) -> list[Event]:
    """Replay the question; what happened."""
    happened: list[Event] = []
    anyio.run(app.replay, config, question, out, [lambda event, _: happened.append(event)])
    return happened


def with_ollama(starter: Config, url: str) -> Config:
    """The starter configuration, with an Ollama at this address and little patience."""
    settings = LanguageModel(
        ollama=Ollama(url=url, model="qwen2.5:7b"), first_token_timeout_seconds=1.0, next_token_timeout_seconds=1.0
    )
    return replace(starter, llm=settings)


def assert_spoken_as_failed(happened: list[Event], out: Path, reason: str) -> None:
    """The user was told, aloud, and the log has one line that says why."""
    failures = [event for event in happened if isinstance(event, TurnFailed)]
    assert [failure.stage for failure in failures] == ["think"]
    assert reason in failures[0].reason
    assert "\n" not in failures[0].reason
    assert happened[-1] == TurnEnded("failed")
    trouble: Trouble = "too slow" if "no word for" in failures[0].reason else "think"
    assert SpeakingStarted(APOLOGIES["en"][trouble]) in happened
    assert abs(read_wav(out).samples).max() > 1000


def test_without_ollama_the_user_is_told_and_the_daemon_goes_on(
    starter: Config, question: Clip, tmp_path: Path
) -> None:
    happened = hold_turn(with_ollama(starter, NOBODY), question, tmp_path / "out.wav")
    assert_spoken_as_failed(happened, tmp_path / "out.wav", "does not answer")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((Word("It is"), Raw(b"{half a line\n"), Stall(0)), ""),
        ((Stall(),), "1 s"),
        ((Word("It is"), Stall()), "1 s"),
        ((Word("It is"), Cut()), ""),
    ],
    ids=["malformed line", "no first word", "no next word", "connection cut"],
)
def test_a_server_that_misbehaves_is_spoken_as_failed(
    starter: Config, question: Clip, tmp_path: Path, answer: Script, reason: str
) -> None:
    with ProtocolServer("ollama", answer=answer) as server:
        happened = hold_turn(with_ollama(starter, server.url), question, tmp_path / "out.wav")
    assert_spoken_as_failed(happened, tmp_path / "out.wav", reason)


def test_a_model_that_ollama_does_not_have_is_named_with_what_to_do(
    starter: Config, question: Clip, tmp_path: Path
) -> None:
    with ProtocolServer("ollama") as server:
        server.answer = server.dialect.no_model("qwen2.5:7b")
        happened = hold_turn(with_ollama(starter, server.url), question, tmp_path / "out.wav")
    assert_spoken_as_failed(happened, tmp_path / "out.wav", "ollama pull qwen2.5:7b")


def corrupt(path: Path) -> str:
    """A file that begins like a GGUF file and is none."""
    path.write_bytes(b"GGUF" + bytes(1000))
    return str(path)


@pytest.mark.parametrize(
    ("section", "key", "named"),
    [
        ("[[wake.words]]", lambda folder: f'model = "{folder}/mine.onnx"', "wake.words"),
        ("[tts.voices]", lambda _: 'en = "piper-nobody"', "tts.voices.en"),
        ("[stt]", lambda _: 'model = "whisper-nothing"', "stt.model"),
        ("[llm.embedded]", lambda folder: f'model = "{corrupt(folder / "bad.gguf")}"', "bad.gguf"),
        ("[llm]", lambda _: 'backand = "ollama"', "did you mean 'backend'"),
        ("[listen]", lambda _: "end_silence_seconds = 90", "listen.end_silence_seconds"),
        ("[llm.ollama]", lambda _: 'url = "localhost"', "llm.ollama.url"),
    ],
)
def test_a_configuration_that_cannot_work_is_one_line_and_exit_status_78(
    models_directory: Path, tmp_path: Path, section: str, key: Callable[[Path], str], named: str
) -> None:
    backend = "ollama" if "ollama" in section else "embedded"
    text = f'[models]\ndirectory = "{models_directory}"\n'
    text += "" if section == "[llm]" else f'[llm]\nbackend = "{backend}"\n'
    text += "" if section == "[stt]" else '[stt]\nmodel = "whisper-base"\n'
    text += '[tts.voices]\nzh = ""\n' if section != "[tts.voices]" else ""
    extra = '\nzh = ""' if section == "[tts.voices]" else ""
    path = tmp_path / "mine.toml"
    path.write_text(f"{text}{section}\n{key(tmp_path)}{extra}\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "jetson_voice", "run", "--config", str(path)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    complaints = [line for line in ended.stderr.splitlines() if not line.startswith("INFO")]
    assert ended.returncode == 78, ended.stderr
    assert len(complaints) == 1, ended.stderr
    assert named in complaints[0]


def test_without_a_microphone_the_daemon_says_so_once_and_waits_for_one(models_directory: Path, tmp_path: Path) -> None:
    config = Path(__file__).parents[2] / "models" / "starter.toml"
    path = tmp_path / "starter.toml"
    path.write_text(config.read_text(encoding="utf-8").replace('"."', f'"{models_directory}"'), encoding="utf-8")
    nothing = tmp_path / "asound.conf"
    nothing.write_text(ALSA_DEFAULTS)
    with subprocess.Popen(
        [sys.executable, "-m", "jetson_voice", "run", "--config", str(path)],
        env={**os.environ, "PULSE_SERVER": f"unix:{tmp_path}/nobody", "ALSA_CONFIG_PATH": str(nothing)},
        stderr=subprocess.PIPE,
        text=True,
    ) as daemon:
        assert daemon.stderr
        line = next(line for line in daemon.stderr if "microphone" in line)
        assert line.startswith("WARNING")
        daemon.send_signal(signal.SIGTERM)
        rest = daemon.stderr.read()
    assert daemon.returncode == 0, rest
    assert "Traceback" not in rest
