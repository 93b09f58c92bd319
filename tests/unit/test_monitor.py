"""What `status` and `monitor` show."""

from __future__ import annotations

from dataclasses import replace

from jetson_voice.control_protocol import Answer, Happened, Heard, Missed, Report
from jetson_voice.live import Status, Turn
from jetson_voice.monitor import BAR_CELLS, EVENTS_SHOWN, View, lines_of, meter_of, screen_of, status_lines

TURN = Turn("answered", "", "", "", {"endpoint": 800, "transcribe": 400, "think": 300, "synthesize": 200}, 1700)
STATUS = Status(
    "listening", is_muted=False, volume_percent=80, wake_thresholds={"hey jarvis": 0.5}, turns=3, last_turn=TURN
)


def screen(*news: Answer, width: int = 100) -> str:
    view = View()
    for item in news:
        view = view.after(item)
    return "\n".join(screen_of(view, width))


def test_the_status_tells_state_volume_and_where_the_time_went() -> None:
    shown = "\n".join(status_lines(STATUS))
    assert "state      listening" in shown
    assert "not muted, volume 80 %" in shown
    assert "first sound after 1700 ms: endpoint 800 ms, transcribe 400 ms, think 300 ms, synthesize 200 ms" in shown
    assert "user:" not in shown


def test_what_was_said_is_shown_when_it_is_told() -> None:
    shown = "\n".join(status_lines(replace(STATUS, last_turn=replace(TURN, said="Water?", answer="Water. "))))
    assert "user: Water?" in shown
    assert "assistant: Water." in shown


def test_the_reason_of_a_failure_is_shown() -> None:
    failed = replace(TURN, outcome="failed", failure="think: Ollama does not answer", first_sound_ms=None)
    assert "failed (think: Ollama does not answer)" in "\n".join(status_lines(replace(STATUS, last_turn=failed)))


def test_the_bar_is_as_long_as_the_score_is_high_and_marks_the_threshold() -> None:
    assert meter_of("hey jarvis", 0.0, 0.5).count("█") == 0
    assert meter_of("hey jarvis", 1.0, 0.5).count("█") == BAR_CELLS - 1
    for score in (0.0, 0.3, 0.5, 1.0):
        assert meter_of("hey jarvis", score, 0.5).index("┃") == len(f"{'hey jarvis':<16} ") + BAR_CELLS // 2


def test_a_score_at_the_threshold_is_shown_as_heard() -> None:
    assert meter_of("hey jarvis", 0.5, 0.5).endswith("heard")
    assert not meter_of("hey jarvis", 0.49, 0.5).endswith("heard")


def test_the_meter_falls_when_no_sound_is_worth_a_score() -> None:
    assert "0.61" in screen(Report(STATUS), Heard({"hey jarvis": 0.61}))
    assert "0.61" not in screen(Report(STATUS), Heard({"hey jarvis": 0.61}), Heard({}))


def test_the_last_events_are_shown_and_the_picture_does_not_grow() -> None:
    events = [Happened({"event": "wake_heard", "at": float(at), "word": f"word {at}"}) for at in range(50)]
    shown = screen(Report(STATUS), *events)
    assert "word 49" in shown
    assert f"word {50 - EVENTS_SHOWN - 1}\n" not in shown
    assert len(shown.splitlines()) < 24


def test_no_line_is_longer_than_the_terminal_is_wide() -> None:
    long = Happened({"event": "transcribed", "at": 1.0, "text": "a" * 500})
    assert max(map(len, screen(Report(STATUS), long, width=40).splitlines())) < 40


def test_outside_a_terminal_an_event_is_a_line_and_scores_are_none() -> None:
    assert lines_of(Happened({"event": "transcribed", "at": 12.345, "text": "Water?", "language": "en"})) == [
        "    12.35 s  transcribed      text: Water?, language: en"
    ]
    assert lines_of(Heard({"hey jarvis": 0.1})) == []
    assert lines_of(Missed(3)) == ["(3 lines were missed)"]


def test_a_text_that_is_not_told_is_shown_by_its_length() -> None:
    assert lines_of(Happened({"event": "transcribed", "at": 1.0, "text": 14}))[0].endswith("text: (14 characters)")
