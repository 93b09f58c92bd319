from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jetson_voice.event_log import logged
from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    Ready,
    Silenced,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    TurnFailed,
    WakeHeard,
    WakeNearlyHeard,
)
from jetson_voice.journal import JournalHandler, PrefixedFormatter
from jetson_voice.notices import MESSAGE_IDS, notice

CATALOGS = sorted((Path(__file__).parents[2] / "systemd").glob("*.catalog"))
log = logging.getLogger("jetson_voice")


@pytest.fixture
def entries() -> Iterator[list[dict[str, str]]]:
    """What the journal is sent."""
    sent: list[dict[str, str]] = []

    def send(*, CODE_LINE: int, **fields: str) -> None:  # noqa: N803  the library's name
        text = {name: value.encode().decode() for name, value in fields.items()}
        sent.append({**text, "CODE_LINE": f"{CODE_LINE:d}"})

    handler = JournalHandler(send)
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    yield sent
    log.setLevel(before)
    log.removeHandler(handler)


def observed(*events: Event, transcripts: bool = False) -> None:
    observe = logged(transcripts=transcripts)
    for second, event in enumerate(events):
        observe(event, float(second))


def test_what_a_message_was_made_of_is_not_kept_beside_it(entries: list[dict[str, str]]) -> None:
    log.warning("%d characters", len("a secret"), extra={"secret": "a secret", "JV_TURN": 3})
    (entry,) = entries
    assert entry["MESSAGE"] == "8 characters"
    assert entry["JV_TURN"] == "3"
    assert "a secret" not in entry.values()
    assert "CODE_ARGS" not in entry


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.CRITICAL, "2"), (logging.ERROR, "3"), (logging.WARNING, "4"), (logging.INFO, "6")],
)
def test_an_entry_has_the_priority_of_its_level(level: int, priority: str, entries: list[dict[str, str]]) -> None:
    log.log(level, "something")
    assert entries[0]["PRIORITY"] == priority
    assert entries[0]["SYSLOG_IDENTIFIER"] == "jetson-voice"


def test_every_name_of_a_field_is_one_that_the_journal_keeps(entries: list[dict[str, str]]) -> None:
    notice("microphone_lost", "no microphone: unplugged", level=logging.WARNING, reason="unplugged")
    assert all(re.fullmatch("[A-Z][A-Z0-9_]*", name) for name in entries[0])
    assert entries[0]["JV_REASON"] == "unplugged"
    assert entries[0]["MESSAGE_ID"] == MESSAGE_IDS["microphone_lost"]


def test_an_error_that_nobody_foresaw_is_in_the_journal_with_its_traceback(entries: list[dict[str, str]]) -> None:
    try:
        os.environ["NOBODY"]
    except KeyError:
        log.warning("unexpected", exc_info=True)
    assert "KeyError: 'NOBODY'" in entries[0]["EXCEPTION_TEXT"]


def test_an_entry_that_the_journal_does_not_take_is_lost_and_its_words_are_not_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(**_: object) -> None:
        raise OSError("no space")

    record = logging.LogRecord("x", logging.INFO, "", 0, "user: %s", ("my secret",), None)
    JournalHandler(refuse).emit(record)
    assert capsys.readouterr().err == "<4>an entry is lost to the journal: OSError: no space\n"


def test_what_was_said_is_not_logged_unless_the_configuration_says_so(entries: list[dict[str, str]]) -> None:
    said = Transcribed("my secret", "en"), SpeakingStarted("your secret")
    log.setLevel(logging.DEBUG)
    observed(*said)
    assert "secret" not in str(entries)
    entries.clear()
    observed(*said, transcripts=True)
    marked = [(entry["JV_WHO"], entry["MESSAGE"]) for entry in entries if entry.get("JV_TRANSCRIPT") == "yes"]
    assert marked == [("user", "user: my secret"), ("assistant", "assistant: your secret")]


def test_a_turn_is_few_lines_for_a_person(entries: list[dict[str, str]]) -> None:
    observed(
        WakeHeard("hey jarvis", 0.9, 0.0),
        CommandHeard(2.0, 1.0, 0.8),
        Transcribed("stop", "en"),
        SpeakingStarted("Yes."),
        WakeHeard("hey jarvis", 0.8, 4.0),
        Interrupted("hey jarvis"),
        TurnEnded("interrupted"),
    )
    assert [entry["JV_EVENT"] for entry in entries] == ["wake_heard", "wake_heard", "interrupted", "turn_complete"]
    assert [entry.get("JV_TURN") for entry in entries] == [None, None, "1", "1"]


def test_a_stop_word_is_an_entry_of_its_own_without_its_words(entries: list[dict[str, str]]) -> None:
    observed(CommandHeard(2.0, 1.0, 0.8), Silenced("Stop it, Anna."), TurnEnded("stopped"))
    assert [entry["JV_EVENT"] for entry in entries] == ["silenced", "turn_complete"]
    assert "Anna" not in str(entries)


def test_a_failed_turn_is_a_warning_with_its_stage(entries: list[dict[str, str]]) -> None:
    observed(CommandHeard(2.0, 1.0, 0.8), TurnFailed("think", "no answer"), TurnEnded("failed"))
    assert [(entry["PRIORITY"], entry["JV_STAGE"], entry["JV_REASON"]) for entry in entries] == [
        ("4", "think", "no answer")
    ]


def test_how_long_a_stage_took_can_be_followed_line_by_line(entries: list[dict[str, str]]) -> None:
    log.setLevel(logging.DEBUG)
    observed(CommandHeard(2.0, 1.0, 0.8), Transcribed("stop", "en"), TurnEnded("answered"))
    stages = {entry["JV_STAGE"]: entry["JV_MS"] for entry in entries if "JV_STAGE" in entry}
    assert stages == {"endpoint": "800", "transcribe": "1000"}


def test_a_near_miss_and_readiness_are_told(entries: list[dict[str, str]]) -> None:
    observed(Ready(), WakeNearlyHeard("hey jarvis", 0.41))
    assert [entry["MESSAGE"] for entry in entries] == [
        "listening for the wake word",
        "nearly heard “hey jarvis” (0.41)",
    ]
    assert entries[1]["JV_SCORE"] == "0.41"


def test_without_the_library_every_line_carries_its_priority() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "two\nlines", (), None)
    assert PrefixedFormatter().format(record) == "<4>two\n<4>lines"


def test_on_a_terminal_a_complaint_is_its_bare_words() -> None:
    script = "from jetson_voice.journal import *; start_logging(); complain('it is broken'); log.warning('careful')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["it is broken", "WARNING careful"]


@pytest.mark.parametrize("catalog", CATALOGS, ids=lambda path: path.name)
def test_the_catalog_explains_everything_that_has_an_id(catalog: Path) -> None:
    text = catalog.read_text(encoding="utf-8")
    explained = re.findall(r"^-- ([0-9a-f]{32})\nSubject: .+\nDefined-By: jetson-voice\n\n\S", text, re.MULTILINE)
    assert sorted(explained) == sorted(MESSAGE_IDS.values())


def test_there_is_a_catalog_in_english_and_one_in_chinese() -> None:
    assert [catalog.name for catalog in CATALOGS] == ["jetson-voice.catalog", "jetson-voice.zh_CN.catalog"]
