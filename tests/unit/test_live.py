"""How the assistant is, told from the events of whole conversations."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    NothingHeard,
    Ready,
    Requested,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    TurnFailed,
    WakeHeard,
)
from jetson_voice.live import Live

ANSWERED: list[tuple[Event, float]] = [
    (Ready(), 0.0),
    (WakeHeard("hey jarvis", 0.9, 1.0), 1.0),
    (CommandHeard(2.0, 3.0, 0.8), 3.8),
    (Transcribed("What is water?", "en"), 4.2),
    (SentenceReady("Water. ", "Water."), 4.5),
    (SpeakingStarted("Water."), 4.7),
    (SentenceReady("It is wet.", "It is wet."), 4.9),
    (SpeakingEnded("Water. ", 1.0), 5.7),
    (TurnEnded("answered"), 6.7),
]


def after(happened: Iterable[tuple[Event, float]]) -> Live:
    live = Live()
    for event, at in happened:
        live = live.after(event, at)
    return live


def test_each_stage_of_a_turn_is_told_with_its_time_to_the_first_sound() -> None:
    turn = after(ANSWERED).last_turn
    assert turn
    assert turn.stages_ms == {"endpoint": 800, "transcribe": 400, "think": 300, "synthesize": 200}
    assert turn.first_sound_ms == 1700
    assert (turn.outcome, turn.said, turn.answer) == ("answered", "What is water?", "Water. It is wet.")


def test_what_it_does_follows_the_turn() -> None:
    states = [after(ANSWERED[:count]).activity for count in range(len(ANSWERED) + 1)]
    assert states == ["loading", "listening", "hearing", *["thinking"] * 3, *["speaking"] * 3, "listening"]


def test_after_an_interruption_it_hears_the_next_command() -> None:
    interrupted = [
        *ANSWERED[:-1],
        (WakeHeard("a", 1, 5), 5.0),
        (Interrupted("a"), 5.0),
        (TurnEnded("interrupted"), 5.0),
    ]
    assert after(interrupted).activity == "hearing"


def test_without_words_it_hears_on_until_the_turn_is_over() -> None:
    begun = [*ANSWERED[:3], (NothingHeard(), 4.0)]
    assert after(begun).activity == "hearing"
    assert after([*begun, (TurnEnded("nothing heard"), 8.0)]).activity == "listening"


def test_a_turn_of_a_program_is_told_from_its_request_on() -> None:
    asked: list[tuple[Event, float]] = [(Ready(), 0.0), (Requested("ask", "Water?"), 1.0), *ANSWERED[4:]]
    turn = after(asked).last_turn
    assert turn
    assert turn.stages_ms == {"think": 3500, "synthesize": 200}
    assert turn.said == "Water?"


def test_a_failure_is_told_with_its_reason_and_no_first_sound() -> None:
    turn = after([*ANSWERED[:4], (TurnFailed("think", "gone"), 5.0), (TurnEnded("failed"), 5.1)]).last_turn
    assert turn
    assert (turn.outcome, turn.failure, turn.first_sound_ms) == ("failed", "think: gone", None)


@pytest.mark.parametrize(
    ("is_muted", "hears", "state"),
    [
        (False, True, "listening"),
        (True, True, "muted"),
        (True, False, "no microphone"),
        (False, False, "no microphone"),
    ],
)
def test_a_person_is_told_why_nothing_is_heard(is_muted: bool, hears: bool, state: str) -> None:
    assert after(ANSWERED).state(is_muted=is_muted, hears=hears) == state


def test_while_it_speaks_it_is_told_to_speak_though_it_is_muted() -> None:
    assert after(ANSWERED[:6]).state(is_muted=True, hears=True) == "speaking"
