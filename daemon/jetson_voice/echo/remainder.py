"""What is left when the echo was taken out: is it somebody? A canceller leaves a person's voice as it is.

The rest of the assistant's own voice is soft, garbled, and now and then like a wake word. How soft it is depends on the
speaker and the room, so that is followed. Measured in the rooms of docs/echo.md, over 0.8 s: usually 41 dB are taken
out, 26 dB with a strongly distorting speaker. When the rest alone was like a wake word it was 37 and 21 dB at least,
when a call 10 or 15 dB softer than the echo was heard 22 dB at most (17 dB with that speaker).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from typing import Final

import numpy as np

from jetson_voice.audio import Samples

WINDOW_FRAMES: Final = 10
"""In so many, 0.8 s, a wake word is said."""

LESS_DB: Final = 8.0
"""By so much less than usual is taken out when somebody speaks."""

LEAST_DB: Final = 20.0
MOST_DB: Final = 30.0
"""With less than the one somebody may always be there, with more than the other nobody is."""

FIRST_DB: Final = 30.0
STEP_DB: Final = 0.05
"""What is usual is a running median, which moves by this much a frame: 0.6 dB a second."""


class Remainder:
    """Follows how much of the sound is taken out, frame by frame."""

    def __init__(self) -> None:
        self._energies: deque[tuple[float, float]] = deque(maxlen=WINDOW_FRAMES)
        self._usual_db = FIRST_DB

    def begin(self, recent: Iterable[tuple[Samples, Samples]]) -> None:
        """Cancelling begins: these frames were heard before it, with what would have been left of them."""
        self._energies.clear()
        self._energies.extend((energy(heard), energy(left)) for heard, left in recent)

    def after(self, heard: Samples, left: Samples) -> None:
        """A frame as it was heard, and what is left of it."""
        self._energies.append((energy(heard), energy(left)))
        self._usual_db += STEP_DB if self.taken_out_db > self._usual_db else -STEP_DB

    @property
    def is_somebody(self) -> bool:
        """Whether it may be more than the rest of the echo."""
        return self.taken_out_db < min(MOST_DB, max(LEAST_DB, self._usual_db - LESS_DB))

    @property
    def taken_out_db(self) -> float:
        """By how much softer the last 0.8 s became."""
        heard, left = map(sum, zip(*self._energies, strict=True))
        return 10 * math.log10(heard / left)


def energy(samples: Samples) -> float:
    """Of all samples, and a little more, so that silence is no part of another silence."""
    sound = samples.astype(np.float32)
    return 1.0 + float(np.vdot(sound, sound))
