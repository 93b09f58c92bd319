"""Speech of any loudness, made equally loud."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.audio import Clip
from jetson_voice.loudness import active_level, levelled

RATE_HZ = 22_050


def tone(seconds: float, peak: float, *, silence: float = 0.0) -> Clip:
    """A tone, and silence after it; its level is 3 dB below its peak."""
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    samples = np.round(32_767 * peak * np.sin(2 * np.pi * 200 * at)).astype(np.int16)
    return Clip(np.pad(samples, (0, round(silence * RATE_HZ))), RATE_HZ)


@pytest.mark.parametrize("peak", [1.0, 0.5, 0.1])
@pytest.mark.parametrize("seconds", [0.2, 3.0])
def test_soft_and_loud_short_and_long_speech_become_equally_loud(peak: float, seconds: float) -> None:
    assert active_level(levelled(tone(seconds, peak))) == pytest.approx(-20, abs=0.1)


def test_silence_around_a_word_makes_it_no_louder() -> None:
    word, word_and_silence = levelled(tone(0.4, 0.5)), levelled(tone(0.4, 0.5, silence=3.0))
    assert np.array_equal(word_and_silence.samples[: len(word.samples)], word.samples)


def test_what_is_hardly_there_is_not_made_loud() -> None:
    assert active_level(levelled(tone(1.0, 0.001))) == pytest.approx(active_level(tone(1.0, 0.001)) + 12, abs=0.5)


def test_silence_and_nothing_stay_what_they_are() -> None:
    assert not levelled(Clip(np.zeros(1000, np.int16), RATE_HZ)).samples.any()
    assert active_level(Clip(np.zeros(1000, np.int16), RATE_HZ)) == -math.inf
    assert len(levelled(Clip(np.zeros(0, np.int16), RATE_HZ)).samples) == 0


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=3000), st.floats(0, 1))
def test_nothing_is_ever_clipped(samples: list[int], volume: float) -> None:
    clip = Clip(np.array(samples, np.int16), RATE_HZ)
    out = levelled(clip, volume).samples.astype(float)
    assert np.abs(out).max() <= 0.98 * 32_768 + 1
    # The same shape: a clipped or wrapped sample would stand out of the proportion.
    if gain := np.abs(out).max() / max(1, np.abs(clip.samples.astype(float)).max()):
        assert np.abs(out - gain * clip.samples).max() <= 2


def test_half_the_volume_is_half_as_loud() -> None:
    whole, half = (levelled(tone(1.0, 0.5), volume) for volume in (1.0, 0.5))
    assert active_level(whole) - active_level(half) == pytest.approx(6.0, abs=0.1)
