"""The wake word sleeps in the quiet."""

from __future__ import annotations

import numpy as np
import pytest

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame, Samples
from jetson_voice.quiet import QuietGate, level_dbfs

FRAMES_PER_SECOND = SAMPLE_RATE_HZ / FRAME_SAMPLES


def noise(seconds: float, dbfs: float) -> Samples:
    amplitude = 32768 * 10 ** (dbfs / 20)
    return (np.random.default_rng(7).normal(0, amplitude, round(seconds * SAMPLE_RATE_HZ))).astype(np.int16)


def frames_of(*sounds: Samples) -> list[Frame]:
    samples = np.concatenate(sounds)
    return [
        Frame(start / SAMPLE_RATE_HZ, samples[start : start + FRAME_SAMPLES])
        for start in range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    ]


def admitted(frames: list[Frame]) -> list[list[Frame]]:
    gate = QuietGate()
    return [gate.admitted(frame) for frame in frames]


def tone(seconds: float, hz: float, dbfs: float) -> Samples:
    at = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return np.asarray(32768 * 10 ** (dbfs / 20) * np.sqrt(2) * np.sin(2 * np.pi * hz * at), np.int16)


def test_digital_silence_is_slept_through() -> None:
    assert not any(admitted(frames_of(np.zeros(60 * SAMPLE_RATE_HZ, np.int16))))


@pytest.mark.parametrize("dbfs", [-85, -75, -65, -50, -35])
def test_a_steady_noise_becomes_the_quiet_of_the_room(dbfs: float) -> None:
    heard = admitted(frames_of(noise(120, dbfs)))
    assert not any(heard[round(90 * FRAMES_PER_SECOND) :])


def test_a_talk_with_pauses_never_becomes_the_quiet_of_the_room() -> None:
    talk = [noise(seconds, dbfs) for _ in range(60) for seconds, dbfs in ((2.0, -30), (0.3, -60))]
    assert all(admitted(frames_of(*talk))[1:])


def test_rumble_and_an_offset_neither_wake_it_nor_hide_soft_speech() -> None:
    rumble = tone(61, 25, -50) + 500
    frames = frames_of(rumble + np.concatenate([noise(60, -80), noise(1, -60)]))
    heard = admitted(frames)
    assert not any(heard[round(40 * FRAMES_PER_SECOND) : round(59.9 * FRAMES_PER_SECOND)])
    assert any(heard[round(60 * FRAMES_PER_SECOND) :])


def test_the_first_sound_brings_what_came_just_before_it() -> None:
    frames = frames_of(noise(60, -80), noise(1, -40))
    heard = admitted(frames)
    first = next(index for index, batch in enumerate(heard) if batch and frames[index].at >= 59)
    batch = heard[first]
    assert batch[-1] is frames[first]
    assert batch[0].at == pytest.approx(frames[first].ends_at - 1.2, abs=0.081)


def test_from_the_first_sound_on_every_frame_is_heard_once_and_in_order() -> None:
    frames = frames_of(noise(60, -80), noise(1, -40), noise(1, -80), noise(1, -40), noise(4, -80))
    awake = [frame.at for batch in admitted(frames) for frame in batch if frame.at >= 59]
    assert awake == sorted(set(awake))
    assert awake[-1] == pytest.approx(63 + 0.8, abs=0.1)
    assert np.diff(awake).max() == pytest.approx(0.08)


def test_soft_speech_in_a_quiet_room_wakes_it() -> None:
    heard = admitted(frames_of(noise(60, -88), noise(1, -70)))
    assert any(heard[round(60 * FRAMES_PER_SECOND) :])


def test_the_level_of_a_full_scale_square_is_zero() -> None:
    assert level_dbfs(np.tile(np.array([-32768, 32767], np.int16), FRAME_SAMPLES // 2)) == pytest.approx(0, abs=0.01)
    assert level_dbfs(np.zeros(FRAME_SAMPLES, np.int16)) == -90
