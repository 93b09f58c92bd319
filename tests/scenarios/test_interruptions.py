"""What interrupts an answer beside the wake word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations import Program, Scenario, perform
from jetson_voice.audio import Echo
from jetson_voice.control_protocol import Say
from jetson_voice.conversation import CUT_MARK
from jetson_voice.exit_phrases import InterruptedBy
from jetson_voice.protocols import StageError
from scripted import FRAME_SECONDS, Answer, Said, speech, wake

COMMAND = [wake(0.96), speech(1.76, 1.6)]
STORY = Answer(["Once upon a time there was a fox. ", "The fox lived in a wood. ", "One day it met a hen. "] * 3)
PARIS = Answer(["The capital of France is Paris."])
REMARK_AT = 8.0
REMARK = speech(REMARK_AT, 0.48)


QUIET = Scenario(COMMAND, ["Tell me a story."], [STORY], 40, interrupted_by="stop-words")
UNDISTURBED = perform(QUIET)


def scene(*remarks: Said, understood: str | StageError) -> Scenario:
    """A story, and what is said in the middle of it."""
    return replace(QUIET, said=[*COMMAND, *remarks], transcripts=["Tell me a story.", understood])


@pytest.mark.parametrize("word", ["Stop!", "停", "别说了。", "Okay, stop it."])
def test_a_stop_word_during_the_answer_silences_it(word: str) -> None:
    performance = perform(scene(REMARK, understood=word))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["stopped"]
    [silenced] = performance.named("silenced")
    assert silenced["text"] == word
    # A silence of three frames, and the transcript.
    assert silenced["at"] <= REMARK.at + REMARK.seconds + 3 * FRAME_SECONDS + 0.4 + 0.001
    assert performance.history[-1].content.endswith(CUT_MARK)


def test_after_a_stop_word_nobody_needs_to_say_more_and_the_next_command_is_heard() -> None:
    said = [*COMMAND, REMARK, wake(14.0), speech(14.8, 1.6)]
    performance = perform(
        replace(QUIET, said=said, transcripts=["A story.", "Stop.", "France?"], answers=[STORY, PARIS])
    )
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["stopped", "answered"]
    assert not performance.named("follow_up_awaited")


@pytest.mark.parametrize("understood", ["", "No way.", "The bus stop.", StageError("transcribe", "out of memory")])
def test_other_short_words_make_the_answer_soft_for_a_moment_and_no_word_of_it_is_lost(
    understood: str | StageError,
) -> None:
    performance = perform(scene(REMARK, understood=understood))
    assert performance.history == UNDISTURBED.history
    assert performance.heard_seconds == UNDISTURBED.heard_seconds
    assert len(performance.named("turn_ended")) == 1
    [(soft_at, _), (loud_at, _)] = performance.ducked
    assert REMARK_AT < soft_at < REMARK_AT + 0.2
    assert loud_at - (REMARK_AT + REMARK.seconds) <= 1


@pytest.mark.parametrize("seconds", [FRAME_SECONDS, 2.4])
def test_whisper_is_not_asked_about_a_click_or_about_a_long_conversation(seconds: float) -> None:
    performance = perform(replace(QUIET, said=[*COMMAND, speech(REMARK_AT, seconds)]))
    assert performance.history == UNDISTURBED.history


@pytest.mark.parametrize(("echo", "own_words"), [(Echo.RAW, frozenset[str]()), (Echo.CANCELLED, frozenset({"stop"}))])
def test_it_cannot_tell_itself_to_stop(echo: Echo, own_words: frozenset[str]) -> None:
    performance = perform(replace(QUIET, said=[*COMMAND, REMARK], echo=echo, own_words=own_words))
    assert performance.history == UNDISTURBED.history


def test_over_a_cancelled_echo_a_stop_word_is_heard() -> None:
    performance = perform(replace(scene(REMARK, understood="Stop."), echo=Echo.CANCELLED, own_words=frozenset({"no"})))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["stopped"]


def test_a_wake_word_silences_it_before_anybody_asks_whether_it_was_a_stop_word() -> None:
    said = [*COMMAND, wake(REMARK_AT), speech(8.8, 1.2)]
    performance = perform(replace(QUIET, said=said, transcripts=["A story.", "France?"], answers=[STORY, PARIS]))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["interrupted", "answered"]


def test_while_whisper_reads_a_remark_the_wake_word_is_heard_at_once_and_the_answer_is_loud_again() -> None:
    said = [*COMMAND, REMARK, wake(12.0), speech(12.8, 1.2)]  # a wake word is heard at its end
    scenario = replace(QUIET, said=said, transcripts=["A story.", "No way.", "France?"], answers=[STORY, PARIS])
    performance = perform(replace(scenario, transcribe_seconds=6.0, seconds=60))
    [(soft_at, _), (loud_at, _), *_] = performance.ducked
    assert REMARK_AT < soft_at < loud_at <= REMARK_AT + REMARK.seconds + 1
    assert performance.named("wake_heard")[1]["at"] == pytest.approx(12.8)
    assert performance.named("interrupted")[0]["at"] == performance.named("wake_heard")[1]["at"]


def test_of_many_remarks_while_whisper_reads_one_the_next_is_read_and_no_more() -> None:
    remarks = [speech(REMARK_AT + second, 0.4) for second in range(4)]
    scenario = scene(*remarks, understood="No way.")
    performance = perform(replace(scenario, transcripts=["A story.", "No way.", "Stop!"], transcribe_seconds=4.5))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["stopped"]


def test_what_a_program_has_it_say_is_stopped_by_a_stop_word_too() -> None:
    dinner = Program(1.0, Say("Dinner is ready. Wash your hands. Come to the table. Bring the dog."))
    performance = perform(replace(QUIET, said=[speech(3.0, 0.4)], transcripts=["Stop."], answers=[], programs=[dinner]))
    assert performance.told[0].what == "stopped"


def test_where_anybody_may_interrupt_the_words_that_did_are_the_next_command() -> None:
    said = [*COMMAND, speech(REMARK_AT, 1.6)]
    transcripts = ["Tell me a story.", "What is the capital of France?"]
    performance = perform(
        replace(QUIET, said=said, transcripts=transcripts, answers=[STORY, PARIS], interrupted_by="speech")
    )
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["interrupted", "answered"]
    assert performance.named("interrupted")[0]["word"] == ""
    assert performance.named("command_heard")[1]["seconds"] > 1.6
    assert performance.history[-1].content == "".join(PARIS.chunks)


@pytest.mark.parametrize("interrupted_by", ["stop-words", "speech"])
def test_what_is_left_of_its_own_voice_neither_interrupts_it_nor_makes_it_soft(interrupted_by: InterruptedBy) -> None:
    alone = replace(scene(speech(REMARK_AT, 1.6), understood=""), transcripts=["Tell me a story."], echo=Echo.ALONE)
    performance = perform(replace(alone, interrupted_by=interrupted_by))
    assert performance.history == UNDISTURBED.history
    assert not performance.ducked


def test_where_anybody_may_interrupt_a_cough_does_not() -> None:
    performance = perform(replace(scene(speech(REMARK_AT, 0.24), understood=""), interrupted_by="speech"))
    assert performance.history == UNDISTURBED.history
