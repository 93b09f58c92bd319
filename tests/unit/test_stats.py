from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.cli import main
from jetson_voice.stats import entries, percentiles, shown, statistics_of


def turn(number: int, outcome: str = "answered", **fields: str) -> dict[str, Any]:
    return {"JV_EVENT": "turn_complete", "JV_TURN": str(number), "JV_OUTCOME": outcome, **fields}


JOURNAL: list[dict[str, Any]] = [
    {"MESSAGE": "Started jetson-voice.service", "JOB_TYPE": "start"},
    *({"JV_EVENT": "wake_heard", "JV_WORD": "hey jarvis", "JV_SCORE": "0.9"} for _ in range(12)),
    *(turn(n, JV_MS=str(1000 + n), JV_ENDPOINT_MS="800", JV_TRANSCRIBE_MS=str(100 * n)) for n in range(1, 11)),
    turn(11, "failed", JV_STAGE="think", JV_REASON="Ollama does not answer"),
    turn(12, "interrupted"),
    {"JV_EVENT": "microphone_lost", "JV_REASON": "unplugged"},
    {"JV_EVENT": "microphone_found"},
    *({"JV_EVENT": "wake_nearly_heard", "JV_WORD": "hey jarvis", "JV_SCORE": f"0.{n}"} for n in (31, 35, 44)),
]


def journal_file(folder: Path, *more: str) -> Path:
    file = folder / "journal.json"
    file.write_text("\n".join([*map(json.dumps, JOURNAL), *more]) + "\n")
    return file


def test_it_tells_how_often_the_answer_was_ready_when_the_command_was_over() -> None:
    ahead, missed = turn(1, JV_AHEAD="yes"), turn(2, JV_DROPPED="2", JV_DROPPED_MS="900")
    found = statistics_of([ahead, ahead, missed])
    assert found.speculation == {"hits": 2, "misses": 2, "lost_seconds": 0.9}
    assert "begun ahead of the end of the command: 2 heard, 2 thrown away (0.9 s of work)" in shown(found)


def test_every_turn_is_accounted_for() -> None:
    found = statistics_of(JOURNAL[1:])
    assert found.turns == {"answered": 10, "failed": 1, "interrupted": 1}
    assert found.failures == {"think: Ollama does not answer": 1}
    assert found.events == {"microphone_lost": 1, "microphone_found": 1}


def test_percentiles_are_values_that_were_measured() -> None:
    found = statistics_of(JOURNAL[1:]).stages_ms["transcribe"]
    assert (found.count, found.p50, found.p90, found.p99, found.worst) == (10, 500, 900, 1000, 1000)


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_percentiles_are_in_order_and_among_the_values(values: list[float]) -> None:
    found = percentiles(values)
    assert found.p50 <= found.p90 <= found.p99 <= found.worst == max(values)
    assert {found.p50, found.p90, found.p99} <= set(values)


def test_near_misses_come_with_a_hint_for_the_threshold() -> None:
    assert "“hey jarvis”: heard 12 times, nearly 3 times (scores 0.35 to 0.44)" in shown(statistics_of(JOURNAL[1:]))
    assert any("lower the threshold of this word, to 0.35" in row for row in shown(statistics_of(JOURNAL[1:])))


def test_a_journal_without_turns_says_so() -> None:
    assert shown(statistics_of([])) == ["nothing yet: no turn, and nothing like a wake word"]


def test_the_table_is_printed_for_a_person_and_as_json_for_a_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = journal_file(tmp_path)
    assert main(["stats", "--from", str(file)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("12 turns: 10 answered, 1 failed, 1 interrupted\n")
    assert "first sound       10    1005    1009    1010    1010\n" in printed
    assert main(["stats", "--from", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["turns"] == {"total": 12, "answered": 10, "failed": 1, "interrupted": 1}
    assert told["stages_ms"]["endpoint"]["p50"] == 800


def test_entries_that_are_damaged_binary_or_of_others_do_no_harm(tmp_path: Path) -> None:
    blob = list(b"think")
    lines = [
        "no json", "[]", "17", '{"JV_EVENT": null}', '{"JV_EVENT": "turn_complete"}',
        json.dumps(turn(1, "failed", JV_MS="many") | {"JV_STAGE": blob, "JV_REASON": [0xFF, 0x41]}),
    ]  # fmt: skip
    found = statistics_of(entries(journal_file(tmp_path, *lines).read_text().splitlines()))
    assert found.turns == {"answered": 10, "failed": 2, "interrupted": 1, "unknown": 1}
    assert found.failures["think: \ufffdA"] == 1


def test_a_file_that_is_not_there_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--from", "/nowhere/journal"]) == 1
    assert capsys.readouterr().err == "jetson-voice: /nowhere/journal: No such file or directory\n"
