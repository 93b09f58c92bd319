"""The noise of rooms in which nobody calls, made of random numbers and of speech played backwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from recordings import one_after_another, recording

Sound = npt.NDArray[np.float64]

SPEECH: Final = ("en_librispeech", "zh_aishell", "zh_opening_hours", "en_real_one_two_three")
LOWEST_HZ: Final = 20


@dataclass(frozen=True)
class Room:
    """A kind of noise at a level."""

    kind: str
    dbfs: float

    def noise(self, seconds: float, seed: int = 1) -> Sound:
        """So much of it, as samples of int16's range."""
        return KINDS[self.kind](round(seconds * SAMPLE_RATE_HZ), self.dbfs, np.random.default_rng(seed))


def hiss(count: int, dbfs: float, random: np.random.Generator) -> Sound:
    """White: the noise of a bad microphone."""
    return random.normal(size=count) * amplitude(dbfs)


def fan(count: int, dbfs: float, random: np.random.Generator) -> Sound:
    """Pink and steady."""
    spectrum = np.fft.rfft(random.normal(size=count))
    hz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ)
    audible = hz >= LOWEST_HZ
    spectrum[~audible] = 0
    spectrum[audible] /= np.sqrt(hz[audible])
    return at_level(np.fft.irfft(spectrum, count), dbfs)


def office(count: int, dbfs: float, random: np.random.Generator) -> Sound:
    """A fan that goes up and down by some decibels in seconds, and people who talk half of the time."""
    turns = max(2, count // (5 * SAMPLE_RATE_HZ))
    gain_db = np.interp(np.linspace(0, turns, count), np.arange(turns + 1), random.normal(0, 2, turns + 1))
    return fan(count, dbfs, random) * 10 ** (gain_db / 20) + babble(count, dbfs, random)


def babble(count: int, dbfs: float, random: np.random.Generator) -> Sound:
    """Pieces of speech, backwards, from 6 dB below the level to 8 dB above it."""
    backwards = one_after_another(*map(recording, SPEECH)).samples[::-1].astype(np.float64)
    sound = np.zeros(count)
    begin = 2 * SAMPLE_RATE_HZ
    while begin < count:
        length = round(random.uniform(0.4, 2.5) * SAMPLE_RATE_HZ)
        start = random.integers(0, len(backwards) - length)
        piece = at_level(backwards[start : start + length] * np.hanning(length) ** 0.3, dbfs + random.uniform(-6, 8))
        end = min(count, begin + length)
        sound[begin:end] += piece[: end - begin]
        begin = end + round(random.exponential(3) * SAMPLE_RATE_HZ)
    return sound


KINDS: Final[Mapping[str, Callable[[int, float, np.random.Generator], Sound]]] = {
    "hiss": hiss,
    "fan": fan,
    "office": office,
}


def as_clip(sound: Sound) -> Clip:
    """What a microphone makes of it."""
    return Clip(np.clip(sound, -32768, 32767).astype(np.int16), SAMPLE_RATE_HZ)


def at_level(sound: Sound, dbfs: float) -> Sound:
    """The same sound with this mean power."""
    return sound * (amplitude(dbfs) / float(np.sqrt(np.mean(np.square(sound)))))


def amplitude(dbfs: float) -> float:
    """The root mean square of a level."""
    return float(32768 * 10 ** (dbfs / 20))
