"""A recording without end whose every sample has a time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import Samples

ROOM_RATE_HZ: Final = 48_000
BLOCK_SECONDS: Final = 0.005
"""In blocks of this length the null sinks work while a tape runs."""

T = TypeVar("T")


class Tape(threading.Thread):
    """Records a source of PulseAudio; times are those of time.monotonic(), in seconds."""

    def __init__(self, source: str, environment: Mapping[str, str]) -> None:
        super().__init__(name=f"tape of {source}", daemon=True)
        self._lock = threading.Lock()
        self._samples: Samples = np.zeros(60 * ROOM_RATE_HZ, np.int16)
        self._count = 0
        self._began_at = float("inf")
        self._recorder = subprocess.Popen(
            [
                *("parec", "--raw", "--device", source, "--format=s16le", "--channels=1"),
                *(f"--rate={ROOM_RATE_HZ}", f"--latency-msec={BLOCK_SECONDS * 1e3:.0f}"),
            ],
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.start()
        # By then the time line has settled.
        wait_for(lambda: self._count > 0.2 * ROOM_RATE_HZ, 5, f"recording of {source}")

    def run(self) -> None:
        assert self._recorder.stdout
        rest = b""
        while heard := os.read(self._recorder.stdout.fileno(), 1 << 16):
            now = time.monotonic()
            sound = rest + heard
            rest = sound[len(sound) & ~1 :]
            self._append(np.frombuffer(sound, "<i2", len(sound) // 2), now)

    def _append(self, samples: Samples, now: float) -> None:
        with self._lock:
            end = self._count + len(samples)
            if end > len(self._samples):
                self._samples = np.concatenate([self._samples, np.zeros_like(self._samples)])
            self._samples[self._count : end] = samples
            self._count = end
            # A null sink renders a block when its first sample is due and does not drift from the
            # monotonic clock: the least delayed block so far fixes the time line.
            self._began_at = min(self._began_at, now - end / ROOM_RATE_HZ + BLOCK_SECONDS)

    def between(self, begin: float, end: float | None = None) -> tuple[Samples, float]:
        """What was recorded between two times, or until now, and the time of its first sample."""
        with self._lock:
            samples, began_at = self._samples[: self._count], self._began_at
        first = max(0, round((begin - began_at) * ROOM_RATE_HZ))
        last = len(samples) if end is None else max(first, round((end - began_at) * ROOM_RATE_HZ))
        return samples[first:last].copy(), began_at + first / ROOM_RATE_HZ

    def loud(self, after: float, level: int) -> tuple[npt.NDArray[np.float64], float]:
        """The times of the samples louder than this since a time, and the time of its end."""
        samples, began_at = self.between(after)
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > level)
        return began_at + loud / ROOM_RATE_HZ, began_at + len(samples) / ROOM_RATE_HZ

    def wait_for_sound(self, after: float, timeout: float = 5, level: int = 150) -> float:
        """The time of the first sample louder than the level."""

        def first_sound() -> list[float]:
            return [float(at) for at in self.loud(after, level)[0][:1]]

        return wait_for(first_sound, timeout, "sound")[0]

    def wait_for_silence(self, after: float, *, hold: float = 0.5, timeout: float = 10, level: int = 150) -> float:
        """The time of the last sample louder than the level, once `hold` seconds followed it."""

        def last_sound() -> list[float]:
            loud, now = self.loud(after, level)
            last = float(loud[-1]) if len(loud) else after
            return [last] if now > last + hold else []

        return wait_for(last_sound, timeout, "silence")[0]

    def close(self) -> None:
        self._recorder.kill()
        self._recorder.wait()
        self.join(2)
        assert self._recorder.stdout
        self._recorder.stdout.close()


def wait_for(condition: Callable[[], T], timeout: float, what: str, *, every: float = 0.01) -> T:
    """The first true value of the condition; TimeoutError."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {timeout} s")
        time.sleep(every)
    return value
