"""The line through measured delays: what the echo's delay is, how it grows, and when it has jumped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.echo.alignment import Alignment, Measured

EVERY_SECONDS = 0.24
NOISE_SECONDS = 20e-6


def followed(line: Alignment, delay: float, drift: float, *, begin: float, seconds: float, seed: int = 1) -> Alignment:
    """The line after measuring a delay that grows by `drift` from `begin` on."""
    random = np.random.default_rng(seed)
    for at in np.arange(begin, begin + seconds, EVERY_SECONDS):
        line = line.after(Measured(at, delay + drift * (at - begin) + random.normal(0, NOISE_SECONDS)))
    return line


def test_two_measurements_that_agree_tell_the_delay() -> None:
    line = Alignment().after(Measured(0.6, 0.2))
    assert not line.is_locked
    line = line.after(Measured(0.7, 0.2001))
    assert line.is_locked
    assert line.delay_at(0.7) == pytest.approx(0.2, abs=0.0002)


def test_one_measurement_alone_is_not_believed() -> None:
    line = Alignment().after(Measured(0.6, 0.2)).after(Measured(0.7, 0.05)).after(Measured(0.8, 0.4))
    assert not line.is_locked


@given(delay=st.floats(0.0, 0.4), ppm=st.floats(-150, 150), seed=st.integers(0, 100))
def test_delay_and_drift_are_known_after_some_seconds(delay: float, ppm: float, seed: int) -> None:
    line = followed(Alignment(), delay, ppm * 1e-6, begin=1.0, seconds=15, seed=seed)
    assert line.drift * 1e6 == pytest.approx(ppm, abs=5)
    assert line.delay_at(16.0) == pytest.approx(delay + 15 * ppm * 1e-6, abs=0.0001)


@given(delay=st.floats(0.0, 0.4), to=st.floats(0.0, 0.4), ppm=st.floats(-150, 150))
def test_a_jump_is_followed_within_a_second_and_the_drift_is_kept(delay: float, to: float, ppm: float) -> None:
    line = followed(Alignment(), delay, ppm * 1e-6, begin=0.0, seconds=15)
    line = followed(line, to, ppm * 1e-6, begin=15.12, seconds=1.0)
    assert line.delay_at(16.0) == pytest.approx(to, abs=0.0004)
    assert line.drift * 1e6 == pytest.approx(ppm, abs=20)


def test_a_wrong_measurement_now_and_then_changes_nothing() -> None:
    line = followed(Alignment(), 0.1, 50e-6, begin=0.0, seconds=10)
    wrong = followed(Alignment(), 0.1, 50e-6, begin=0.0, seconds=5).after(Measured(5.0, 0.31))
    wrong = followed(wrong, 0.1 + 5.04 * 50e-6, 50e-6, begin=5.04, seconds=4.9)
    assert wrong.delay_at(10.0) == pytest.approx(line.delay_at(10.0), abs=0.00005)


def test_a_new_start_is_expected_where_the_last_one_began_however_long_the_last_one_was() -> None:
    line = followed(Alignment(), 0.06, 100e-6, begin=0.0, seconds=100)
    assert line.delay_at(100.0) == pytest.approx(0.07, abs=0.0001)
    again = line.new_stretch(500.0)
    assert not again.is_locked
    assert again.delay_at(500.0) == pytest.approx(0.06, abs=0.0001)
    assert again.drift == line.drift


def test_a_start_that_comes_as_expected_is_believed_at_once() -> None:
    line = followed(Alignment(), 0.06, 0.0, begin=0.0, seconds=5).new_stretch(20.0)
    assert line.after(Measured(20.5, 0.0601)).is_locked
    assert not line.after(Measured(20.5, 0.0701)).is_locked
