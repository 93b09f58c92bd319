"""How long a pause must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.config import Listen
from jetson_voice.patience import Patience

TEXTS = st.sampled_from(["", "Set a timer for", "Set a timer", "Set a timer for ten minutes.", "帮我把", "几点了？"])


@given(st.floats(0, 1), TEXTS)
def test_without_a_turn_detector_the_wait_is_always_the_same(completeness: float, text: str) -> None:
    assert (
        Listen(turn_detector="off", end_silence_seconds=0.9).patience.needed(completeness, text, is_answered=True)
        == 0.9
    )


@given(st.floats(0, 1), st.floats(0, 1), TEXTS)
def test_what_sounds_more_complete_is_never_waited_for_longer(one: float, other: float, text: str) -> None:
    patience = Listen().patience
    assert patience.needed(max(one, other), text, is_answered=True) <= patience.needed(
        min(one, other), text, is_answered=True
    )


@given(st.floats(0, 1), TEXTS)
def test_the_wait_is_within_its_limits(completeness: float, text: str) -> None:
    listen = Listen()
    wait = listen.patience.needed(completeness, text, is_answered=True)
    assert listen.end_silence_shortest_seconds <= wait <= listen.end_silence_longest_seconds


@pytest.mark.parametrize("seconds", [0.3, 3.0])
def test_the_usual_wait_moves_the_limits_that_it_passes(seconds: float) -> None:
    patience = Listen(end_silence_seconds=seconds).patience
    assert patience.shortest_seconds <= patience.seconds == seconds <= patience.longest_seconds


@given(st.floats(0, 1), TEXTS)
def test_while_there_is_nothing_to_be_heard_it_waits_as_long_as_it_may(completeness: float, text: str) -> None:
    assert Patience(0.5, 0.8, 1.2).needed(completeness, text, is_answered=False) == 1.2


def test_nothing_that_was_understood_is_not_complete() -> None:
    assert Patience(0.5, 0.8, 1.2).needed(1.0, "", is_answered=True) == 1.2


def test_a_whole_sentence_is_waited_for_the_less_the_more_complete_it_sounds() -> None:
    waits = [Patience(0.5, 1.0, 1.5).needed(each, "What time is it?", is_answered=True) for each in (0.9, 0.95, 1.0)]
    assert waits[0] == 1.0
    assert 0.6 < waits[1] < 0.9
    assert waits[2] == 0.5


def test_words_that_do_not_tell_are_waited_for_as_usual_however_complete_they_sound() -> None:
    assert Patience(0.5, 0.8, 1.2).needed(1.0, "light", is_answered=True) == 0.8
