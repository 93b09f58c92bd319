"""How long the voice rests between what it says."""

from __future__ import annotations

import numpy as np
import pytest

from jetson_voice.audio import Clip
from jetson_voice.pauses import paced, pause_after


@pytest.mark.parametrize(
    ("spoken", "seconds"),
    [
        ("It is noon.", 0.4),
        ("现在是中午。", 0.4),
        ("Is it?", 0.4),
        ("是吗？", 0.4),
        ("Really?!", 0.4),
        ("Well…", 0.4),
        ("“It is noon.”", 0.4),
        ("他说：“好。”", 0.4),
        ("(It is noon.) ", 0.4),
        ("Well,", 0.2),
        ("抱歉，", 0.2),
        ("苹果、", 0.2),
        ("三样东西：", 0.2),
        ("第一；", 0.2),
        ("one thing —", 0.2),
        ("“好，”", 0.2),
        ("Milk", 0.3),
        ("牛奶", 0.3),
        ("Milk (one litre)", 0.3),
        ("3.5", 0.3),
    ],
)
def test_a_sentence_is_followed_by_a_longer_rest_than_a_clause(spoken: str, seconds: float) -> None:
    assert pause_after(spoken) == seconds


def sound(before: int, sounding: int, after: int) -> Clip:
    """Milliseconds of near silence, sound, near silence."""
    samples = [np.full(before, 20), np.full(sounding, 10_000), np.full(after, -20)]
    return Clip(np.concatenate(samples).astype(np.int16), 1000)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (5, 100), (300, 250), (300, 1000)])
def test_whatever_silence_a_voice_makes_the_rest_is_that_of_the_mark(before: int, after: int) -> None:
    clip = paced(sound(before, 500, after), 0.4)
    loud = np.flatnonzero(np.abs(clip.samples) > 1000)
    assert loud[0] == min(before, 10)
    assert len(loud) == 500
    assert len(clip.samples) - 1 - loud[-1] == 400


def test_silence_is_left_alone() -> None:
    for clip in (Clip(np.zeros(100, np.int16), 1000), Clip(np.zeros(0, np.int16), 1000)):
        assert paced(clip, 0.4) is clip
