"""By how much the echo is late, from its sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambience import Sound, amplitude
from echo_room import EchoPath
from jetson_voice.audio import SAMPLE_RATE_HZ
from jetson_voice.echo.delay import REFERENCE_SAMPLES, WINDOW_SAMPLES, lag_of
from jetson_voice.echo.interpolation import interpolated
from recordings import recording


def played() -> Sound:
    return recording("en_librispeech").samples[2 * SAMPLE_RATE_HZ :].astype(np.float64)


def lag(heard: Sound, reference: Sound) -> float | None:
    return lag_of(heard.astype(np.float32), reference[:REFERENCE_SAMPLES].astype(np.float32))


@settings(deadline=None, max_examples=20)
@given(at=st.integers(0, REFERENCE_SAMPLES - WINDOW_SAMPLES - 1))
def test_it_is_found_to_the_sample_through_a_room(at: int) -> None:
    sound = played()
    echo = EchoPath(rt60_seconds=0.3, delay_seconds=0.0).echo(sound)
    found = lag(echo[at : at + WINDOW_SAMPLES], sound)
    assert found == pytest.approx(at, abs=1)


@pytest.mark.parametrize("between", [0.0, 0.25, 0.5, 0.8])
def test_it_is_found_to_a_part_of_a_sample(between: float) -> None:
    samples = recording("en_librispeech").samples[2 * SAMPLE_RATE_HZ :]
    heard = interpolated(samples, 3_000 + between, 1.0, WINDOW_SAMPLES)
    found = lag_of(heard, samples[:REFERENCE_SAMPLES].astype(np.float32))
    assert found == pytest.approx(3_000 + between, abs=0.15)


def test_it_is_found_while_somebody_else_speaks() -> None:
    sound = played()
    other = np.resize(recording("zh_opening_hours").samples, WINDOW_SAMPLES) * 0.3
    assert lag(sound[1_000 : 1_000 + WINDOW_SAMPLES] + other, sound) == pytest.approx(1_000, abs=1)


@pytest.mark.parametrize("seed", range(20))
def test_where_there_is_no_echo_none_is_found(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(size=WINDOW_SAMPLES) * amplitude(-50)
    begin = seed * 1_000
    speech = recording("zh_opening_hours").samples[begin : begin + WINDOW_SAMPLES].astype(np.float64)
    assert lag(noise, played()) is None
    assert lag(speech, played()) is None


def test_in_silence_there_is_none() -> None:
    assert lag(np.zeros(WINDOW_SAMPLES), played()) is None
    assert lag(played()[:WINDOW_SAMPLES], np.zeros(REFERENCE_SAMPLES)) is None
