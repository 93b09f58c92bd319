import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Samples
from jetson_voice.backends.framing import FrameBuffer, Framing


def tone(seconds: float, rate_hz: int) -> Samples:
    return (8_000 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.int16)


def framed(blocks: list[Samples], rate_hz: int) -> list[Samples]:
    framing = Framing(rate_hz)
    return [piece for block in blocks for piece in framing.pieces(block)]


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000, 96_000])
def test_a_minute_of_any_device_is_a_minute_of_frames(rate_hz: int) -> None:
    block = np.zeros(round(0.08 * rate_hz), np.int16)
    frames = framed([block] * 750, rate_hz)
    # A resampler holds a few milliseconds back, no more after a minute than after a second.
    assert 748 <= len(frames) <= 750
    assert {len(frame) for frame in frames} == {FRAME_SAMPLES}


@given(cuts=st.lists(st.integers(0, 47_999), max_size=20), rate_hz=st.sampled_from([16_000, 44_100, 48_000]))
def test_frames_are_the_same_whatever_blocks_the_device_gives(cuts: list[int], rate_hz: int) -> None:
    sound = tone(1, rate_hz)
    whole = np.concatenate(framed([sound], rate_hz))
    blocks = np.split(sound, sorted(cut for cut in cuts if cut < len(sound)))
    pieces = np.concatenate(framed(blocks, rate_hz))
    # soxr dithers its last bits, in each block anew.
    assert pieces.shape == whole.shape
    assert np.abs(pieces.astype(int) - whole).max() <= 3


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_tone_of_another_rate_is_heard_as_the_same_tone(rate_hz: int) -> None:
    heard = np.concatenate(framed(np.array_split(tone(2, rate_hz), 25), rate_hz))
    wanted = tone(2, SAMPLE_RATE_HZ)[: len(heard)]
    assert np.abs(heard[1_000:].astype(int) - wanted[1_000:]).max() < 40


@given(puts=st.integers(0, 60))
def test_a_full_buffer_drops_the_oldest_and_keeps_the_time(puts: int) -> None:
    buffer = FrameBuffer(seconds=1.0)
    room_for = 12
    for number in range(puts):
        buffer.put(np.full(FRAME_SAMPLES, number, np.int16))
    assert buffer.dropped == max(0, puts - room_for)
    kept = []
    while frame := buffer.take():
        kept.append((int(frame.samples[0]), frame.at))
    assert kept == [(number, number * FRAME_SAMPLES / SAMPLE_RATE_HZ) for number in range(buffer.dropped, puts)]


def test_sound_that_is_too_old_is_skipped_and_the_time_goes_on() -> None:
    buffer = FrameBuffer(seconds=1.0)
    buffer.put(np.zeros(FRAME_SAMPLES, np.int16))
    buffer.skip()
    buffer.put(np.zeros(FRAME_SAMPLES, np.int16))
    times = [frame.at for frame in iter(buffer.take, None)]
    assert times == pytest.approx([0, 0.16])
    assert buffer.dropped == 1
