"""Manners between two turns: who may speak without the wake word, and how a conversation ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conversations import Performance, Program, Scenario, assert_golden, perform
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.endpointing import FollowUp
from jetson_voice.protocols import StageError, TooSlowError
from scripted import FRAME_SECONDS, UNCLEAR, Answer, Said, speech, wake

LISTENS_ON = FollowUp(4.0, after_question_seconds=8.0)
COMMAND = [wake(0.96), speech(1.76, 1.6)]
PARIS = Answer(["The capital of France is Paris."])
ANSWERED_AT = 7.59
MADRID = Answer(["Madrid."])
QUESTION = Answer(["Shall I tell you more about Paris?"])


def conversation(said: Sequence[Said], transcripts: Sequence[str | StageError], answers: Sequence[Answer]) -> Scenario:
    return Scenario([*COMMAND, *said], transcripts, answers, 40, follow_up=LISTENS_ON)


def outcomes(performance: Performance) -> list[str]:
    return [event["outcome"] for event in performance.named("turn_ended")]


def test_soon_after_an_answer_the_next_question_needs_no_wake_word() -> None:
    performance = perform(conversation([speech(9.6, 1.2)], ["France?", "And Spain?"], [PARIS, MADRID]))
    assert_golden("follow_up", performance)
    assert performance.named("follow_up_awaited")[0]["at"] == ANSWERED_AT
    assert [message.content for message in performance.history][2:] == ["And Spain?", "Madrid."]


def test_later_it_needs_the_wake_word_again() -> None:
    performance = perform(conversation([speech(12.0, 1.2)], ["France?"], [PARIS]))
    assert outcomes(performance) == ["answered"]
    assert performance.named("follow_up_over")[0]["at"] == pytest.approx(ANSWERED_AT + 4.0, abs=2 * FRAME_SECONDS)


def test_a_question_of_the_assistant_leaves_more_time_to_answer() -> None:
    performance = perform(conversation([speech(14.4, 1.2)], ["France?", "Yes please."], [QUESTION, MADRID]))
    assert performance.named("follow_up_awaited")[0]["seconds"] == 8.0
    assert outcomes(performance) == ["answered", "answered"]
    assert performance.named("turn_ended")[0]["asks"]


def test_the_wake_word_may_be_said_all_the_same() -> None:
    said = [wake(8.8), speech(9.6, 1.2)]
    performance = perform(conversation(said, ["France?", "And Spain?"], [PARIS, MADRID]))
    assert outcomes(performance) == ["answered", "answered"]
    assert not performance.named("follow_up_over")[:-1]


def test_a_conversation_goes_on_as_long_as_somebody_speaks() -> None:
    said = [speech(9.6, 1.2), speech(14.4, 1.2)]
    performance = perform(conversation(said, ["France?", "Spain?", "Italy?"], [PARIS, MADRID, Answer(["Rome."])]))
    assert outcomes(performance) == ["answered"] * 3


@pytest.mark.parametrize("phrase", ["Never mind.", "Thank you!", "好了。", "没事了"])
def test_an_exit_phrase_ends_the_conversation_without_an_answer(phrase: str) -> None:
    said = [speech(9.6, 1.2), speech(12.8, 1.2)]
    performance = perform(conversation(said, ["France?", phrase], [PARIS]))
    assert outcomes(performance) == ["answered", "dismissed"]
    assert len(performance.named("follow_up_awaited")) == 1
    assert [message.content for message in performance.history] == ["France?", "The capital of France is Paris."]


def test_an_exit_phrase_after_the_wake_word_silences_the_answer_and_no_more() -> None:
    performance = perform(conversation([wake(6.0), speech(6.8, 0.8)], ["France?", "Stop."], [PARIS]))
    assert outcomes(performance) == ["interrupted", "dismissed"]


def test_thanks_with_a_yes_are_the_answer_to_a_question_of_the_assistant() -> None:
    performance = perform(conversation([speech(9.6, 1.2)], ["France?", "Okay, thanks."], [QUESTION, PARIS]))
    assert outcomes(performance) == ["answered", "answered"]


def test_a_cough_after_an_answer_is_no_question() -> None:
    performance = perform(conversation([speech(9.6, 0.08)], ["France?"], [PARIS]))
    assert outcomes(performance) == ["answered"]


def test_the_echo_of_its_own_answer_is_no_question() -> None:
    echo = "the capital of France is Paris"
    performance = perform(conversation([speech(8.0, 1.2)], ["France?", echo], [PARIS]))
    assert outcomes(performance) == ["answered", "nothing heard"]


def test_who_repeats_the_answer_after_the_wake_word_is_answered() -> None:
    said = [wake(8.8), speech(9.6, 1.2)]
    performance = perform(conversation(said, ["France?", "The capital of France is Paris."], [PARIS, MADRID]))
    assert outcomes(performance) == ["answered", "answered"]


def test_noise_after_an_answer_is_forgiven_silently_and_ends_the_conversation() -> None:
    said = [speech(9.6, 1.2), speech(13.6, 1.2)]
    performance = perform(conversation(said, ["France?", ""], [PARIS]))
    assert outcomes(performance) == ["answered", "nothing heard"]
    assert len(performance.named("speaking_started")) == 1


def test_who_cannot_be_understood_is_asked_to_say_it_again_and_needs_no_wake_word_for_it() -> None:
    performance = perform(conversation([speech(10.4, 1.2)], [UNCLEAR, "France?"], [PARIS]))
    assert performance.named("speaking_started")[0]["spoken"] == "Sorry, I did not catch that. Please say it again."
    assert outcomes(performance) == ["not understood", "answered"]


def test_murmurs_without_the_wake_word_are_not_asked_about() -> None:
    performance = perform(conversation([speech(9.6, 1.2)], ["France?", UNCLEAR], [PARIS]))
    assert outcomes(performance) == ["answered", "nothing heard"]


def test_a_language_model_that_takes_too_long_is_told_as_such() -> None:
    slow = Answer([], error=TooSlowError("think", "Ollama stalled: no word for 90 s"))
    performance = perform(conversation([], ["France?"], [slow]))
    assert performance.named("speaking_started")[0]["spoken"] == "Sorry, that took me too long. Please ask again."
    assert outcomes(performance) == ["failed"]


def test_a_program_need_not_wait_while_nobody_follows_up() -> None:
    scenario = conversation([], ["France?"], [PARIS])
    performance = perform(replace(scenario, programs=[Program(8.5, Say("Dinner is ready."))]))
    assert performance.named("requested")[0]["at"] == pytest.approx(8.5, abs=FRAME_SECONDS)
    assert outcomes(performance) == ["answered", "said"]


def test_a_program_does_not_cut_off_who_follows_up() -> None:
    scenario = conversation([speech(8.8, 2.4)], ["France?", "And Spain?"], [PARIS, MADRID])
    performance = perform(replace(scenario, programs=[Program(9.6, Ask("Italy?"))]), strict=False)
    assert [message.content for message in performance.history][2:4] == ["And Spain?", "Madrid."]


def test_told_to_stop_it_listens_on_no_longer() -> None:
    scenario = conversation([speech(9.6, 1.2)], ["France?"], [PARIS])
    performance = perform(replace(scenario, programs=[Program(8.5, "stop")]))
    assert outcomes(performance) == ["answered"]
    assert performance.named("follow_up_over")[0]["at"] == 8.5


def test_what_a_program_wants_is_no_conversation() -> None:
    performance = perform(Scenario([], answers=[PARIS], programs=[Program(1.0, Ask("France?"))], follow_up=LISTENS_ON))
    assert not performance.named("follow_up_awaited")


def test_with_follow_ups_off_the_wake_word_is_always_needed() -> None:
    performance = perform(Scenario([*COMMAND, speech(9.6, 1.2)], ["France?"], [PARIS]))
    assert outcomes(performance) == ["answered"]
    assert not performance.named("follow_up_awaited")
