"""Nobody speaks where nothing stirs: the wake word sleeps until something does, and then hears what came just before.

What stirs is told from the noise of the room, whatever its level: a fan is slept through, babble is not. No wake word
that would have been heard may be lost to sleep: docs/measured.md counts them, room by room.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import numpy as np

from jetson_voice.audio import SAMPLE_RATE_HZ, Frame, Samples
from jetson_voice.protocols import Wake, WakeRising, WakeWord

ABOVE_THE_FLOOR_DB: Final = 5.0
"""Sound that is so much louder than the room's noise may be speech. Measured in the rooms of docs/measured.md: from
8 dB on, wake words that are hardly louder than the room are lost; with 3 dB steady noise is slept through already."""

FLOOR_RISES_DB_PER_SECOND: Final = 1.5
"""How fast a noise that stays becomes part of the room's; speech has pauses, which bring the floor down again."""

QUIETEST_DBFS: Final = -90.0
"""One step of a 16-bit sample."""

RUMBLE_SAMPLES: Final = SAMPLE_RATE_HZ // 400
"""What hardly changes within 2.5 ms is a room's rumble or a microphone's offset, not speech."""

MEAN_OF_A_PIECE: Final = np.full(RUMBLE_SAMPLES, 1 / RUMBLE_SAMPLES, np.float32)

PRE_ROLL_SECONDS: Final = 1.2
ATTENTION_SECONDS: Final = 0.8
"""The end of a word may be too soft to be told from the room, and the models hear it a little later."""


class QuietGate:
    """Tells which frames may hold a wake word."""

    def __init__(self) -> None:
        self._floor_dbfs = QUIETEST_DBFS
        self._slept_through: deque[Frame] = deque()
        self._attentive_until = 0.0

    def admitted(self, frame: Frame) -> list[Frame]:
        """The frames to be heard now: none while nothing stirs; the first after it brings the last 1.2 s along."""
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
        return level > self._floor_dbfs + ABOVE_THE_FLOOR_DB


def level_dbfs(samples: Samples) -> float:
    """The power of the sound without its rumble, 0 being the loudest there is; at least QUIETEST_DBFS."""
    pieces = samples.reshape(-1, RUMBLE_SAMPLES).astype(np.float32)
    rumble = pieces @ MEAN_OF_A_PIECE
    power = float(np.vdot(pieces, pieces)) / pieces.size - float(np.vdot(rumble, rumble)) / rumble.size
    return max(QUIETEST_DBFS, 10 * math.log10(max(power, 1e-9) / 32768**2))


class SleepsInQuiet:
    """A wake word that costs nothing while nothing stirs in the room."""

    def __init__(self, wake_word: WakeWord) -> None:
        self._wake_word = wake_word
        self._gate = QuietGate()

    async def heard_in(self, frame: Frame) -> Wake | WakeRising | None:
        """The wake word that this frame, or one slept through just before it, completes or may complete."""
        heard: Wake | WakeRising | None = None
        for admitted in self._gate.admitted(frame):
            newest = await self._wake_word.heard_in(admitted)
            heard = heard if isinstance(heard, Wake) else newest
        return heard
