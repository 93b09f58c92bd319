"""A microphone and a speaker made of recordings, on the runtime's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import anyio
import numpy as np

from jetson_voice.audio import (
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    Clip,
    Frame,
    Samples,
    at_gain_from,
    faded_out,
    write_wav,
)
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import DUCKED_GAIN

FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ


class WavMicrophone:
    """Hears a clip at the pace of the clock from the first `read` on, then silence for ever."""

    def __init__(self, clip: Clip, *, tail_seconds: float) -> None:
        self._samples = clip.at_rate(SAMPLE_RATE_HZ).samples
        self._tail_seconds = tail_seconds
        self._ended = anyio.Event()
        self._started_at: float | None = None
        self._count = 0

    @classmethod
    @asynccontextmanager
    async def opened(cls, clip: Clip, *, tail_seconds: float = 1.0) -> AsyncIterator[WavMicrophone]:
        """A clip at any rate; `ended` waits for this much silence after it. No task group."""
        yield cls(clip, tail_seconds=tail_seconds)

    async def read(self) -> Frame:
        """The next frame, not before its last sample is due; late readers miss nothing."""
        if self._started_at is None:
            self._started_at = anyio.current_time()
        await anyio.sleep_until(self._started_at + (self._count + 1) * FRAME_SECONDS)
        begin = self._count * FRAME_SAMPLES
        self._count += 1
        frame = Frame(begin / SAMPLE_RATE_HZ, _padded(self._samples[begin : begin + FRAME_SAMPLES]))
        if frame.ends_at >= len(self._samples) / SAMPLE_RATE_HZ + self._tail_seconds:
            self._ended.set()
        return frame

    async def ended(self) -> None:
        """Wait until the clip and the silence after it have been read."""
        await self._ended.wait()


def _padded(samples: Samples) -> Samples:
    frame = np.zeros(FRAME_SAMPLES, np.int16)
    frame[: len(samples)] = samples
    return frame


class WavSpeaker:
    """Takes as long as a speaker would, and remembers what would have been heard, and when."""

    def __init__(self, *, fade_ms: int, reference: Reference) -> None:
        self._tape = Tape()
        self._reference = reference
        self._fade_seconds = fade_ms / 1000
        self._opened_at = anyio.current_time()
        self._heard_before = 0.0
        self._playing: tuple[float, Clip] | None = None
        self._gain = 1.0
        self._change_gain: Callable[[float], None] = nothing_to_change

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, path: Path, *, rate_hz: int | None = None, fade_ms: int = 15, reference: Reference | None = None
    ) -> AsyncIterator[WavSpeaker]:
        """Writes the WAV on closing, at this rate or the first clip's. Holds no task group."""
        speaker = cls(fade_ms=fade_ms, reference=reference or Reference())
        try:
            yield speaker
        finally:
            seconds = anyio.current_time() - speaker._opened_at
            write_wav(path, speaker._tape.until(seconds, rate_hz))

    @property
    def position(self) -> float:
        """Seconds of sound heard since the opening."""
        if self._playing is None:
            return self._heard_before
        began_at, clip = self._playing
        return self._heard_before + min(anyio.current_time() - began_at, clip.seconds)

    def duck(self, *, is_soft: bool) -> None:
        """Softer, or as before, from this moment on."""
        self._gain = DUCKED_GAIN if is_soft else 1.0
        self._change_gain(self._gain)

    async def play(self, clip: Clip) -> None:
        """Takes the clip's length; cancelled, the length of the fade."""
        began_at = anyio.current_time()
        self._playing = began_at, clip
        playing = self._reference.plays(clip, began_at)
        heard = clip

        def change_gain(gain: float) -> None:
            nonlocal heard
            seconds = anyio.current_time() - began_at
            first = round(seconds * clip.rate_hz)
            heard = replace(heard, samples=at_gain_from(first, heard.samples, clip.samples, gain, clip.rate_hz))
            playing.at_gain(seconds, gain)

        self._change_gain = change_gain
        if self._gain != 1.0:
            change_gain(self._gain)
        try:
            await anyio.sleep_until(began_at + clip.seconds)
        except anyio.get_cancelled_exc_class():
            heard = self._cut(heard, anyio.current_time() - began_at)
            playing.cut(heard.seconds)
            with anyio.CancelScope(shield=True):
                await anyio.sleep_until(began_at + heard.seconds)
            raise
        finally:
            self._change_gain = nothing_to_change
            self._playing = None
            self._heard_before += heard.seconds
            self._tape.add(began_at - self._opened_at, heard)

    def _cut(self, clip: Clip, seconds: float) -> Clip:
        """What is heard of the clip when it fades out from here."""
        begin = round(seconds * clip.rate_hz)
        fade = faded_out(clip.samples[begin:], round(self._fade_seconds * clip.rate_hz))
        return replace(clip, samples=np.concatenate([clip.samples[:begin], fade]))


def nothing_to_change(gain: float) -> None:
    """Nothing plays."""
    del gain


@dataclass
class Tape:
    """Clips and the seconds at which they began."""

    _pieces: list[tuple[float, Clip]] = field(default_factory=list)

    def add(self, at: float, clip: Clip) -> None:
        """One after the other: a clip never begins before the last one has ended."""
        self._pieces.append((at, clip))

    def until(self, seconds: float, rate_hz: int | None) -> Clip:
        """All of it and the silence between, at this rate, or the first clip's, or 16 kHz."""
        rates = [clip.rate_hz for _, clip in self._pieces]
        rate_hz = rate_hz or (rates[0] if rates else SAMPLE_RATE_HZ)
        parts: list[Samples] = []
        length = 0
        for at, clip in [*self._pieces, (seconds, Clip(np.zeros(0, np.int16), rate_hz))]:
            silence = np.zeros(max(0, round(at * rate_hz) - length), np.int16)
            sound = clip.at_rate(rate_hz).samples
            parts += [silence, sound]
            length += len(silence) + len(sound)
        return Clip(np.concatenate(parts), rate_hz)
