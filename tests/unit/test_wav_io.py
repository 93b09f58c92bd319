from pathlib import Path

import anyio
import numpy as np
import pytest
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, read_wav
from jetson_voice.backends.wav_io import Tape, WavMicrophone, WavSpeaker

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}


def constant(seconds: float, rate_hz: int, level: int = 1_000) -> Clip:
    return Clip(np.full(round(seconds * rate_hz), level, np.int16), rate_hz)


async def test_a_day_of_a_recording_comes_without_drift() -> None:
    async with WavMicrophone.opened(constant(0.1, SAMPLE_RATE_HZ)) as microphone:
        began_at = anyio.current_time()
        for number in range(10_000):
            frame = await microphone.read()
            assert frame.at == number * FRAME_SAMPLES / SAMPLE_RATE_HZ
            assert anyio.current_time() == began_at + (number + 1) * 0.08


async def test_a_reader_that_was_busy_gets_every_frame_it_missed_at_once() -> None:
    async with WavMicrophone.opened(constant(2, SAMPLE_RATE_HZ)) as microphone:
        await microphone.read()
        await anyio.sleep(1)
        late = anyio.current_time()
        frames = [await microphone.read() for _ in range(12)]
        assert [frame.at for frame in frames] == pytest.approx([0.08 * number for number in range(1, 13)])
        assert anyio.current_time() == late


async def test_a_recording_of_another_rate_is_heard_at_its_own_speed() -> None:
    async with WavMicrophone.opened(constant(1.0, 44_100)) as microphone:
        frames = [await microphone.read() for _ in range(20)]
    heard = np.concatenate([frame.samples for frame in frames])
    assert np.count_nonzero(heard > 500) == pytest.approx(SAMPLE_RATE_HZ, abs=2)


async def test_the_recording_has_ended_when_the_silence_after_it_was_heard_too() -> None:
    async with WavMicrophone.opened(constant(0.5, SAMPLE_RATE_HZ), tail_seconds=1.0) as microphone:
        began_at = anyio.current_time()

        async def listen() -> None:
            while True:
                await microphone.read()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            await microphone.ended()
            tasks.cancel_scope.cancel()
        assert anyio.current_time() - began_at == pytest.approx(19 * 0.08)
        await microphone.ended()


async def test_what_is_written_is_what_a_listener_heard_and_when(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    async with WavSpeaker.opened(path, fade_ms=20) as speaker:
        await anyio.sleep(0.5)
        await speaker.play(constant(1.0, 22_050))
        await anyio.sleep(0.25)
        with anyio.move_on_after(0.3):
            await speaker.play(constant(1.0, 22_050))
        assert speaker.position == pytest.approx(1.32)
        await speaker.play(constant(0.1, 16_000))
        await anyio.sleep(0.4)
    heard = read_wav(path)
    assert heard.rate_hz == 22_050
    assert heard.seconds == pytest.approx(0.5 + 1.0 + 0.25 + 0.32 + 0.1 + 0.4, abs=1e-4)
    loud = heard.samples > 500
    edges = np.flatnonzero(np.diff(loud.astype(int))) / heard.rate_hz
    assert edges == pytest.approx([0.5, 1.5, 1.75, 2.06, 2.07, 2.17], abs=2e-3)


async def test_while_it_plays_the_position_is_the_time_it_has_played(tmp_path: Path) -> None:
    async with WavSpeaker.opened(tmp_path / "heard.wav") as speaker, anyio.create_task_group() as tasks:
        tasks.start_soon(speaker.play, constant(1.0, 16_000))
        await anyio.sleep(0.4)
        assert speaker.position == pytest.approx(0.4)
        await anyio.sleep(1)
        assert speaker.position == 1.0


async def test_an_answer_that_is_never_spoken_still_makes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    async with WavSpeaker.opened(path):
        await anyio.sleep(0.5)
    assert read_wav(path).seconds == 0.5


@given(
    gaps=st.lists(st.floats(0, 2), max_size=5),
    lengths=st.lists(st.integers(0, 5_000), min_size=5, max_size=5),
    rest=st.floats(0, 2),
)
def test_a_tape_is_as_long_as_what_happened(gaps: list[float], lengths: list[int], rest: float) -> None:
    tape, now = Tape(), 0.0
    for gap, length in zip(gaps, lengths, strict=False):
        clip = Clip(np.ones(length, np.int16), SAMPLE_RATE_HZ)
        tape.add(now + gap, clip)
        now += gap + clip.seconds
    whole = tape.until(now + rest, SAMPLE_RATE_HZ)
    assert whole.seconds == pytest.approx(now + rest, abs=1e-3)
    assert np.count_nonzero(whole.samples) == sum(lengths[: len(gaps)])
