"""From a device's blocks to the frames of the microphone."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
import soxr

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame, Samples

FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ


class FrameBuffer:
    """Frames on their way to the reader; when it is full the oldest goes, and is counted."""

    def __init__(self, seconds: float) -> None:
        self._frames: deque[Frame] = deque(maxlen=max(1, round(seconds / FRAME_SECONDS)))
        self._lock = threading.Lock()
        self._count = 0
        self.dropped = 0

    def put(self, samples: Samples) -> None:
        """Add the next FRAME_SAMPLES."""
        with self._lock:
            if len(self._frames) == self._frames.maxlen:
                self.dropped += 1
            self._frames.append(Frame(self._count * FRAME_SAMPLES / SAMPLE_RATE_HZ, samples))
            self._count += 1

    def skip(self) -> None:
        """A frame that nobody shall hear: audio time goes on without it."""
        with self._lock:
            self.dropped += 1
            self._count += 1

    @property
    def is_empty(self) -> bool:
        """Whether no frame waits."""
        return not self._frames

    def take(self) -> Frame | None:
        """The oldest one, if there is one."""
        with self._lock:
            return self._frames.popleft() if self._frames else None


class Framing:
    """Cuts sound of any rate into pieces of FRAME_SAMPLES at 16 kHz: none lost, none invented."""

    def __init__(self, rate_hz: int) -> None:
        self._resampling = (
            None if rate_hz == SAMPLE_RATE_HZ else soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="int16")
        )
        self._rest: Samples = np.zeros(0, np.int16)

    def pieces(self, samples: Samples) -> Iterator[Samples]:
        """All the pieces that are complete with these samples."""
        if self._resampling:
            samples = self._resampling.resample_chunk(samples)
        self._rest = np.concatenate([self._rest, samples])
        while len(self._rest) >= FRAME_SAMPLES:
            piece, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
            yield piece
