"""What the speaker played, and when."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, Span
from jetson_voice.echo.reference import KEPT_SECONDS, MOST_PIECES, Reference


def tone(seconds: float, rate_hz: int = SAMPLE_RATE_HZ, *, says: tuple[Span, ...] = ()) -> Clip:
    phase = 2 * np.pi * 500 * np.arange(round(seconds * rate_hz)) / rate_hz
    return Clip((8_000 * np.cos(phase)).astype(np.int16), rate_hz, says)


def test_it_is_heard_from_its_time_on_and_before_and_after_it_there_is_silence() -> None:
    reference = Reference()
    reference.plays(tone(0.5), 10.0)
    sound = reference.between(9.9, round(0.7 * SAMPLE_RATE_HZ))
    assert not sound[: 1_600 - 16].any()
    assert np.allclose(sound[1_700:9_500], tone(0.5).samples[100:7_900], atol=2)
    assert not sound[9_600 + 16 :].any()


def test_a_clip_at_another_rate_is_heard_as_long() -> None:
    reference = Reference()
    reference.plays(tone(0.5, 22_050), 1.0)
    assert np.allclose(reference.between(1.1, 1_600), tone(0.5).samples[1_600:3_200], atol=80)


@pytest.mark.parametrize("late", [0.1, 0.5, 0.77])
def test_it_is_read_between_its_samples_and_at_another_pace(late: float) -> None:
    reference = Reference()
    reference.plays(tone(1.0), 0.0)
    step = (1 + 100e-6) / SAMPLE_RATE_HZ
    begin = 0.3 + late / SAMPLE_RATE_HZ
    expected = 8_000 * np.cos(2 * np.pi * 500 * (begin + step * np.arange(1_280)))
    assert np.allclose(reference.between(begin, 1_280, step=step), expected, atol=12)


def test_what_was_cut_is_not_heard() -> None:
    reference = Reference()
    reference.plays(tone(2.0), 0.0).cut(0.5)
    assert not reference.is_silent(0.3, 0.4)
    assert reference.is_silent(0.51, 3.0)


def test_what_is_played_softer_is_as_soft_as_it_is_heard_and_loud_again_after_it() -> None:
    reference = Reference()
    clip = Clip(np.full(SAMPLE_RATE_HZ, 1000, np.int16), SAMPLE_RATE_HZ)
    playing = reference.plays(clip, at=10.0)
    playing.at_gain(0.25, 0.1)
    playing.at_gain(0.5, 1.0)
    heard = reference.between(10.0, SAMPLE_RATE_HZ)
    quarter = SAMPLE_RATE_HZ // 4
    assert heard[: quarter - 50].tolist() == pytest.approx([1000.0] * (quarter - 50), rel=0.01)
    assert heard[quarter + 200 : 2 * quarter - 50].tolist() == pytest.approx([100.0] * (quarter - 250), rel=0.01)
    assert heard[2 * quarter + 200 : -50].tolist() == pytest.approx([1000.0] * (2 * quarter - 250), rel=0.01)
    assert heard[quarter + 80] == pytest.approx(550, rel=0.02), "the sound card goes from one to the other in 10 ms"


def test_after_a_gap_the_rest_is_heard_later_and_in_a_new_stretch() -> None:
    reference = Reference()
    reference.begin_stretch()
    playing = reference.plays(tone(2.0, says=(Span("alexa", 1.2, 1.6),)), 0.0)
    first = reference.stretch(0.0, 2.0)
    playing.slips(1.0, 1.3)
    assert reference.is_silent(1.01, 1.29)
    assert not reference.is_silent(2.2, 2.29)
    assert reference.stretch(1.4, 2.0) != first
    assert reference.says(1.2, 1.45) == frozenset()
    assert reference.says(1.55, 1.6) == {"alexa"}


def test_after_two_gaps_each_part_is_heard_at_its_own_time() -> None:
    reference = Reference()
    playing = reference.plays(tone(3.0), 0.0).slips(1.0, 1.5).slips(2.0, 3.0)
    assert [reference.is_silent(*times) for times in ((1.01, 1.49), (2.51, 2.99))] == [True, True]
    assert [reference.is_silent(*times) for times in ((0.9, 0.99), (1.51, 1.6), (2.4, 2.49), (3.9, 3.99))] == [
        False
    ] * 4
    playing.cut(2.5)
    assert reference.is_silent(3.51, 5.0)
    assert not reference.is_silent(3.4, 3.49)


def test_wake_phrases_are_known_where_they_are_said() -> None:
    reference = Reference()
    playing = reference.plays(tone(3.0, says=(Span("hey jarvis", 1.0, 1.8),)), 5.0)
    assert reference.says(6.1, 6.2) == {"hey jarvis"}
    assert reference.says(5.0, 5.9) == reference.says(6.9, 7.5) == frozenset()
    playing.cut(0.9)
    assert reference.says(5.0, 8.0) == frozenset()


def test_silence_that_is_played_is_silence() -> None:
    reference = Reference()
    reference.plays(Clip(np.zeros(16_000, np.int16), SAMPLE_RATE_HZ), 0.0)
    assert reference.is_silent(0.0, 1.0)


def test_what_was_played_long_ago_is_forgotten() -> None:
    reference = Reference()
    for number in range(100):
        reference.plays(tone(1.0), float(number))
    assert reference.is_silent(0.0, 99 - KEPT_SECONDS - 1.1)
    assert not reference.is_silent(99 - KEPT_SECONDS + 1.1, 99.0)


def test_what_was_played_a_moment_ago_is_known_while_more_is_played() -> None:
    reference = Reference()
    reference.plays(tone(1.0), 0.0)
    reference.plays(tone(1.0), 1.0 + KEPT_SECONDS - 0.1)
    assert not reference.is_silent(0.0, 1.0)
    reference.plays(tone(1.0), 1.0 + KEPT_SECONDS + 0.1)
    assert reference.is_silent(0.0, 1.0)


def test_of_very_many_clips_at_once_the_oldest_are_forgotten() -> None:
    reference = Reference()
    for number in range(MOST_PIECES + 10):
        reference.plays(tone(0.01), number * 0.01)
    assert reference.is_silent(0.0, 0.09)
    assert not reference.is_silent(0.11, 0.12)


def test_it_may_be_written_and_read_by_two_threads() -> None:
    reference, ended = Reference(), threading.Event()

    def play() -> None:
        for number in range(300):
            reference.plays(tone(0.05), number * 0.05).cut(0.04)
        ended.set()

    writer = threading.Thread(target=play)
    writer.start()
    reads = 0
    while not ended.is_set() or not reads:
        sound = reference.between(0.05 * (reads % 300), 1_280)
        assert np.abs(sound).max() < 9_000
        reads += 1
    writer.join(5)
    assert not reference.is_silent(299 * 0.05, 299 * 0.05 + 0.03)
