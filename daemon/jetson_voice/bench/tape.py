"""Recordings without end whose every sample has a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import Samples

ROOM_RATE_HZ: Final = 48_000
BLOCK_SECONDS: Final = 0.005
"""In blocks of this length the null sinks work while a tape runs."""

LOUD: Final = 150
"""Of 32767: above the silence of a room without a sound card, below any speech."""

T = TypeVar("T")


class Recording:
    """Sound as it came in; times are those of time.monotonic(), in seconds. Any thread may read it."""

    def __init__(self, rate_hz: int, *, rendered_ahead_seconds: float = 0.0) -> None:
        self._rate_hz = rate_hz
        self._began_at = float("inf")
        self._count = 0
        self._lock = threading.Lock()
        self._samples: Samples = np.zeros(60 * rate_hz, np.int16)
        self._rendered_ahead_seconds = rendered_ahead_seconds

    def append(self, samples: Samples, now: float) -> None:
        """What has just come in; the least delayed piece so far fixes the time line."""
        with self._lock:
            end = self._count + len(samples)
            while end > len(self._samples):
                self._samples = np.concatenate([self._samples, np.zeros_like(self._samples)])
            self._samples[self._count : end] = samples
            self._count = end
            self._began_at = min(self._began_at, now - end / self._rate_hz + self._rendered_ahead_seconds)

    def between(self, begin: float, end: float | None = None) -> tuple[Samples, float]:
        """What was recorded between two times, or until now, and the time of its first sample."""
        with self._lock:
            samples, began_at = self._samples[: self._count], self._began_at
        first = max(0, round((begin - began_at) * self._rate_hz))
        last = len(samples) if end is None else max(first, round((end - began_at) * self._rate_hz))
        return samples[first:last].copy(), began_at + first / self._rate_hz

    def loud(self, after: float, level: int) -> tuple[npt.NDArray[np.float64], float]:
        """The times of the samples louder than this since a time, and the time of its end."""
        samples, began_at = self.between(after)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > level)
        return began_at + loud / self._rate_hz, began_at + len(samples) / self._rate_hz

    def wait_for_sound(self, after: float, timeout: float = 5, level: int = LOUD) -> float:
        """The time of the first sample louder than the level."""

        def first_sound() -> list[float]:
            return [float(at) for at in self.loud(after, level)[0][:1]]

        return wait_for(first_sound, timeout, "sound")[0]

    def wait_for_silence(self, after: float, *, hold: float = 0.5, timeout: float = 10, level: int = LOUD) -> float:
        """The time of the last sample louder than the level, once `hold` seconds followed it."""

        def last_sound() -> list[float]:
            loud, now = self.loud(after, level)
            last = float(loud[-1]) if len(loud) else after
            return [last] if now > last + hold else []

        return wait_for(last_sound, timeout, "silence")[0]


class Tape(Recording):
    """Records a source of PulseAudio, in a thread of its own."""

    def __init__(self, source: str, environment: Mapping[str, str]) -> None:
        # A null sink renders a block when its first sample is due and does not drift from the monotonic clock.
        super().__init__(ROOM_RATE_HZ, rendered_ahead_seconds=BLOCK_SECONDS)
        self._recorder = subprocess.Popen(
            [
                *("parec", "--raw", "--device", source, "--format=s16le", "--channels=1"),
                *(f"--rate={ROOM_RATE_HZ}", f"--latency-msec={BLOCK_SECONDS * 1e3:.0f}"),
            ],
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._sound = cast("IO[bytes]", self._recorder.stdout)
        self._reader = threading.Thread(target=self._read, name=f"tape of {source}", daemon=True)
        self._reader.start()
        # By then the time line has settled.
        wait_for(lambda: self._count > 0.2 * ROOM_RATE_HZ, 5, f"recording of {source}")

    def _read(self) -> None:
        rest = b""
        while heard := os.read(self._sound.fileno(), 1 << 16):
            now = time.monotonic()
            sound = rest + heard
            rest = sound[len(sound) & ~1 :]
            self.append(np.frombuffer(sound, "<i2", len(sound) // 2), now)

    def close(self) -> None:
        """End the recording; what was recorded stays."""
        self._recorder.kill()
        self._recorder.wait()
        self._reader.join(2)
        self._sound.close()


def wait_for(condition: Callable[[], T], timeout: float, what: str, *, every: float = 0.01) -> T:
    """The first true value of the condition; TimeoutError."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {timeout} s")
        time.sleep(every)
    return value
