"""Nobody speaks in a quiet room: the wake word sleeps until something stirs, and then hears what came just before.

Pre-roll and attention are those of an energy gate that missed none of 41 recorded wake words in a quiet room. It is
unlike that gate in that it never sleeps in noise, where a wake word is hardly louder than the room.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from jetson_voice.audio import Frame, Samples
from jetson_voice.protocols import Wake, WakeWord

ABOVE_THE_FLOOR_DB: Final = 3.0
"""Sound that is so much louder than the room's quiet may be speech; steady noise varies by tenths of a decibel."""

QUIET_DBFS: Final = -60.0
"""A room with more noise than this is not quiet: a wake word may be hardly louder, so nothing is slept through."""

FLOOR_RISES_DB_PER_SECOND: Final = 0.5
"""How fast a noise that stays becomes part of the quiet; speech has pauses, which bring the floor down again."""

QUIETEST_DBFS: Final = -90.0
"""One step of a 16-bit sample."""

PRE_ROLL_SECONDS: Final = 1.6
ATTENTION_SECONDS: Final = 1.2


class QuietGate:
    """Tells which frames may hold a wake word."""

    def __init__(self) -> None:
        self._floor_dbfs = QUIETEST_DBFS
        self._slept_through: deque[Frame] = deque()
        self._attentive_until = 0.0

    def admitted(self, frame: Frame) -> list[Frame]:
        """The frames to be heard now: none in the quiet; the first after it brings the last 1.6 s of it along."""
        if self._is_loud(frame):
            self._attentive_until = frame.ends_at + ATTENTION_SECONDS
        self._slept_through.append(frame)
        if frame.ends_at <= self._attentive_until:
            admitted = list(self._slept_through)
            self._slept_through.clear()
            return admitted
        while frame.ends_at - self._slept_through[0].at > PRE_ROLL_SECONDS:
            self._slept_through.popleft()
        return []

    def _is_loud(self, frame: Frame) -> bool:
        level = level_dbfs(frame.samples)
        self._floor_dbfs = min(level, self._floor_dbfs + FLOOR_RISES_DB_PER_SECOND * frame.seconds)
        return self._floor_dbfs > QUIET_DBFS or level > self._floor_dbfs + ABOVE_THE_FLOOR_DB


def level_dbfs(samples: Samples) -> float:
    """The power of the sound, 0 being the loudest there is; at least QUIETEST_DBFS."""
    power = float(np.mean(np.square(samples.astype(np.float32) / 32768)))
    return max(QUIETEST_DBFS, 10 * float(np.log10(power + 1e-12)))


class SleepsInQuiet:
    """A wake word that costs nothing while the room is quiet."""

    def __init__(self, wake_word: WakeWord) -> None:
        self._wake_word = wake_word
        self._gate = QuietGate()

    async def heard_in(self, frame: Frame) -> Wake | None:
        """The wake word that this frame, or one slept through just before it, completes."""
        wake = None
        for admitted in self._gate.admitted(frame):
            wake = await self._wake_word.heard_in(admitted) or wake
        return wake
