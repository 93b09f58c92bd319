"""The answer is begun at the first pause, and heard only if that was the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conversations import SPECULATION, Performance, Program, Scenario, assert_golden, perform
from jetson_voice.protocols import StageError
from scripted import FRAME_SECONDS, WAKE_SECONDS, Answer, Said, ScriptedVoice, speech, wake

PARIS = Answer(["The capital", " of France", " is Paris. ", "It lies on", " the Seine."], first_chunk_seconds=0.1)
MADRID = Answer(["Madrid is."], first_chunk_seconds=0.1)
SPOKEN_UNTIL = 3.36
QUESTION = [wake(0.96), speech(1.76, 1.6)]
WITH_A_PAUSE = [*QUESTION, speech(SPOKEN_UNTIL + 0.64, 1.2)]
"""The user thinks for 0.64 s in the middle: longer than it takes to begin an answer, shorter than an end."""


def speculating(
    said: Sequence[Said], transcripts: Sequence[str | StageError], answers: Sequence[Answer], *programs: Program
) -> Performance:
    voice = ScriptedVoice(seconds=0.1)
    scenario = Scenario(said, transcripts, answers, 30, voice=voice, programs=programs)
    return perform(replace(scenario, rules=SPECULATION, transcribe_seconds=0.1))


def outcomes(performance: Performance) -> list[str]:
    return [event["outcome"] for event in performance.named("turn_ended")]


def test_when_the_pause_was_the_end_the_answer_is_heard_at_once() -> None:
    performance = speculating(QUESTION, ["What is the capital of France?"], [PARIS])
    assert_golden("speculation_hits", performance)
    heard, first_sound = performance.named("command_heard")[0], performance.named("speaking_started")[0]
    assert first_sound["at"] == heard["at"] == pytest.approx(SPOKEN_UNTIL + 0.8)
    assert [event["stage"] for event in performance.named("worked_ahead")[:3]] == ["transcribe", "think", "synthesize"]


def test_an_answer_that_is_not_ready_at_the_end_is_heard_as_soon_as_it_is() -> None:
    slow = Answer(["Paris is."], first_chunk_seconds=2.0)
    performance = speculating(QUESTION, ["France?"], [slow])
    first_sound = performance.named("speaking_started")[0]
    assert first_sound["at"] == pytest.approx(SPOKEN_UNTIL + 0.24 + 0.1 + 2.0 + 0.05 + 0.1)


def test_who_goes_on_speaking_hears_nothing_of_the_answer_to_the_first_half() -> None:
    performance = speculating(WITH_A_PAUSE, ["What is the capital", "What is the capital of Spain?"], [PARIS, MADRID])
    assert_golden("speculation_misses", performance)
    assert [event["spoken"] for event in performance.named("speaking_started")] == ["Madrid is."]
    assert [event["text"] for event in performance.named("transcribed")] == ["What is the capital of Spain?"]
    assert len(performance.named("speculation_dropped")) == 1


def test_the_answer_to_the_first_half_leaves_no_trace_in_the_conversation_and_no_open_stream() -> None:
    performance = speculating(WITH_A_PAUSE, ["What is the capital", "What is the capital of Spain?"], [PARIS, MADRID])
    assert [message.content for message in performance.history] == ["What is the capital of Spain?", "Madrid is."]
    assert [[message.content for message in request[1:]] for request in performance.requests] == [
        ["What is the capital"],
        ["What is the capital of Spain?"],
    ]
    assert performance.open_streams == 0


def test_the_language_model_reads_the_conversation_while_the_user_is_still_speaking() -> None:
    said = [*QUESTION, wake(12.0), speech(12.8, 1.6)]
    answers = [Answer(["Hi"]), PARIS, Answer(["Hi"]), MADRID]
    performance = perform(Scenario(said, ["France?", "Spain?"], answers, 30, prepares=True))
    first, question, prepared, follow_up = [[each.content for each in asked] for asked in performance.requests]
    assert first == ["Be brief.", "Hi"]
    assert question == ["Be brief.", "France?"]
    assert prepared[:-1] == follow_up[:-1] == [*question, "".join(PARIS.chunks)]


def test_preparations_that_take_long_are_broken_off_by_the_command() -> None:
    answers = [Answer(["Hi"], first_chunk_seconds=10.0), MADRID]
    performance = perform(Scenario(QUESTION, ["Spain?"], answers, 30, prepares=True))
    assert outcomes(performance) == ["answered"]
    assert performance.open_streams == 0


def test_a_language_model_that_cannot_be_prepared_is_told_of_only_if_it_cannot_answer_either() -> None:
    answers = [Answer([], error=StageError("think", "no answer")), MADRID]
    performance = perform(Scenario(QUESTION, ["Spain?"], answers, 30, prepares=True))
    assert not performance.named("turn_failed")


def test_an_exit_phrase_that_goes_on_is_none() -> None:
    performance = speculating(WITH_A_PAUSE, ["Thank you", "Thank you is what in Chinese?"], [MADRID])
    assert outcomes(performance) == ["answered"]


def test_a_failure_is_told_only_when_the_command_is_over() -> None:
    broken = Answer([], error=StageError("think", "Ollama does not answer"))
    performance = speculating(QUESTION, ["France?"], [broken])
    assert performance.named("turn_failed")[0]["at"] == pytest.approx(SPOKEN_UNTIL + 0.8)
    assert outcomes(performance) == ["failed"]


def test_a_failure_with_the_first_half_of_a_command_is_nobodys_business() -> None:
    broken = Answer([], error=StageError("think", "Ollama does not answer"))
    performance = speculating(WITH_A_PAUSE, ["What is", "What is in Spain?"], [broken, MADRID])
    assert not performance.named("turn_failed")
    assert outcomes(performance) == ["answered"]


def test_the_wake_word_in_the_pause_begins_the_command_anew() -> None:
    said = [*QUESTION, wake(SPOKEN_UNTIL - 0.16), speech(SPOKEN_UNTIL + 0.64, 1.2)]
    performance = speculating(said, ["And Spain?"], [MADRID])
    assert not performance.named("interrupted")
    assert outcomes(performance) == ["answered"]


@pytest.mark.parametrize("frame", range(1, 13))
def test_the_wake_word_at_any_moment_of_the_pause_gets_its_answer(frame: int) -> None:
    detected_at = SPOKEN_UNTIL + frame * FRAME_SECONDS
    said = [*QUESTION[:1], speech(1.76, 0.8), wake(detected_at - WAKE_SECONDS), speech(detected_at + 0.08, 1.2)]
    performance = perform(Scenario(said, ["Spain?"] * 3, [MADRID] * 3, 30, rules=SPECULATION), strict=False)
    assert outcomes(performance)[-1] == "answered"
    assert performance.history[-1].content == "Madrid is."
    assert performance.open_streams == 0


def test_told_to_stop_in_the_pause_it_says_nothing() -> None:
    performance = speculating(QUESTION, ["France?"], [PARIS], Program(SPOKEN_UNTIL + 0.5, "stop"))
    assert outcomes(performance) == ["stopped"]
    assert not performance.named("speaking_started")
    assert performance.history == ()
