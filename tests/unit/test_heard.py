"""How much of a sentence was heard when it was cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.audio import Clip
from jetson_voice.heard import text_heard
from jetson_voice.protocols import Speech
from jetson_voice.sentences import Sentence


def speech_of(text: str, seconds: float) -> Speech:
    return Speech(Sentence(text, text), Clip(np.zeros(round(seconds * 1000), np.int16), 1000))


@pytest.mark.parametrize(
    ("text", "share", "heard"),
    [
        ("The fox lived in a wood. ", 1.0, "The fox lived in a wood. "),
        ("The fox lived in a wood. ", 0.0, ""),
        ("The fox lived in a wood. ", 0.5, "The fox"),
        ("The fox lived in a wood. ", 0.53, "The fox lived"),
        ("今天天气很好。", 0.5, "今天天气"),
        ("今天天气很好。", 0.1, "今"),
        ("我用 Python 写程序。", 0.4, "我用"),
        ("It's 3.14 or so.", 0.5, "It's"),
    ],
)
def test_an_answer_is_cut_after_a_word_and_chinese_after_a_character(text: str, share: float, heard: str) -> None:
    speech = speech_of(text, 2.0)
    assert text_heard(speech, share * speech.clip.seconds) == heard


def test_the_rest_after_a_sentence_is_no_part_of_what_is_said() -> None:
    sentence = Sentence("今天天气很好。", "今天天气很好。")
    speech = Speech(sentence, Clip(np.zeros(1400, np.int16), 1000), pause_seconds=0.4)
    assert text_heard(speech, 0.5) == "今天天气"
    assert text_heard(speech, 1.0) == text_heard(speech, 1.2) == sentence.written


@given(st.text(min_size=1, max_size=80), st.lists(st.floats(0, 3), min_size=2, max_size=2))
def test_hearing_longer_is_never_hearing_less(text: str, seconds: list[float]) -> None:
    speech = speech_of(text, 2.0)
    less, more = (text_heard(speech, duration) for duration in sorted(seconds))
    assert text.startswith(more)
    assert more.startswith(less)
