"""The recordings in data/, and how they become what a microphone gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame, read_wav
from jetson_voice.protocols import Utterance, Wake, WakeWord

DATA = Path(__file__).parent / "data"


def recording(name: str) -> Clip:
    """A recording at 16 kHz."""
    return read_wav(DATA / f"{name}.wav").at_rate(SAMPLE_RATE_HZ)


def silence(seconds: float) -> Clip:
    return Clip(np.zeros(round(seconds * SAMPLE_RATE_HZ), np.int16), SAMPLE_RATE_HZ)


def noise(seconds: float, level: float) -> Clip:
    """White noise of a root mean square `level` of 32 768."""
    samples = np.random.default_rng(1).normal(scale=level, size=round(seconds * SAMPLE_RATE_HZ))
    return Clip(samples.astype(np.int16), SAMPLE_RATE_HZ)


def hum(seconds: float) -> Clip:
    """The deep noise of a fan: a random walk that is pulled back to zero."""
    steps = np.random.default_rng(2).normal(scale=200, size=round(seconds * SAMPLE_RATE_HZ))
    walk = np.zeros(len(steps))
    level = 0.0
    for index, step in enumerate(steps):
        level = 0.99 * level + step
        walk[index] = level
    return Clip(walk.astype(np.int16), SAMPLE_RATE_HZ)


def one_after_another(*clips: Clip) -> Clip:
    return Clip(np.concatenate([clip.at_rate(SAMPLE_RATE_HZ).samples for clip in clips]), SAMPLE_RATE_HZ)


def frames_of(clip: Clip, *, at: float = 0.0) -> Iterator[Frame]:
    """The clip as frames of the microphone; the last is filled up with silence."""
    samples = np.pad(clip.samples, (0, -len(clip.samples) % FRAME_SAMPLES))
    for begin in range(0, len(samples), FRAME_SAMPLES):
        yield Frame(at + begin / SAMPLE_RATE_HZ, samples[begin : begin + FRAME_SAMPLES])


async def heard(wake_word: WakeWord, clip: Clip, *, at: float = 0.0) -> list[Wake]:
    """Every wake word in the clip."""
    wakes = [await wake_word.heard_in(frame) for frame in frames_of(clip, at=at)]
    return [wake for wake in wakes if isinstance(wake, Wake)]


def utterance(*clips: Clip, wake_phrase: str = "hey jarvis") -> Utterance:
    """A command with the little silence around it that the endpointer leaves."""
    clip = one_after_another(silence(0.3), *clips, silence(0.5))
    return Utterance(clip, wake_phrase, ended_at=clip.seconds)
