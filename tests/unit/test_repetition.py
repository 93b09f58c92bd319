from __future__ import annotations

import pytest

from jetson_voice.repetition import Unlooped, is_stuck, unlooped


@pytest.mark.parametrize(
    ("looped", "cut"),
    [
        ("What is the time? Stop. Stop. Stop. Stop. Stop.", "What is the time? Stop."),
        ("我姓许晓晓晓晓", "我姓许晓"),
        ("许" + "晓" * 40, "许晓"),
        ("开灯" + "请打开空调，" * 9, "开灯请打开空调，"),
        ("Play music " + "and then I will " * 6 + "stop", "Play music and then I will stop"),
        ("Good. " + "I'm very sorry, " * 9 + "I'm very", "Good. I'm very sorry"),
        ("Tell me a joke, ha" + " ha" * 30, "Tell me a joke, ha"),
    ],
)
def test_a_loop_after_good_words_is_cut_to_its_first_round(looped: str, cut: str) -> None:
    assert unlooped(looped) == Unlooped(cut, "after words")


@pytest.mark.parametrize(
    ("looped", "once"),
    [
        ("Stop Stop Stop Stop", "Stop"),
        ("Stop. Stop. Stop. Stop. Stop.", "Stop."),
        ("I'm sorry. " * 8, "I'm sorry."),
        ("点" * 20, "点"),
    ],
)
def test_a_loop_alone_is_told_from_one_that_follows_words(looped: str, once: str) -> None:
    assert unlooped(looped) == Unlooped(once, "alone")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Row, row, row your boat, gently down the stream.",
        "No, no, no, no, the other one.",
        "谢谢谢谢",
        "谢谢谢谢谢谢",
        "哈哈哈哈哈",
        "好好好好",
        "停停停停停",
        "我的号码是8888 8888",
        "八八八八八八八八",
        "My number is five five five five, eight eight eight eight.",
        "Very, very good. Very, very good.",
        "研究研究，商量商量。",
    ],
)
def test_what_people_repeat_stays_as_it_is(said: str) -> None:
    assert unlooped(said) == Unlooped(said, "none")


def test_a_text_that_goes_round_in_circles_is_stuck() -> None:
    assert is_stuck("one more and two more and " * 15)
    assert not is_stuck("Row, row, row your boat, gently down the stream.")
