"""The microphone's audio time, told in the runtime's clock."""

from __future__ import annotations

from collections import deque
from typing import Final

WINDOW_FRAMES: Final = 100
"""Eight seconds: a frame that came without a delay is among them, even on a busy machine."""


class AudioClock:
    """Learns how much earlier than it is read a frame's audio time is; the least delayed frame of late tells."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=WINDOW_FRAMES)

    def read(self, ends_at: float, now: float) -> None:
        """A frame with this end came at this time of the runtime's clock."""
        self._offsets.append(now - ends_at)

    @property
    def offset(self) -> float:
        """What is to be added to an audio time; after at least one frame."""
        return min(self._offsets)
