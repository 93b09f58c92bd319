"""A room that is made of numbers: what a speaker plays in it comes back into a microphone with another clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr

from ambience import Sound, amplitude, as_clip
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.echo.reference import Playing, Reference
from recordings import frames_of

CAPTURE_SECONDS: Final = 0.004
"""From a frame's last sample to its reader, at least."""

NOISE_DBFS: Final = -75


@dataclass(frozen=True)
class EchoPath:
    """How a speaker's sound comes back."""

    rt60_seconds: float = 0.3
    delay_seconds: float = 0.06
    drift_ppm: float = 0.0
    """By so much the microphone's clock is slower than the speaker's."""

    gain_db: float = 0.0
    overdrive: float = 1.5
    """tanh of so many times the sound, at full scale; 1.5 is about 5 % of harmonics at the peaks, 4 a cheap speaker."""

    seed: int = 1

    def echo(self, played: Sound) -> Sound:
        """What the microphone has of it, at the microphone's clock; as long as what is played."""
        return convolved(self.direct(played), self.response)

    def direct(self, played: Sound) -> Sound:
        """The same as if there were no walls."""
        driven = 32_768 / self.overdrive * np.tanh(self.overdrive * played / 32_768)
        late = np.concatenate([np.zeros(round(self.delay_seconds * SAMPLE_RATE_HZ)), high_passed(driven)])
        drifted = soxr.resample(late, SAMPLE_RATE_HZ * (1 + self.drift_ppm * 1e-6), SAMPLE_RATE_HZ)
        sound = np.zeros(len(played))
        length = min(len(sound), len(drifted))
        sound[:length] = drifted[:length]
        return sound * 10 ** (self.gain_db / 20)

    @property
    def response(self) -> Sound:
        """What the walls add."""
        return impulse_response(self.rt60_seconds, direct_db=3, seed=self.seed)


def impulse_response(rt60_seconds: float, *, direct_db: float, seed: int) -> Sound:
    """A direct sound and a decaying noise; `direct_db` is their ratio. The direct sound has no delay."""
    random = np.random.default_rng(seed)
    count = round(rt60_seconds * SAMPLE_RATE_HZ)
    tail = random.normal(size=count) * 10 ** (-3 * np.arange(count) / count)
    tail[: SAMPLE_RATE_HZ // 400] = 0
    tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(np.square(tail)))
    tail[0] = 1.0
    return tail


def high_passed(sound: Sound, lowest_hz: float = 150) -> Sound:
    """What a small speaker plays of it: 12 dB an octave less below that."""
    size = len(sound) + SAMPLE_RATE_HZ
    hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
    steep = 1 / (1 + 1.4142 * lowest_hz / (1j * np.maximum(hz, 1e-3)) + (lowest_hz / (1j * np.maximum(hz, 1e-3))) ** 2)
    filtered: Sound = np.fft.irfft(np.fft.rfft(sound, size) * steep, size)[: len(sound)]
    return filtered


def convolved(sound: Sound, response: Sound) -> Sound:
    """In pieces, so that an hour of sound needs no gigabytes."""
    block = 1 << 17
    size = block + len(response)
    spectrum = np.fft.rfft(response, size)
    out = np.zeros(len(sound) + size)
    for begin in range(0, len(sound), block):
        piece = sound[begin : begin + block]
        out[begin : begin + size] += np.fft.irfft(np.fft.rfft(piece, size) * spectrum, size)
    return out[: len(sound)]


class Walls:
    """A room that answers piece by piece: a sound made softer dies away in it, and does not break off."""

    def __init__(self, response: Sound) -> None:
        self._response = response
        self._rest = np.zeros(len(response) - 1)

    def echo(self, piece: Sound) -> Sound:
        """What is heard while the piece sounds, of it and of those before."""
        size = len(piece) + len(self._rest)
        whole = np.fft.irfft(np.fft.rfft(self._response, size) * np.fft.rfft(piece, size), size)
        whole[: len(self._rest)] += self._rest
        self._rest = whole[len(piece) :]
        return whole[: len(piece)]


def heard_frames(
    microphone: Sound, *, drift_ppm: float = 0.0, late_seconds: Sequence[float] = (0.0,)
) -> Iterator[tuple[Frame, float]]:
    """The microphone's frames, and when each is read: at the runtime's clock, which the speaker's keeps."""
    for index, frame in enumerate(frames_of(as_clip(microphone))):
        late = late_seconds[index % len(late_seconds)]
        yield frame, frame.ends_at * (1 + drift_ppm * 1e-6) + CAPTURE_SECONDS + late


def with_noise(sound: Sound, dbfs: float = NOISE_DBFS, seed: int = 9) -> Sound:
    """The same in a quiet room."""
    return sound + np.random.default_rng(seed).normal(size=len(sound)) * amplitude(dbfs)


def playing(clip: Clip, at: float = 0.0) -> tuple[Reference, Playing]:
    """A reference in which the clip is played."""
    reference = Reference()
    reference.begin_stretch()
    return reference, reference.plays(clip, at)


def suppressed_db(before: Sound, after: Sound) -> float:
    """By how much softer the second is."""
    return float(10 * np.log10(np.mean(np.square(before)) / max(1e-9, float(np.mean(np.square(after))))))


FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ
