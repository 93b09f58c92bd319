"""What takes an echo out of a microphone's sound, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from jetson_voice.audio import SAMPLE_RATE_HZ, Samples

BLOCK_SAMPLES: Final = SAMPLE_RATE_HZ // 100
"""10 ms; frames are whole numbers of it."""

MARGIN_SECONDS: Final = 0.012
"""So much earlier than the echo the reference is given to the canceller: what comes before the strongest reflection
is found, too, and the alignment may be off by that before the reference is late, which ends all cancelling."""


@dataclass(frozen=True, eq=False)
class Cancelled:
    """The microphone's sound without an echo."""

    sound: Samples
    """As it is heard: what a person says is as it was, and a rest of the echo is left."""

    person: Samples
    """With that rest made softer, and a person with it: how loud it is tells whether somebody speaks."""


class Canceller(Protocol):
    """Knows a room by what it has heard of it; blocks follow each other without a gap."""

    def cancelled(self, microphone: Samples, reference: Samples) -> Cancelled:
        """A block of the microphone without the echo of the reference; each of BLOCK_SAMPLES."""
        ...
