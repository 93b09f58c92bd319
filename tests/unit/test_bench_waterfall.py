"""What the bench makes of the moments of a turn."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import pytest

from jetson_voice.bench.waterfall import (
    FirstToken,
    Mode,
    Moment,
    Moments,
    SpeechMade,
    TranscriptionBegun,
    Waterfall,
    schedule,
    wasted_seconds,
    waterfall_of,
)
from jetson_voice.events import (
    CommandHeard,
    SentenceReady,
    SpeakingStarted,
    SpeculationDropped,
    Transcribed,
    TurnEnded,
    WakeHeard,
    WorkedAhead,
)

WAKE: tuple[Moment, float] = (WakeHeard("hey jarvis", 0.9, 1.0), 101.0)
ENDED_AT = 103.0
ONE_AFTER_ANOTHER: Moments = [
    WAKE,
    (CommandHeard(3.0, 3.0, 0.8), 103.84),
    (TranscriptionBegun(), 103.85),
    (Transcribed("France?", "en"), 104.5),
    (FirstToken(), 104.6),
    (SentenceReady("Paris. ", "Paris."), 104.9),
    (SpeechMade(), 105.1),
    (SpeakingStarted("Paris."), 105.1),
    (SpeechMade(), 106.0),
    (TurnEnded("answered"), 107.0),
]
AHEAD: Moments = [
    WAKE,
    (TranscriptionBegun(), 103.25),
    (WorkedAhead("transcribe"), 103.5),
    (FirstToken(), 103.55),
    (WorkedAhead("think"), 103.6),
    (SpeechMade(), 103.7),
    (WorkedAhead("synthesize"), 103.7),
    (CommandHeard(3.0, 3.0, 0.8), 103.84),
    (Transcribed("France?", "en"), 103.841),
    (SentenceReady("Paris. ", "Paris."), 103.842),
    (SpeakingStarted("Paris."), 103.85),
    (TurnEnded("answered"), 105.0),
]
DROPPED: Moments = [
    (TranscriptionBegun(), 102.0),
    (WorkedAhead("transcribe"), 102.2),
    (FirstToken(), 102.3),
    (WorkedAhead("think"), 102.35),
    (SpeechMade(), 102.4),
    (SpeculationDropped(0.56), 102.5),
]


def test_each_moment_counts_from_the_last_sound_of_the_question() -> None:
    waterfall = whole(waterfall_of(ONE_AFTER_ANOTHER, ended_at=ENDED_AT, heard_at=105.2))
    assert astuple(waterfall) == pytest.approx((0.85, 1.5, 1.6, 1.9, 2.1, 0.84, 2.2))
    assert (waterfall.is_ahead, waterfall.was_ready) == (False, False)


def test_what_was_made_ahead_came_when_it_was_made_and_not_when_it_was_told() -> None:
    waterfall = whole(waterfall_of(AHEAD, ended_at=ENDED_AT, heard_at=103.9))
    assert astuple(waterfall) == pytest.approx((0.25, 0.5, 0.55, 0.6, 0.7, 0.84, 0.9))
    assert (waterfall.is_ahead, waterfall.was_ready) == (True, True)
    assert waterfall.after_endpoint == pytest.approx(0.06)


def test_what_was_made_for_a_pause_that_was_no_end_is_no_part_of_the_waterfall_but_is_counted() -> None:
    happened = [WAKE, *DROPPED, *AHEAD[1:]]
    assert waterfall_of(happened, ended_at=ENDED_AT, heard_at=103.9) == waterfall_of(
        AHEAD, ended_at=ENDED_AT, heard_at=103.9
    )
    assert wasted_seconds(happened) == [pytest.approx(0.5)]


def test_a_pause_at_which_nothing_was_begun_wastes_nothing() -> None:
    assert wasted_seconds([WAKE, (SpeculationDropped(0.56), 102.5), *ONE_AFTER_ANOTHER[1:]]) == []


@pytest.mark.parametrize("missing", range(1, 7))
def test_a_turn_without_all_of_its_moments_has_no_waterfall(missing: int) -> None:
    happened = [each for index, each in enumerate(ONE_AFTER_ANOTHER[:8]) if index != missing]
    assert waterfall_of(happened, ended_at=ENDED_AT, heard_at=105.2) is None


def test_every_mode_is_asked_every_question_and_never_what_the_one_before_was_asked() -> None:
    modes: list[Mode] = ["default", "sequential", "tutorial"]
    questions = list("abcdefghijkl")
    turns = schedule(modes, questions, len(questions))
    for mode in modes:
        assert sorted(question for each, question in turns if each == mode) == questions
    asked = [question for _, question in turns]
    assert all(one != next_one for one, next_one in pairwise(asked))
    assert [mode for mode, _ in turns[:4]] == [*modes, "default"]


def test_one_question_is_enough() -> None:
    assert schedule(["default", "tutorial"], ["a"], 2) == [("default", "a"), ("tutorial", "a")] * 2


def whole(waterfall: Waterfall | None) -> Waterfall:
    assert waterfall is not None
    return waterfall
