"""Whether what is left of the sound is somebody."""

from __future__ import annotations

import numpy as np

from jetson_voice.audio import FRAME_SAMPLES, Samples
from jetson_voice.echo.remainder import Remainder


def sound(level: float, seed: int = 0) -> Samples:
    return (np.random.default_rng(seed).normal(size=FRAME_SAMPLES) * level).astype(np.int16)


def hears(remainder: Remainder, frames: int, *, taken_out_db: float) -> None:
    """The assistant speaks; a person's voice, which is softer by so much, or a rest of its own is left."""
    for _ in range(frames):
        remainder.after(sound(5000), sound(5000 * 10 ** (-taken_out_db / 20)))


def test_what_is_left_of_its_own_voice_is_nobody() -> None:
    remainder = Remainder()
    hears(remainder, 100, taken_out_db=40)
    assert not remainder.is_somebody


def test_a_person_15_db_softer_than_the_echo_is_somebody_within_half_a_second() -> None:
    remainder = Remainder()
    hears(remainder, 100, taken_out_db=40)
    hears(remainder, 6, taken_out_db=15)
    assert remainder.is_somebody


def test_where_less_can_be_taken_out_that_is_nobody_once_it_is_usual() -> None:
    remainder = Remainder()
    hears(remainder, 10, taken_out_db=24)
    assert not remainder.is_somebody
    hears(remainder, 1000, taken_out_db=28.5)
    assert not remainder.is_somebody
    hears(remainder, 10, taken_out_db=17)
    assert remainder.is_somebody


def test_where_hardly_anything_can_be_taken_out_anybody_may_be_there() -> None:
    remainder = Remainder()
    hears(remainder, 1000, taken_out_db=15)
    assert remainder.is_somebody


def test_where_very_much_can_be_taken_out_a_person_far_away_is_still_somebody() -> None:
    remainder = Remainder()
    hears(remainder, 1000, taken_out_db=55)
    hears(remainder, 10, taken_out_db=29)
    assert remainder.is_somebody


def test_who_spoke_just_before_the_answer_is_somebody_at_its_begin() -> None:
    remainder = Remainder()
    hears(remainder, 100, taken_out_db=40)
    remainder.begin([(sound(500), sound(500))] * 6)
    hears(remainder, 1, taken_out_db=40)
    assert remainder.is_somebody


def test_its_own_first_word_which_came_before_the_delay_was_known_is_nobody() -> None:
    remainder = Remainder()
    hears(remainder, 100, taken_out_db=40)
    remainder.begin([(sound(0), sound(0)), *[(sound(5000), sound(50))] * 5])
    hears(remainder, 1, taken_out_db=40)
    assert not remainder.is_somebody


def test_silence_is_no_echo_that_was_taken_out() -> None:
    remainder = Remainder()
    for _ in range(100):
        remainder.after(sound(0), sound(0))
    assert remainder.is_somebody
