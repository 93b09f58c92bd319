from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.audio import FRAME_SAMPLES, Echo, Frame
from jetson_voice.config import Wake as WakeConfig
from jetson_voice.config import WakeWord
from jetson_voice.protocols import StartError, Wake, WakeRising
from jetson_voice.wake_rules import WakeRule, WakeRules, rules_for

FRAME = 0.08


def frame(index: int, echo: Echo = Echo.NONE, own_words: frozenset[str] = frozenset()) -> Frame:
    return Frame(index * FRAME, np.zeros(FRAME_SAMPLES, np.int16), echo, own_words)


def heard_at(rules: WakeRules, *scores: dict[str, float]) -> list[tuple[int, str]]:
    """The frames at which a word was heard."""
    wakes = [rules.heard(each, frame(index)) for index, each in enumerate(scores)]
    return [(index, wake.word) for index, wake in enumerate(wakes) if isinstance(wake, Wake)]


def jarvis(*scores: float) -> list[dict[str, float]]:
    return [{"hey jarvis": score} for score in scores]


def one_word(threshold: float = 0.5, refractory_seconds: float = 1.5) -> WakeRules:
    return WakeRules([WakeRule("hey jarvis", threshold, refractory_seconds)])


def two_words() -> WakeRules:
    return WakeRules([WakeRule("hey jarvis", 0.5, 1.5), WakeRule("alexa", 0.7, 1.5)])


def test_a_word_is_heard_when_its_score_reaches_the_threshold() -> None:
    assert heard_at(one_word(), *jarvis(0.1, 0.49, 0.5, 0.2)) == [(2, "hey jarvis")]


def test_what_was_heard_says_when_and_how_surely() -> None:
    assert one_word().heard({"hey jarvis": 0.8}, frame(0)) == Wake("hey jarvis", 0.08, 0.8)


def test_a_word_said_once_is_heard_once_however_long_its_score_stays_up() -> None:
    assert heard_at(one_word(refractory_seconds=0), *jarvis(*[0.9] * 50)) == [(0, "hey jarvis")]


def test_a_word_whose_score_wavers_is_heard_once_within_the_refractory_time() -> None:
    assert heard_at(one_word(), *jarvis(0.9, 0.3, 0.9, 0.3, 0.9)) == [(0, "hey jarvis")]


def test_a_word_said_again_after_the_refractory_time_is_heard_again() -> None:
    scores = jarvis(0.9, *[0.0] * 18, 0.9)
    assert heard_at(one_word(), *scores) == [(0, "hey jarvis"), (19, "hey jarvis")]


def test_of_two_words_in_one_frame_the_surer_one_is_heard_and_the_other_not_a_frame_later() -> None:
    both = {"hey jarvis": 0.8, "alexa": 0.9}
    assert heard_at(two_words(), both, both) == [(0, "alexa")]


def test_each_word_has_its_own_threshold_and_its_own_refractory_time() -> None:
    frames = [{"hey jarvis": 0.6, "alexa": 0.6}, {"hey jarvis": 0.0, "alexa": 0.8}]
    assert heard_at(two_words(), *frames) == [(0, "hey jarvis"), (1, "alexa")]


def test_the_same_phrase_twice_is_an_error_of_the_configuration() -> None:
    with pytest.raises(StartError, match=r'wake.words#2\.phrase: "hey jarvis" is there twice'):
        rules_for(WakeConfig(words=(WakeWord(), WakeWord(model="/own/hey_jarvis_v0.1.onnx"))))


@given(
    st.lists(st.floats(0, 1), max_size=200),
    st.floats(0.01, 1),
    st.floats(0, 3),
)
def test_whatever_the_scores_a_word_is_heard_at_most_once_per_rise_and_refractory_time(
    scores: list[float], threshold: float, refractory: float
) -> None:
    frames = [index for index, _ in heard_at(one_word(threshold, refractory), *jarvis(*scores))]
    rises = sum(
        score >= threshold and (index == 0 or scores[index - 1] < threshold) for index, score in enumerate(scores)
    )
    assert len(frames) <= rises
    assert all(scores[index] >= threshold for index in frames)
    pauses = [(later - sooner) * FRAME for sooner, later in zip(frames, frames[1:])]  # noqa: B905, RUF007
    assert all(pause > refractory - 1e-5 for pause in pauses)
    if rises:
        assert frames


def heard_while_speaking(echo: Echo, *scores: float, own: range = range(0)) -> list[int]:
    """The frames at which the word was heard, while the assistant speaks, and says the word itself in some of them."""
    rules = one_word()
    own_words = [frozenset({"hey jarvis"} if index in own else set()) for index in range(len(scores))]
    wakes = [rules.heard(jarvis(score)[0], frame(index, echo, own_words[index])) for index, score in enumerate(scores)]
    return [index for index, wake in enumerate(wakes) if isinstance(wake, Wake)]


def test_while_it_speaks_a_rest_of_its_own_voice_does_not_interrupt_it() -> None:
    assert heard_while_speaking(Echo.CANCELLED, 0.05, 0.9, 0.8, 0.05, 0.9, 0.9, 0.0) == []


def test_while_it_speaks_a_word_that_stays_is_heard_once() -> None:
    assert heard_while_speaking(Echo.CANCELLED, 0.05, 0.9, 0.8, 0.7, 0.9, 0.9, 0.0) == [3]


def test_over_its_own_voice_a_word_may_be_less_clear_if_a_canceller_tells_that_somebody_speaks() -> None:
    assert heard_while_speaking(Echo.CANCELLED, 0.07, 0.35, 0.4, 0.3, 0.0) == [3]
    assert heard_while_speaking(Echo.DEVICE, 0.1, 0.35, 0.4, 0.3, 0.0) == []
    assert heard_while_speaking(Echo.RAW, 0.1, 0.35, 0.4, 0.3, 0.4, 0.0) == []


def test_while_nobody_else_speaks_nothing_is_a_wake_word() -> None:
    rules = one_word()
    heard = [rules.heard(jarvis(0.9)[0], frame(index, Echo.ALONE)) for index in range(8)]
    assert heard == [None] * 8


@pytest.mark.parametrize("then", [Echo.NONE, Echo.RAW])
def test_a_rest_of_its_own_voice_is_no_wake_word_when_the_answer_ends(then: Echo) -> None:
    rules = one_word()
    echoes = [*[Echo.ALONE] * 6, *[then] * 6]
    heard = [rules.heard(jarvis(0.9)[0], frame(index, echo)) for index, echo in enumerate(echoes)]
    assert heard == [None] * 12
    rules.heard(jarvis(0.1)[0], frame(12))
    assert isinstance(rules.heard(jarvis(0.9)[0], frame(13)), Wake)


def test_who_calls_into_a_rest_of_its_own_voice_is_heard() -> None:
    rules = one_word()
    echoes = [*[Echo.ALONE] * 2, *[Echo.CANCELLED] * 3]
    heard = [rules.heard(jarvis(0.9)[0], frame(index, echo)) for index, echo in enumerate(echoes)]
    assert isinstance(heard[4], Wake)


def test_a_rest_of_its_own_voice_is_no_wake_word_while_its_last_sound_fades() -> None:
    rules = one_word()
    echoes = [*[Echo.ALONE] * 6, *[Echo.CANCELLED] * 2, *[Echo.NONE] * 2]
    heard = [rules.heard(jarvis(0.9)[0], frame(index, echo)) for index, echo in enumerate(echoes)]
    assert not any(isinstance(each, Wake) for each in heard)


def test_a_caller_is_still_heard_when_one_loud_syllable_of_its_own_covers_the_call() -> None:
    cancelled, alone = Echo.CANCELLED, Echo.ALONE
    for echoes in ([cancelled, cancelled, alone, cancelled], [cancelled, cancelled, alone, Echo.NONE]):
        rules = one_word()
        heard = [rules.heard(jarvis(0.9)[0], frame(index, echo)) for index, echo in enumerate(echoes)]
        assert isinstance(heard[3], Wake)


def test_a_low_threshold_does_not_make_every_rest_of_its_own_voice_a_wake_word() -> None:
    rules = WakeRules([WakeRule("hey jarvis", 0.2, 1.5)])
    heard = [rules.heard(jarvis(score)[0], frame(index, Echo.CANCELLED)) for index, score in enumerate((0.07,) * 8)]
    assert heard == [None] * 8
    assert isinstance(rules.heard(jarvis(0.2)[0], frame(8)), Wake)


def test_a_microphone_that_cancels_by_itself_has_a_word_stay_as_long_as_a_canceller_of_ours() -> None:
    assert heard_while_speaking(Echo.DEVICE, 0.9, 0.9, 0.1) == []
    assert heard_while_speaking(Echo.DEVICE, 0.9, 0.9, 0.9) == [2]


def test_until_it_knows_the_room_a_word_must_stay_a_frame_longer() -> None:
    assert heard_while_speaking(Echo.RAW, 0.1, 0.9, 0.8, 0.7, 0.0) == []
    assert heard_while_speaking(Echo.RAW, 0.1, 0.9, 0.8, 0.7, 0.6, 0.0) == [4]


def test_it_does_not_interrupt_itself_when_it_says_its_own_name() -> None:
    assert heard_while_speaking(Echo.CANCELLED, *[0.0] * 3, *[0.9] * 9, 0.0, own=range(2, 8)) == []


def test_who_calls_it_after_it_has_said_its_own_name_is_heard() -> None:
    assert heard_while_speaking(Echo.CANCELLED, 0.9, 0.9, 0.9, 0.0, 0.9, 0.9, 0.9, own=range(4)) == [6]


def test_before_a_word_is_certain_it_is_said_that_there_may_be_one() -> None:
    rules = one_word()
    heard = [
        rules.heard(jarvis(score)[0], frame(index, Echo.CANCELLED)) for index, score in enumerate((0.9, 0.9, 0.05))
    ]
    assert heard == [WakeRising("hey jarvis"), WakeRising("hey jarvis"), None]
