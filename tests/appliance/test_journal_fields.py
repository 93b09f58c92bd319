"""What the journal of a real systemd holds, and what it never holds."""

from __future__ import annotations

import pytest

from in_the_box import Appliance
from jetson_voice.notices import MESSAGE_IDS

pytestmark = [pytest.mark.systemd, pytest.mark.room, pytest.mark.models]

SCRIPT = """
import logging, sys
if "bare" in sys.argv:
    sys.modules["systemd.journal"] = None
from jetson_voice.event_log import logged
from jetson_voice.events import *
from jetson_voice.journal import complain, start_logging
start_logging()
logging.getLogger("jetson_voice").setLevel(logging.INFO)
observe = logged(transcripts="transcripts" in sys.argv)
for at, event in enumerate([
    WakeHeard("hey jarvis", 0.93, 1.0), CommandHeard(2.1, 0.2, 0.8), Transcribed("my secret", "en"),
    SentenceReady("Yes.", "Yes."), SpeakingStarted("Yes."), SpeakingEnded("Yes.", 0.5), TurnEnded("answered"),
]):
    observe(event, float(at))
complain("it cannot work")
"""


@pytest.fixture
def told(service_box: Appliance) -> Appliance:
    """A service that logs one turn and a complaint, and ends."""
    service_box.box.write("/opt/box/turn.py", SCRIPT)
    return service_box


def run(machine: Appliance, *arguments: str) -> None:
    library = machine.box.run("sed -n 's/^export //p' /opt/jetson-voice/venv/bin/jetson-voice").stdout.strip()
    command = f"/usr/bin/env {library} /opt/jetson-voice/venv/bin/python /opt/box/turn.py {' '.join(arguments)}"
    machine.drop_in("told", f"[Service]\nType=oneshot\nWatchdogSec=0\nExecStart=\nExecStart={command}\n")
    machine.start()


def test_a_turn_is_in_the_journal_with_its_fields_and_without_what_was_said(told: Appliance) -> None:
    run(told)
    turn = told.until_journal(JV_EVENT="turn_complete")
    assert turn["MESSAGE_ID"] == MESSAGE_IDS["turn_complete"]
    assert (turn["JV_TURN"], turn["JV_OUTCOME"], turn["JV_MS"]) == ("1", "answered", "3800")
    assert turn["JV_TRANSCRIBE_MS"] == "1000"
    assert (turn["PRIORITY"], turn["SYSLOG_IDENTIFIER"]) == ("6", "jetson-voice")
    complaint = told.until_journal("it cannot work")
    assert complaint["PRIORITY"] == "3"
    entries = told.journal()
    assert not [entry for entry in entries if "CODE_ARGS" in entry or "secret" in str(entry)]
    counted = told.command("stats").stdout
    assert counted.startswith("1 turns: 1 answered\n")


def test_transcripts_are_there_when_they_are_wanted_and_can_be_told_apart(told: Appliance) -> None:
    run(told, "transcripts")
    told.until_journal("it cannot work")
    said = [entry["MESSAGE"] for entry in told.journal(JV_TRANSCRIPT="yes")]
    assert said == ["user: my secret", "assistant: Yes."]


def test_without_the_library_the_priorities_are_right_all_the_same(told: Appliance) -> None:
    run(told, "bare")
    assert told.until_journal("it cannot work")["PRIORITY"] == "3"
    assert told.until_journal("turn 1: answered")["PRIORITY"] == "6"


def test_the_catalog_explains_an_entry_to_whoever_asks(told: Appliance) -> None:
    told.box.run("cp /opt/box/checkout/systemd/*.catalog /usr/lib/systemd/catalog/ && journalctl --update-catalog")
    run(told)
    told.until_journal("it cannot work")
    explained = told.box.run("journalctl -u jetson-voice -x JV_EVENT=turn_complete --no-pager").stdout
    assert "JV_MS is their sum" in explained
