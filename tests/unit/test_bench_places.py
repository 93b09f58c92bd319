"""The machine's own devices as the bench listens to them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
import pytest

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.bench.places import OnTheDevices, RecordedMicrophone, level_of
from jetson_voice.bench.tape import Recording
from recordings import noise, one_after_another, silence

pytestmark = pytest.mark.anyio


def tone(seconds: float, level: int) -> Clip:
    return Clip(np.full(round(seconds * SAMPLE_RATE_HZ), level, np.int16), SAMPLE_RATE_HZ)


@dataclass
class Air:
    """A speaker whose sound comes to the microphone's recording a tenth as loud, over the noise of the room."""

    recording: Recording = field(default_factory=lambda: Recording(SAMPLE_RATE_HZ))
    now: float = field(default_factory=time.monotonic)
    played: list[Clip] = field(default_factory=list)
    position: float = 0.0

    def carry(self, clip: Clip) -> None:
        self.now += clip.seconds
        sound = clip.samples // 10 + noise(clip.seconds, level=100).samples
        self.recording.append(sound.astype(np.int16), self.now)

    def duck(self, *, is_soft: bool) -> None:
        raise AssertionError(f"nobody wants it {'soft' if is_soft else 'loud'}")

    async def play(self, clip: Clip) -> None:
        self.played.append(clip)
        self.carry(clip)


async def test_question_and_answer_are_told_from_the_noise_by_what_the_microphone_hears() -> None:
    air = Air()
    air.now -= 2.0
    air.carry(silence(2.0))
    place = OnTheDevices(air, air.recording)
    question = one_after_another(silence(0.25), tone(1.0, 20_000), silence(0.5), tone(0.5, 20_000), silence(0.75))
    said = await place.say(question)
    assert air.played[0].seconds == pytest.approx(2.25)
    ended_at = place.end_of_speech(said)
    assert ended_at == pytest.approx(air.now, abs=0.01)
    air.carry(silence(1.0))
    await air.play(tone(0.5, 20_000))
    assert place.first_sound(ended_at + 0.5) == pytest.approx(ended_at + 1.0, abs=0.01)


async def test_a_recorded_microphone_gives_every_frame_and_keeps_it() -> None:
    frames = [Frame(index * 0.08, np.full(FRAME_SAMPLES, index, np.int16)) for index in range(3)]

    class Frames:
        async def read(self) -> Frame:
            return frames[count]

    microphone = RecordedMicrophone(Frames())
    for count in range(3):
        assert await microphone.read() is frames[count]
    samples, _ = microphone.recording.between(0)
    assert np.array_equal(samples, np.concatenate([frame.samples for frame in frames]))


@pytest.mark.parametrize(("peak", "level"), [(500, 200), (20_000, 400), (0, 200)])
def test_what_is_34_db_below_the_peak_is_silence(peak: int, level: int) -> None:
    assert level_of(tone(0.1, peak)) == level
