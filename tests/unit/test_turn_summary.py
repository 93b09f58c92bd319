from __future__ import annotations

from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    NothingHeard,
    Requested,
    SentenceReady,
    Silenced,
    SpeakingEnded,
    SpeakingStarted,
    SpeculationDropped,
    Transcribed,
    TurnEnded,
    TurnFailed,
    WakeHeard,
    WorkedAhead,
)
from jetson_voice.turn_summary import Turns, TurnSummary

WAKE = WakeHeard("hey jarvis", 0.93, 1.0)
COMMAND: list[tuple[Event, float]] = [(WAKE, 1.0), (CommandHeard(2.1, 2.2, 0.8), 3.0)]
ANSWER: list[tuple[Event, float]] = [
    (Transcribed("What is it?", "en"), 3.64),
    (SentenceReady("A test. ", "A test."), 4.0),
    (SpeakingStarted("A test."), 4.12),
    (SentenceReady("Really.", "Really."), 4.5),
    (SpeakingEnded("A test. ", 1.5), 5.62),
    (SpeakingStarted("Really."), 5.62),
    (SpeakingEnded("Really.", 1.0), 6.62),
]


def summaries(*happened: tuple[Event, float]) -> list[TurnSummary]:
    turns = Turns()
    return [summary for event, at in happened if (summary := turns.after(event, at))]


def test_an_answered_turn_tells_what_each_stage_let_the_user_wait() -> None:
    (summary,) = summaries(*COMMAND, *ANSWER, (TurnEnded("answered"), 6.62))
    assert summary.waits_ms == {"endpoint": 800, "transcribe": 640, "think": 360, "synthesize": 120}
    assert summary.first_sound_ms == 1920
    assert summary.spoken_seconds == 2.5
    assert summary.line == (
        "turn 1: answered; command of 2.1 s; "
        "first sound after 1920 ms (endpoint 800, transcribe 640, think 360, synthesize 120); spoke 2.5 s"
    )


def test_an_answer_begun_before_the_end_of_the_command_is_told_as_such() -> None:
    ahead: list[tuple[Event, float]] = [(WorkedAhead("transcribe"), 2.8), (WorkedAhead("think"), 2.95)]
    (summary,) = summaries(*COMMAND[:1], *ahead, *COMMAND[1:], *ANSWER, (TurnEnded("answered"), 6.62))
    assert summary.was_ahead
    assert summary.fields["ahead"] == "yes"


def test_beginnings_that_were_thrown_away_are_counted_with_the_work_they_cost() -> None:
    missed: list[tuple[Event, float]] = [
        (WorkedAhead("transcribe"), 1.8),
        (SpeculationDropped(0.4), 2.0),
        (SpeculationDropped(0.2), 2.5),
    ]
    (summary,) = summaries(*COMMAND[:1], *missed, *COMMAND[1:], *ANSWER, (TurnEnded("answered"), 6.62))
    assert not summary.was_ahead
    assert (summary.fields["dropped"], summary.fields["dropped_ms"]) == (2, 600)
    assert "2 dropped beginnings of an answer" in summary.line


def test_the_fields_of_a_turn_hold_all_that_its_line_holds() -> None:
    (summary,) = summaries(*COMMAND, *ANSWER, (TurnEnded("answered"), 6.62))
    assert summary.fields == {
        "turn": 1,
        "outcome": "answered",
        "word": "hey jarvis",
        "score": 0.93,
        "ms": 1920,
        "endpoint_ms": 800,
        "transcribe_ms": 640,
        "think_ms": 360,
        "synthesize_ms": 120,
        "spoken_seconds": 2.5,
    }


def test_the_wake_word_that_interrupts_an_answer_belongs_to_the_next_turn() -> None:
    again = WakeHeard("alexa", 0.7, 4.5)
    interrupted, nothing = summaries(
        *COMMAND,
        *ANSWER[:3],
        (again, 4.5),
        (SpeakingEnded("A", 0.4), 4.6),
        (Interrupted("alexa"), 4.6),
        (TurnEnded("interrupted"), 4.6),
        (NothingHeard(), 9.6),
        (TurnEnded("nothing heard"), 9.6),
    )
    assert (interrupted.wake, interrupted.interrupted_by) == (WAKE, "“alexa”")
    assert interrupted.line.startswith("turn 1: interrupted by “alexa”; ")
    assert (nothing.number, nothing.wake, nothing.line) == (2, again, "turn 2: nothing heard")


def test_a_failed_turn_names_the_stage_and_its_apology_is_no_answer() -> None:
    (summary,) = summaries(
        *COMMAND,
        (Transcribed("What is it?", "en"), 3.5),
        (TurnFailed("think", "Ollama does not answer"), 5.5),
        (SpeakingStarted("Sorry."), 5.6),
        (SpeakingEnded("Sorry.", 1.0), 6.6),
        (TurnEnded("failed"), 6.6),
    )
    assert summary.first_sound_ms is None
    assert summary.waits_ms == {"endpoint": 800, "transcribe": 500}
    assert summary.line == "turn 1: failed at think (Ollama does not answer); command of 2.1 s; spoke 1.0 s"
    assert (summary.fields["stage"], summary.fields["reason"]) == ("think", "Ollama does not answer")


def test_a_wake_word_said_twice_before_the_command_is_one_turn() -> None:
    again = WakeHeard("hey jarvis", 0.8, 1.6)
    (summary,) = summaries(COMMAND[0], (again, 1.6), COMMAND[1], *ANSWER, (TurnEnded("answered"), 6.62))
    assert summary.wake == again


def test_a_command_after_the_tail_of_the_wake_word_is_timed_by_itself() -> None:
    (summary,) = summaries(
        (WAKE, 1.0),
        (CommandHeard(0.4, 1.1, 0.8), 1.9),
        (NothingHeard(), 2.4),
        COMMAND[1],
        *ANSWER,
        (TurnEnded("answered"), 6.62),
    )
    assert (summary.command_seconds, summary.waits_ms["transcribe"]) == (2.1, 640)


def test_a_turn_that_a_program_asked_for_is_timed_from_its_request() -> None:
    answer = [(event, at) for event, at in ANSWER if not isinstance(event, Transcribed)]
    (summary,) = summaries((Requested("ask", "What is it?"), 3.0), *answer, (TurnEnded("answered"), 6.62))
    assert summary.waits_ms == {"think": 1000, "synthesize": 120}
    assert (summary.first_sound_ms, summary.wake, summary.command_seconds) == (1120, None, 0.0)


def test_every_turn_has_a_number_of_its_own() -> None:
    turn = (*COMMAND, *ANSWER, (TurnEnded("answered"), 6.62))
    assert [each.number for each in summaries(*turn, *turn, *turn)] == [1, 2, 3]


def test_a_stop_word_is_told_as_one_and_its_words_are_not() -> None:
    [stopped] = summaries(*COMMAND, *ANSWER[:3], (Silenced("Stop it, Anna"), 4.6), (TurnEnded("stopped"), 4.6))
    assert stopped.line.startswith("turn 1: stopped by a stop word; ")
    assert "Anna" not in str(stopped.fields)
