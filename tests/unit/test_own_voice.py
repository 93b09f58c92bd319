"""An echo of the answer, or somebody who speaks."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.own_voice import is_own_voice, mistakes

PARIS = ("The capital of France is Paris.", "It lies on the river Seine and has about two million people.")
PARIS_ZH = ("法国的首都是巴黎。", "它位于塞纳河畔，人口大约两百万。")
SKY = ("Because the air scatters blue light more than red light, the sky looks blue to us.",)
RAIN = ("明天上海有小雨，气温十五到二十度，出门记得带伞。",)
MIXED = ("你可以用 Python 写一个简单的程序，然后在 Jetson 上运行它。",)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("The capital of France is Paris.", PARIS),
        ("Capital of France is Paris", PARIS),
        ("The capital of France is", PARIS),
        ("pital of France is Paris. It lies on the", PARIS),
        ("The capital of friends is Paris.", PARIS),
        ("It lies on the river sane and has about two million people", PARIS),
        ("It lies on the river Seine.", PARIS),
        ("lies on the river Sen, and as a bout two million people", PARIS),
        ("The air scatters blue light more than red light.", SKY),
        ("the air's scattered blue light more than red light the sky looks", SKY),
        ("The sky looks blue to us.", SKY),
        ("法国的首都是巴黎。", PARIS_ZH),
        ("国的首都是巴黎", PARIS_ZH),
        ("法国的首都是八黎。", PARIS_ZH),
        ("它位于塞纳河盘人口大约两百万", PARIS_ZH),
        ("首都是巴黎。它位于塞纳", PARIS_ZH),
        ("明天上海有小雨,气温十五到二十度", RAIN),
        ("气温时五到二十度出门记得带伞", RAIN),
        ("用Python写一个简单的程序", MIXED),
        ("然后在Jetson上运行它。", MIXED),
    ],
)
def test_an_echo_of_the_answer_is_its_own_voice(heard: str, said: tuple[str, ...]) -> None:
    assert is_own_voice(heard, said)


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("", PARIS),
        ("Paris.", PARIS),
        ("Why Paris?", PARIS),
        ("Stop.", SKY),
        ("Thank you.", PARIS),
        ("What is the capital of France?", PARIS),
        ("And the capital of Germany?", PARIS),
        ("The capital of Spain?", PARIS),
        ("How many people live in Paris?", PARIS),
        ("Is Paris on the river Seine?", PARIS),
        ("Tell me more about the river Seine.", PARIS),
        ("And what about red light?", SKY),
        ("Why does the sky look red in the evening?", SKY),
        ("Is the sky blue on Mars?", SKY),
        ("巴黎", PARIS_ZH),
        ("再说一遍巴黎", PARIS_ZH),
        ("为什么是巴黎？", PARIS_ZH),
        ("德国的首都是哪里？", PARIS_ZH),
        ("法国的首都是巴黎吗？", PARIS_ZH),
        ("巴黎人口有多少？", PARIS_ZH),
        ("后天上海有雨吗？", RAIN),
        ("北京明天气温怎么样？", RAIN),
        ("停下来别说了", RAIN),
        ("Python 是什么？", MIXED),
        ("The capital of France is Paris.", ()),
        ("The capital of France is Paris.", ("",)),
    ],
)
def test_somebody_who_speaks_of_the_answer_is_not_its_own_voice(heard: str, said: tuple[str, ...]) -> None:
    assert not is_own_voice(heard, said)


def test_a_number_said_in_words_and_heard_in_digits_is_an_echo() -> None:
    assert is_own_voice("1,345 people live here", ["One thousand three hundred and forty five people live here."])


@given(st.text("ab", max_size=12), st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_a_piece_has_no_mistakes_and_a_stranger_as_many_as_letters(piece: str, before: str, after: str) -> None:
    assert mistakes(piece, before + piece + after) == 0
    assert mistakes("x" * len(piece), before + piece + after) == len(piece)


def test_a_long_answer_is_compared_at_once() -> None:
    answer = ["The quick brown fox jumps over the lazy dog and runs away from here."] * 40
    began = time.perf_counter()
    assert is_own_voice(" ".join(answer[:4]), answer)
    assert time.perf_counter() - began < 0.2
