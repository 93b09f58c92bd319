"""Whole conversations, as screenplays: what the user does, and everything that happens."""

from __future__ import annotations

import pytest

from conversations import Scenario, assert_golden, perform
from jetson_voice.conversation import CUT_MARK
from jetson_voice.protocols import StageError
from scripted import FRAME_SECONDS, Answer, ScriptedVoice, cough, speech, wake

PARIS = Answer(["The capital", " of France", " is Paris. ", "It lies on", " the Seine."])
STORY = Answer(["Once upon a time there was a fox. ", "The fox lived in a wood. ", "One day it met a hen. "] * 3)


def test_a_question_in_the_same_breath_as_the_wake_word_is_answered() -> None:
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], ["What is the capital of France?"], [PARIS]))
    assert_golden("question_in_one_breath", performance)
    assert [message.content for message in performance.history] == [
        "What is the capital of France?",
        "The capital of France is Paris. It lies on the Seine.",
    ]


def test_the_second_sentence_is_made_while_the_first_is_spoken() -> None:
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], ["What is the capital of France?"], [PARIS]))
    first_ends, second_starts = (
        performance.named("speaking_ended")[0],
        performance.named("speaking_started")[1],
    )
    assert second_starts["at"] == first_ends["at"]


def test_a_wake_word_during_the_answer_silences_it_and_the_next_command_is_heard() -> None:
    said = [wake(0.96), speech(1.76, 1.6), wake(8.0), speech(8.8, 1.2)]
    performance = perform(Scenario(said, ["Tell me a story.", "What is the capital of France?"], [STORY, PARIS], 30))
    assert_golden("barge_in", performance)
    assert [message.role for message in performance.history] == [
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    assert performance.history[1].content.endswith(CUT_MARK)
    assert performance.history[3].content == "".join(PARIS.chunks)


def test_a_cough_makes_the_answer_soft_for_less_than_a_second_and_no_word_of_it_is_lost() -> None:
    said = [wake(0.96), speech(1.76, 1.6)]
    undisturbed = perform(Scenario(said, ["Tell me a story."], [STORY], 30))
    coughed_at = 8.0
    performance = perform(Scenario([*said, cough(coughed_at)], ["Tell me a story."], [STORY], 30))
    assert performance.history == undisturbed.history
    assert performance.heard_seconds == undisturbed.heard_seconds
    [(soft_at, _), (loud_at, _)] = performance.ducked
    assert coughed_at <= soft_at <= coughed_at + FRAME_SECONDS + 0.001
    assert loud_at - (coughed_at + 2 * FRAME_SECONDS) < 1


def test_only_what_was_heard_of_an_interrupted_answer_is_remembered() -> None:
    said = [wake(0.96), speech(1.76, 1.6), wake(8.0), speech(8.8, 1.2)]
    performance = perform(Scenario(said, ["Tell me a story.", "Be brief."], [STORY, Answer(["All right."])], 30))
    remembered = performance.history[1].content.removesuffix(CUT_MARK)
    heard = "".join(event["heard"] for event in performance.named("speaking_ended")[:-1])
    assert remembered == heard
    assert "".join(STORY.chunks).startswith(remembered)
    assert remembered != "".join(STORY.chunks)


def test_the_wake_word_alone_is_forgiven_silently() -> None:
    performance = perform(Scenario([wake(0.96)]))
    assert_golden("wake_word_alone", performance)
    assert not performance.history


def test_a_wake_word_said_twice_begins_the_command_anew() -> None:
    said = [wake(0.96), speech(1.76, 0.8), wake(2.8), speech(3.6, 1.2)]
    performance = perform(Scenario(said, ["What is the capital of France?"], [PARIS]))
    assert len(performance.named("wake_heard")) == 2
    assert len(performance.named("command_heard")) == 1


def test_a_pause_after_the_wake_word_is_no_end() -> None:
    performance = perform(Scenario([wake(0.96), speech(4.0, 1.2)], ["What is the capital of France?"], [PARIS]))
    assert len(performance.named("speaking_started")) == 2


def test_a_language_model_that_fails_is_spoken_as_failed_and_the_next_turn_works() -> None:
    broken = Answer(["The capi"], error=StageError("think", "Ollama does not answer"))
    said = [wake(0.96), speech(1.76, 1.6), wake(12.0), speech(12.8, 1.6)]
    performance = perform(Scenario(said, ["What is the capital of France?"] * 2, [broken, PARIS], 30))
    assert_golden("language_model_fails", performance)
    assert performance.named("turn_ended")[1]["outcome"] == "answered"


def test_a_chinese_user_is_told_of_a_failure_in_chinese() -> None:
    broken = Answer([], error=StageError("think", "Ollama does not answer"))
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], ["你好"], [broken], language="zh"))
    assert performance.named("speaking_started")[0]["spoken"] == "抱歉，我的语言模型没有回应。"


def test_an_answer_without_words_is_spoken_as_failed() -> None:
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], ["Smile!"], [Answer(["😀", "\n"])]))
    assert performance.named("turn_failed")[0]["stage"] == "think"


def test_a_smile_at_the_end_is_remembered_though_it_is_not_spoken() -> None:
    answer = Answer(["All right.", " 😀", "\n"])
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], ["Smile!"], [answer]))
    assert performance.history[-1].content == "All right. 😀\n"


def test_a_transcriber_that_fails_is_spoken_as_failed() -> None:
    error = StageError("transcribe", "out of memory")
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], [error]))
    assert performance.named("turn_failed")[0]["stage"] == "transcribe"
    assert performance.named("speaking_ended")[0]["heard"] == "Sorry, my speech recognition has failed."


def test_an_error_that_nobody_foresaw_ends_the_turn_and_the_daemon_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    said = [wake(0.96), speech(1.76, 1.6), wake(9.6), speech(10.4, 1.6)]
    broken = Answer(["The capital"], error=RecursionError("too deep"))
    performance = perform(Scenario(said, ["France?", "Spain?"], [broken, Answer(["Madrid."])], 30))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["failed", "answered"]
    assert performance.named("turn_failed")[0]["reason"] == "RecursionError: too deep"
    assert "unexpected error at think" in caplog.text


def test_a_voice_that_fails_ends_the_turn_and_the_daemon_goes_on() -> None:
    said = [wake(0.96), speech(1.76, 1.6), wake(9.6), speech(10.4, 1.6)]
    voice = ScriptedVoice(fails_on="Paris")
    answers = [PARIS, Answer(["Madrid."])]
    performance = perform(Scenario(said, ["France?", "Spain?"], answers, 30, voice=voice))
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["failed", "answered"]


def test_a_missing_speaker_ends_the_turn_and_the_daemon_goes_on() -> None:
    said = [wake(0.96), speech(1.76, 1.6), wake(9.6), speech(10.4, 1.6)]
    performance = perform(Scenario(said, ["France?"] * 2, [PARIS] * 2, 30, speaker_fails=True))
    assert [event["stage"] for event in performance.named("turn_failed")] == ["play", "play"]
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["failed", "failed"]


def test_a_question_after_the_long_tail_of_a_wake_word_and_a_pause_is_answered() -> None:
    said = [wake(0.96), speech(1.76, 0.32), speech(3.6, 1.6)]
    performance = perform(Scenario(said, ["", "What is the capital of France?"], [PARIS]))
    assert performance.named("turn_ended")[0]["outcome"] == "answered"
    assert performance.named("command_heard")[1]["speech_ended_at"] == 5.2


def test_an_interrupted_apology_is_remembered_as_cut_and_apart_from_the_answer() -> None:
    broken = Answer(["It lies on the river Seine. ", "It"], chunk_seconds=2.5, error=StageError("think", "stalled"))
    said = [wake(0.96), speech(1.76, 1.6), wake(10.0), speech(10.8, 1.2)]
    performance = perform(Scenario(said, ["Paris?", "Be brief."], [broken, Answer(["All right."])], 30))
    cut, apology = performance.history[1].content.split("\n")
    assert cut.endswith(CUT_MARK)
    assert apology.startswith("Sorry,")
    assert apology.endswith(CUT_MARK)


def test_noise_that_holds_no_words_ends_the_turn_silently() -> None:
    performance = perform(Scenario([wake(0.96), speech(1.76, 1.6)], [""]))
    assert performance.named("turn_ended")[0]["outcome"] == "nothing heard"
    assert not performance.named("speaking_started")


def test_a_command_that_never_ends_is_answered_at_the_hard_cap() -> None:
    performance = perform(Scenario([wake(0.96), speech(1.76, 12.0)], ["Blah."], [PARIS], 30))
    assert performance.named("command_heard")[0]["at"] == 11.76
