"""What the bench prints, writes and draws."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from jetson_voice.audio import Clip, RecordingError, write_wav
from jetson_voice.bench.barge_in import BargeIns, Silencing, measured
from jetson_voice.bench.pages import bars, markdown, segments, write
from jetson_voice.bench.picture import Axis, svg_of
from jetson_voice.bench.report import Results, json_of, line_of, tables
from jetson_voice.bench.turns import recorded
from jetson_voice.bench.waterfall import Mode, Turn, Waterfall
from recordings import silence

SVG = "{http://www.w3.org/2000/svg}"
AHEAD = Waterfall(0.25, 0.5, 0.55, 0.6, 0.7, 0.84, 0.9)
LATER = Waterfall(0.85, 1.8, 1.9, 2.2, 2.5, 0.84, 2.7)


def turn(mode: Mode, waterfall: Waterfall | None, *, dropped: int = 0) -> Turn:
    outcome = "answered" if waterfall else "nothing heard"
    return Turn(mode, "Hey & <Jarvis>?", outcome, "", "", waterfall, dropped, 0.5 * dropped, 2.0)


RESULTS = Results(
    "2026-01-01, a <machine>",
    [
        turn("default", AHEAD, dropped=2),
        turn("tutorial", LATER),
        turn("default", LATER),
        turn("tutorial", LATER),
        turn("default", AHEAD),
        turn("tutorial", None),
    ],
    830.0,
    BargeIns(2, [Silencing(0.06, 0.1), Silencing(0.08, 0.2)], unmeasured=1),
)


def test_the_tables_give_percentiles_of_every_stage_and_compare_the_medians() -> None:
    text = markdown(RESULTS)
    assert "## default: 3 of 3 turns measured" in text
    assert "| first sample heard | 900 | 2700 | 2700 | 2700 |" in text
    assert "| the same, where its sound was ready by then | 60 | 60 | 60 | 60 |" in text
    assert "Begun in vain: 2 times, 1.0 s of work thrown away." in text
    assert "## tutorial: 2 of 3 turns measured" in text
    assert "default is 0.33 of tutorial (900 of 2700 ms)" in text
    assert "## barge-in: 2 of 2 measured" in text
    assert "| detection → last sample of the old answer | 60 | 80 | 80 | 80 |" in text
    assert "models of the daemon loaded: 830 MiB" in text
    assert "1 more met a silent moment" in text


def test_a_mode_that_was_never_answered_is_shown_without_figures() -> None:
    results = Results("", [turn("default", AHEAD), turn("tutorial", None)], 830.0, None)
    assert [table.title for table in tables(results)] == [
        "default: 1 of 1 turns measured",
        "tutorial: 0 of 1 turns measured",
        "All of it",
    ]
    assert [bar.name for bar in bars(results)] == ["default"]


def test_a_turn_is_one_line() -> None:
    assert line_of(turn("default", AHEAD)).startswith("default     endpoint decided 840, transcript 500, ")
    assert line_of(turn("tutorial", None)) == "tutorial    not measured, nothing heard: Hey & <Jarvis>?"


def test_the_json_has_everything_turn_by_turn() -> None:
    everything = json.loads(json_of(RESULTS))
    assert len(everything["turns"]) == 6
    assert everything["turns"][0]["waterfall"]["first_sample_heard"] == 0.9
    assert everything["turns"][5]["waterfall"] is None
    assert everything["first_sound"]["default"]["p50"] == 0.9
    assert everything["barge_ins"]["silencings"][0]["after_detection"] == 0.06


def test_the_pages_are_whole_and_need_nothing_else(tmp_path: Path) -> None:
    write(RESULTS, tmp_path)
    picture = (tmp_path / "waterfall.svg").read_text(encoding="utf-8")
    page = (tmp_path / "waterfall.html").read_text(encoding="utf-8")
    assert picture in page
    assert "a &lt;machine&gt;" in page
    assert "<td>900</td>" in page
    assert "href" not in page
    assert "src=" not in page
    assert (tmp_path / "turns.md").read_text(encoding="utf-8").startswith("# How long the user waits")


def test_the_picture_shows_the_stages_of_the_median_turn_on_one_axis() -> None:
    root = ET.fromstring(svg_of(bars(RESULTS), "a <title>"))  # noqa: S314  our own
    groups = root.findall(f"{SVG}g")
    assert [group.findtext(f"{SVG}text") for group in groups] == ["default", "tutorial"]
    stages = [rect.get("class") for rect in groups[0].findall(f"{SVG}rect")]
    assert stages == ["silence", "transcribe", "think", "synthesize", "held", "play"]
    ends = [float(group.findall(f"{SVG}line")[1].get("x1", 0)) for group in groups]
    axis = Axis.up_to(2.7)
    assert ends == [axis.x(0.9), axis.x(2.7)]


def test_every_stage_begins_where_the_one_before_it_ends() -> None:
    for waterfall in (AHEAD, LATER):
        silent, *work = segments(waterfall)
        assert (silent.begin, silent.end) == (0.0, waterfall.endpoint)
        assert work[0].begin == waterfall.transcription_begun
        assert work[-1].end == waterfall.first_sample_heard
        assert all(one.end == after.begin for one, after in pairwise(work))


@pytest.mark.parametrize(("worst", "seconds", "step"), [(0.93, 1.0, 0.1), (2.7, 3.0, 0.5), (7.0, 7.0, 1.0)])
def test_the_axis_is_as_long_as_the_worst_turn_in_round_steps(worst: float, seconds: float, step: float) -> None:
    axis = Axis.up_to(worst)
    assert axis.seconds == pytest.approx(seconds)
    assert axis.step == step


def test_a_wake_word_in_a_silent_moment_of_the_answer_has_measured_nothing() -> None:
    assert measured([Silencing(-0.2, 0.0), Silencing(0.07, 0.1)]) == [Silencing(0.07, 0.1)]


def test_questions_are_the_recordings_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no WAV file"):
        recorded(tmp_path)
    for name in ("b.wav", "a.WAV"):
        write_wav(tmp_path / name, silence(1.0))
    (tmp_path / "notes.txt").write_text("not a question")
    questions = recorded(tmp_path)
    assert list(questions) == ["a.WAV", "b.wav"]
    assert isinstance(questions["b.wav"], Clip)
    assert questions["b.wav"].seconds == pytest.approx(1.5)
