"""Programs ask, say and stop, while people talk to the assistant as ever."""

from __future__ import annotations

import pytest

from conversations import Performance, Program, Scenario, perform
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import CUT_MARK
from jetson_voice.protocols import StageError
from jetson_voice.requests import REQUESTS_WAITING
from scripted import FRAME_SECONDS, Answer, ScriptedVoice, speech, wake

COMMAND = [wake(0.96), speech(1.76, 1.6)]
PARIS = Answer(["The capital of France is Paris."])
STORY = Answer(["Once upon a time there was a fox. ", "The fox lived in a wood. ", "One day it met a hen. "] * 3)
DINNER = Say("Dinner is ready. Wash your hands.")


def outcomes(performance: Performance) -> list[str]:
    return [event["outcome"] for event in performance.named("turn_ended")]


def test_a_program_is_answered_as_if_it_had_spoken() -> None:
    performance = perform(Scenario([], answers=[PARIS], programs=[Program(1.0, Ask("What is the capital of France?"))]))
    assert outcomes(performance) == ["answered"]
    assert performance.told[0].what == "answered"
    assert performance.named("requested")[0]["at"] == 1.0
    assert [message.content for message in performance.history] == [
        "What is the capital of France?",
        "The capital of France is Paris.",
    ]


def test_a_program_learns_the_end_when_the_last_word_has_been_heard() -> None:
    performance = perform(Scenario([], answers=[PARIS], programs=[Program(1.0, Ask("France?"))]))
    assert performance.told[0].at == pytest.approx(performance.named("speaking_ended")[-1]["at"])


def test_what_a_program_wants_to_be_said_is_spoken_and_no_part_of_the_conversation() -> None:
    performance = perform(Scenario([], programs=[Program(1.0, DINNER)]))
    spoken = [event["spoken"] for event in performance.named("speaking_started")]
    assert spoken == ["Dinner is ready.", "Wash your hands."]
    assert outcomes(performance) == ["said"]
    assert performance.history == ()


def test_a_question_asked_while_it_speaks_waits_for_the_end_of_the_answer() -> None:
    asks = [Program(6.0, Ask("Spain?"))]
    performance = perform(Scenario(COMMAND, ["France?"], [PARIS, Answer(["Madrid."])], programs=asks))
    assert outcomes(performance) == ["answered", "answered"]
    ended, requested = performance.named("turn_ended")[0], performance.named("requested")[0]
    assert ended["at"] > 6.0
    assert requested["at"] == ended["at"]


def test_a_question_asked_while_somebody_gives_a_command_waits_for_its_answer() -> None:
    asks = [Program(2.0, Ask("Spain?"))]
    performance = perform(Scenario(COMMAND, ["France?"], [PARIS, Answer(["Madrid."])], programs=asks))
    assert [message.content for message in performance.history][::2] == ["France?", "Spain?"]


@pytest.mark.parametrize(
    "at", [4.3, 4.6, 4.75], ids=["while it transcribes", "while it thinks", "while it synthesizes"]
)
def test_stop_before_the_first_sound_leaves_it_silent(at: float) -> None:
    scenario = Scenario(COMMAND, ["France?"], [PARIS], programs=[Program(at, "stop")])
    performance = perform(scenario, strict=False)
    assert performance.told[0].what is True
    assert outcomes(performance) == ["stopped"]
    assert performance.named("turn_ended")[0]["at"] == at
    assert not performance.named("speaking_started")
    assert performance.open_streams == 0


def test_stop_silences_an_answer_at_once_and_what_was_heard_is_remembered_as_cut() -> None:
    performance = perform(Scenario(COMMAND, ["A story."], [STORY], programs=[Program(8.8, "stop")]))
    assert outcomes(performance) == ["stopped"]
    ended = performance.named("speaking_ended")[-1]
    assert ended["at"] == 8.8
    remembered = performance.history[-1].content
    assert remembered.endswith(CUT_MARK)
    assert remembered.removesuffix(CUT_MARK) == "".join(e["heard"] for e in performance.named("speaking_ended"))
    assert not performance.named("interrupted")


def test_stop_while_a_command_is_given_ends_the_turn() -> None:
    performance = perform(Scenario(COMMAND, programs=[Program(2.0, "stop")]))
    assert outcomes(performance) == ["stopped"]
    assert not performance.named("command_heard")


def test_stop_while_idle_does_nothing_and_says_so() -> None:
    performance = perform(Scenario([], programs=[Program(1.0, "stop")]))
    assert performance.told[0].what is False
    assert performance.events == []


def test_stop_lets_go_the_requests_that_wait_too() -> None:
    programs = [Program(1.0, DINNER), Program(1.1, Say("And again.")), Program(2.0, "stop")]
    performance = perform(Scenario([], programs=programs))
    assert sorted(str(told.what) for told in performance.told) == ["True", "stopped", "stopped"]
    assert [event["spoken"] for event in performance.named("speaking_started")] == ["Dinner is ready."]


def test_after_a_stop_the_next_command_is_heard() -> None:
    said = [*COMMAND, wake(9.6), speech(10.4, 1.6)]
    stop = [Program(7.0, "stop")]
    performance = perform(Scenario(said, ["A story.", "France?"], [STORY, PARIS], 30, programs=stop))
    assert outcomes(performance) == ["stopped", "answered"]


@pytest.mark.parametrize("frame", range(1, 23))
def test_a_wake_word_silences_what_a_program_wants_to_be_said(frame: int) -> None:
    begun_at = 1.04 + frame * FRAME_SECONDS
    said = [wake(begun_at), speech(begun_at + 0.8, 1.2)]
    performance = perform(Scenario(said, ["France?"], [PARIS], programs=[Program(1.0, DINNER)]))
    detected_at = performance.named("wake_heard")[0]["at"]
    assert outcomes(performance) == ["interrupted", "answered"]
    assert performance.told[0].what == "interrupted"
    assert performance.told[0].at == pytest.approx(detected_at)
    later = [event["spoken"] for event in performance.named("speaking_started") if event["at"] > detected_at]
    assert later == ["The capital of France is Paris."]


@pytest.mark.parametrize("frame", range(20, 32))
def test_a_wake_word_is_never_lost_to_a_stop_at_the_same_moment(frame: int) -> None:
    """The detection comes at 8.8 s; the stop around it."""
    said = [*COMMAND, wake(8.0), speech(8.8, 1.2)]
    stop = [Program(7.0 + frame * FRAME_SECONDS, "stop")]
    performance = perform(Scenario(said, ["A story.", "France?"], [STORY, PARIS], 30, programs=stop), strict=False)
    assert len(performance.named("wake_heard")) == 2
    assert performance.told[0].what is True


def test_too_many_requests_are_refused_and_the_others_are_answered() -> None:
    programs = [Program(1.0 + index / 100, Say("Hello.")) for index in range(REQUESTS_WAITING + 2)]
    performance = perform(Scenario([], programs=programs))
    whats = [told.what for told in performance.told]
    assert whats.count("said") == REQUESTS_WAITING + 1
    assert whats.count(f"busy: {REQUESTS_WAITING} requests wait already") == 1


def test_a_voice_that_fails_is_told_to_the_program_that_wanted_it_to_speak() -> None:
    performance = perform(Scenario([], voice=ScriptedVoice(fails_on="Wash"), programs=[Program(1.0, DINNER)]))
    assert performance.told[0].what == "failed"
    assert performance.named("turn_failed")[0]["stage"] == "synthesize"
    assert performance.history == ()


def test_a_text_without_words_cannot_be_said() -> None:
    performance = perform(Scenario([], programs=[Program(1.0, Say("😀"))]))
    assert performance.told[0].what == "failed"
    assert performance.named("turn_failed")[0]["reason"] == "there are no words in the text"


def test_a_language_model_that_fails_is_told_aloud_and_to_the_program() -> None:
    broken = Answer([], error=StageError("think", "Ollama does not answer"))
    performance = perform(Scenario([], answers=[broken], programs=[Program(1.0, Ask("France?"))]))
    assert performance.told[0].what == "failed"
    assert performance.named("speaking_started")[0]["spoken"] == "Sorry, my language model does not answer."
