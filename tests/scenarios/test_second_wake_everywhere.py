"""A second wake word at every frame of a turn: whatever the assistant is doing, it listens at once."""

from __future__ import annotations

import pytest

from conversations import Performance, Scenario, perform
from jetson_voice.conversation import CUT_MARK
from scripted import FRAME_SECONDS, WAKE_SECONDS, Answer, speech, wake

FIRST = Answer(["It is the first answer. ", "It has two sentences."])
SECOND = Answer(["And this is the second."])
TURN_BEGINS_AT = 1.76
COMMAND_IS_COMPLETE = 40
FRAMES_OF_A_TURN = range(1, 100)


def turn_with_a_wake_word_at(frame: int) -> Performance:
    """A turn, and a second wake word that is complete at a frame of the turn, with a command after it.

    A wake word that begins before the first command is complete takes its place; later ones interrupt its answer,
    or come after it.
    """
    begun_at = TURN_BEGINS_AT + frame * FRAME_SECONDS - WAKE_SECONDS
    said = [wake(0.96), speech(1.76, 1.6), wake(begun_at), speech(begun_at + WAKE_SECONDS, 1.2)]
    if frame < COMMAND_IS_COMPLETE:
        return perform(Scenario(said, ["Second?"], [SECOND], 30))
    return perform(Scenario(said, ["First?", "Second?"], [FIRST, SECOND], 30))


@pytest.mark.parametrize("frame", FRAMES_OF_A_TURN)
def test_a_second_wake_word_at_any_moment_of_a_turn_gets_its_answer(frame: int) -> None:
    performance = turn_with_a_wake_word_at(frame)
    detected_at = TURN_BEGINS_AT + frame * FRAME_SECONDS
    assert performance.named("wake_heard")[-1]["heard_at"] == pytest.approx(detected_at)
    assert performance.named("turn_ended")[-1]["outcome"] == "answered"
    assert performance.history[-1].content == "And this is the second."


@pytest.mark.parametrize("frame", FRAMES_OF_A_TURN)
def test_a_second_wake_word_at_any_moment_leaves_nothing_open_and_a_true_history(
    frame: int,
) -> None:
    performance = turn_with_a_wake_word_at(frame)
    assert performance.open_streams == 0
    roles = [message.role for message in performance.history]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    heard = "".join(event["heard"] for event in performance.named("speaking_ended"))
    remembered = "".join(message.content for message in performance.history if message.role == "assistant")
    assert remembered.replace(CUT_MARK, "") == heard
    assert performance.heard_seconds == pytest.approx(
        sum(event["heard_seconds"] for event in performance.named("speaking_ended")), abs=0.01
    )


@pytest.mark.parametrize("frame", FRAMES_OF_A_TURN)
def test_nothing_of_the_old_answer_is_heard_after_a_second_wake_word(frame: int) -> None:
    performance = turn_with_a_wake_word_at(frame)
    detected_at = performance.named("wake_heard")[-1]["at"]
    later = [event["spoken"] for event in performance.named("speaking_started") if event["at"] > detected_at]
    assert later == ["And this is the second."]
