"""Sound as values: frames of the microphone, clips to be played, sample rates, WAV files in memory terms."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import soxr

SAMPLE_RATE_HZ: Final = 16_000
"""What every listener (wake word, speech detector, whisper) was trained on."""

FRAME_SAMPLES: Final = 1_280
"""80 ms: the hop of openWakeWord, and few enough thread hops to idle at a few per cent of a core."""

Samples: TypeAlias = npt.NDArray[np.int16]
"""Mono PCM, one dimension."""


class Echo(Enum):
    """How much of the assistant's own voice may be in a frame."""

    NONE = auto()
    """Nothing plays."""

    ALONE = auto()
    """It plays, and nearly all of the sound could be taken out: nobody speaks but the assistant."""

    CANCELLED = auto()
    """It plays, the canceller knows the room, and what it leaves may be somebody."""

    DEVICE = auto()
    """It plays, and the microphone is one that cancels by itself."""

    RAW = auto()
    """It plays; the canceller does not know the room yet, or how late this answer's echo comes, or there is none."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One step of the microphone: mono at 16 kHz; `at` is the audio time of its first sample in seconds."""

    at: float
    samples: Samples
    echo: Echo = Echo.NONE
    own_words: frozenset[str] = frozenset()
    """Wake phrases and stop words that the assistant itself says, or has just said, in this frame."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / SAMPLE_RATE_HZ

    @property
    def ends_at(self) -> float:
        """The audio time just after its last sample, in seconds."""
        return self.at + self.seconds


@dataclass(frozen=True)
class Span:
    """Where a wake phrase or a stop word is said in a clip, in seconds from its beginning."""

    phrase: str
    begin: float
    end: float


@dataclass(frozen=True, eq=False)
class Clip:
    """A piece of mono sound at any rate."""

    samples: Samples
    rate_hz: int
    says: tuple[Span, ...] = ()
    """The wake phrases and stop words in it, as far as they are known."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate_hz

    def at_rate(self, rate_hz: int) -> Clip:
        """The same sound at another sample rate (soxr, high quality)."""
        if rate_hz == self.rate_hz:
            return self
        converted = soxr.resample(self.samples, self.rate_hz, rate_hz)
        return replace(self, samples=np.asarray(converted, dtype=np.int16), rate_hz=rate_hz)


def joined(frames: Iterable[Frame]) -> Clip:
    """The frames as one clip, in order."""
    pieces = [frame.samples for frame in frames]
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    return Clip(samples, SAMPLE_RATE_HZ)


def followed_by_silence(clip: Clip, seconds: float) -> Clip:
    """The clip, and so much silence."""
    return replace(clip, samples=np.pad(clip.samples, (0, round(seconds * clip.rate_hz))))


def with_silence_at_end(clip: Clip, seconds: float, *, wanted_seconds: float) -> Clip:
    """A clip that ends in so many seconds of silence, with as many as are wanted."""
    if seconds < wanted_seconds:
        return followed_by_silence(clip, wanted_seconds - seconds)
    surplus = round((seconds - wanted_seconds) * clip.rate_hz)
    return replace(clip, samples=clip.samples[: len(clip.samples) - surplus])


def faded_out(samples: Samples, length: int) -> Samples:
    """The first `length` samples, falling linearly to silence: a cut without a click."""
    head = samples[:length]
    ramp = np.linspace(1.0, 0.0, num=len(head), dtype=np.float32)
    return (head * ramp).astype(np.int16)


GAIN_CHANGES_WITHIN_SECONDS: Final = 0.01
"""Evenly, so that nothing clicks: a slice of the sound card's (backends/pyaudio_line.py)."""


def at_gain_from(first: int, samples: Samples, original: Samples, gain: float, rate_hz: int) -> Samples:
    """The samples up to the first of these, and from there on the original, as far as they reach, at this gain."""
    after = original[first : len(samples)] * np.float32(gain)
    if first > 0:
        changing = min(len(after), round(GAIN_CHANGES_WITHIN_SECONDS * rate_hz))
        share = np.linspace(0, 1, changing, dtype=np.float32)
        after[:changing] = (1 - share) * samples[first : first + changing] + share * after[:changing]
    return np.concatenate([samples[:first], after.astype(np.int16)])


class RecordingError(Exception):
    """A file that cannot be read as sound; one line that says why."""


def read_wav(path: Path) -> Clip:
    """A 16-bit PCM WAV file as mono; RecordingError when it is anything else, OSError when it cannot be read."""
    try:
        with path.open("rb") as opened, wave.open(opened, "rb") as file:
            return _mono(file)
    except (wave.Error, EOFError, ValueError) as error:
        raise RecordingError(f"{path}: {str(error) or 'it is cut short'}; wanted is a 16-bit PCM WAV file") from error


def _mono(file: wave.Wave_read) -> Clip:
    if file.getsampwidth() != 2:
        raise ValueError(f"it has {8 * file.getsampwidth()} bits a sample")
    interleaved = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    channels = interleaved.reshape(-1, file.getnchannels())
    return Clip(channels.mean(axis=1).round().astype(np.int16), file.getframerate())


def write_wav(path: Path, clip: Clip) -> None:
    """Write a mono 16-bit PCM WAV file."""
    with path.open("wb") as opened, wave.open(opened, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.rate_hz)
        file.writeframes(clip.samples.astype("<i2").tobytes())
