"""The service under a real systemd: it starts, answers, is watched over, reloads, and fails once where it must."""

from __future__ import annotations

import time

import anyio
import pytest

from in_the_box import UNIT, Appliance, starter_text
from jetson_voice.audio import Clip
from jetson_voice.bench.household import say_all
from jetson_voice.config import Config
from protocol_server import ProtocolServer

pytestmark = [pytest.mark.systemd, pytest.mark.room, pytest.mark.models]

QUESTION = "Hey Jarvis, what is the capital of France?"


@pytest.fixture(scope="module")
def question(starter: Config) -> Clip:
    """Somebody asks a question."""
    return anyio.run(say_all, starter, [QUESTION])[QUESTION]


def ask(machine: Appliance, question: Clip, *, turn: int = 1) -> None:
    """Ask in the room, and hear the service's answer in the room and in the journal."""
    said = machine.room.say(question)
    end = machine.room.heard(said).end
    machine.until_journal(": answered", JV_EVENT="turn_complete", count=turn, seconds=60)
    assert machine.room.speaker.wait_for_sound(after=end, timeout=1)


def test_it_is_active_within_20_seconds_and_a_question_in_the_room_is_answered(
    service_box: Appliance, question: Clip
) -> None:
    began_at = time.monotonic()
    service_box.start()
    seconds = time.monotonic() - began_at
    print(f"active {seconds:.1f} s after systemctl start")
    assert seconds <= 20
    assert service_box.is_active
    ask(service_box, question)
    assert service_box.status_text == "listening"
    assert service_box.restarts == 0
    service_box.systemctl("stop")
    assert service_box.show("Result") == "success"


def test_a_process_that_stands_still_is_ended_by_the_watchdog_and_is_back(
    service_box: Appliance, question: Clip
) -> None:
    service_box.drop_in("impatient", "[Service]\nWatchdogSec=4\n")
    service_box.start()
    service_box.until_journal("all models are loaded")
    before = service_box.main_pid
    assert before
    service_box.box.run(f"kill -STOP {before}")
    service_box.until_journal("Watchdog timeout", seconds=20)
    service_box.until_journal("all models are loaded", count=2, seconds=60)
    service_box.until_status("listening")
    assert service_box.is_active
    assert service_box.restarts == 1
    assert service_box.main_pid not in {0, before}
    assert service_box.journal(UNIT_RESULT="watchdog")
    assert "most recent call first" in service_box.log(), "what every thread did"
    ask(service_box, question)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ('[llm]\nbackand = "ollama"\n', "did you mean 'backend'"),
        (starter_text().replace("whisper-base", "whisper-nothing"), "stt.model"),
    ],
    ids=["a key", "a model"],
)
def test_a_configuration_that_cannot_work_fails_once_with_one_line(
    service_box: Appliance, wrong: str, reason: str
) -> None:
    service_box.configure(wrong)
    assert service_box.systemctl("start", check=False).returncode
    assert service_box.show("ExecMainStatus") == "78"
    time.sleep(3)  # RestartSec is 2 s: by then it would have been tried again
    assert service_box.show("ActiveState") == "failed"
    assert service_box.restarts == 0
    own = [entry for entry in service_box.journal(SYSLOG_IDENTIFIER="jetson-voice") if int(entry["PRIORITY"]) < 6]
    assert [entry["PRIORITY"] for entry in own] == ["3"], own
    assert reason in own[0]["MESSAGE"]


def test_a_reload_takes_over_what_it_can_names_the_rest_and_survives_a_broken_file(
    service_box: Appliance, question: Clip
) -> None:
    service_box.start()
    pid = service_box.main_pid
    service_box.configure("no TOML")
    service_box.systemctl("reload")
    service_box.until_journal("not reloaded")
    service_box.configure(f"{starter_text()}\n[log]\ntranscripts = true\n[wake]\nsleeps_in_quiet = false\n")
    service_box.systemctl("reload")
    service_box.until_journal("changed, but needs a restart: wake.sleeps_in_quiet")
    ask(service_box, question)
    service_box.until_journal("capital of France")
    assert service_box.is_active
    assert service_box.main_pid == pid
    assert service_box.restarts == 0


def test_without_any_sound_card_it_is_ready_and_says_so_and_hears_when_there_is_one(
    service_box: Appliance, question: Clip
) -> None:
    service_box.room.stop()
    service_box.start()
    service_box.until_status("no microphone since")
    pid = service_box.main_pid
    service_box.room.start()
    service_box.until_status("listening", seconds=30)
    ask(service_box, question)
    assert service_box.main_pid == pid


def test_an_ollama_that_comes_late_is_missed_aloud_and_then_found(service_box: Appliance, question: Clip) -> None:
    with ProtocolServer("ollama") as once:
        port, url = once.port, once.url
    starter = starter_text().replace('backend = "embedded"', 'backend = "ollama"')
    service_box.configure(f'{starter}\n[llm.ollama]\nurl = "{url}"\n')
    service_box.start()
    pid = service_box.main_pid
    service_box.until_status("the language model does not answer")
    service_box.room.say(question)
    service_box.until_journal(": failed", JV_EVENT="turn_complete")
    with ProtocolServer("ollama", port=port):
        service_box.until_journal("the language model answers again", seconds=40)
        service_box.until_status("listening")
        ask(service_box, question)
    assert service_box.main_pid == pid
    assert service_box.restarts == 0


def test_the_unit_has_no_fault_and_is_hardened(service_box: Appliance) -> None:
    service_box.box.run(f"systemd-analyze --recursive-errors=no verify /etc/systemd/system/{UNIT.name}")
    service_box.box.run(f"systemd-analyze security --offline=yes --threshold=20 /etc/systemd/system/{UNIT.name}")
