"""How much later than its reference the echo comes: delay and clock drift, followed in audio time. No clock, no sound.

Two sound cards, or a sound card and a USB microphone, have a clock each. The delay is measured again and again, and a
Kalman filter of two numbers, the delay and how fast it grows, fits a line to the measurements: the newer the heavier,
what does not fit left out. When two that do not fit agree with each other, the echo has jumped, and the line with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

MEASURED_TO_SECONDS: Final = 30e-6
"""Half a sample: how far a measurement is off. Most are better; which reflection is the strongest may change."""

UNKNOWN_SECONDS: Final = 0.5
JITTER_SECONDS: Final = 0.02
"""How far the stamp of a start may be off."""

UNKNOWN_DRIFT: Final = 100e-6
"""Clocks of 50 ppm each; crystals of sound cards have 10 to 50."""

DELAY_WANDERS: Final = (5e-6) ** 2
"""Variance that a second adds to the delay: people move."""

DRIFT_WANDERS: Final = (0.2e-6) ** 2
"""Variance that a second adds to the drift: a crystal warms up by parts per million in minutes."""

MOST_DRIFT: Final = 300e-6
FITS_WITHIN_SECONDS: Final = 250e-6
"""What is farther off the line than this, and than four standard deviations, does not fit: four samples."""

AGREES_WITHIN_SECONDS: Final = 300e-6


@dataclass(frozen=True)
class Measured:
    """At an audio time in seconds the echo came so many seconds after its reference."""

    at: float
    delay: float


@dataclass(frozen=True)
class Alignment:
    """The line through the measurements: the delay at an audio time, and its growth in seconds a second."""

    at: float = 0.0
    delay: float = 0.0
    drift: float = 0.0
    delay_variance: float = UNKNOWN_SECONDS**2
    covariance: float = 0.0
    drift_variance: float = UNKNOWN_DRIFT**2
    suspect: Measured | None = None
    """The last measurement, when it did not fit."""

    is_locked: bool = False
    """Whether the delay of this stretch is known."""

    delay_at_start: float | None = None
    """What it was when it became known in the last stretch; None before the first."""

    def delay_at(self, at: float) -> float:
        """The delay at an audio time."""
        return self.delay + self.drift * (at - self.at)

    def new_stretch(self, at: float) -> Alignment:
        """From this audio time on everything is stamped anew.

        The delay is about what it was when the last stretch began: by how much it had grown since was stamped away.
        """
        is_known = self.delay_at_start is not None
        return replace(
            self,
            at=at,
            delay=self.delay_at_start or 0.0,
            delay_variance=(JITTER_SECONDS if is_known else UNKNOWN_SECONDS) ** 2,
            covariance=0.0,
            suspect=None,
            is_locked=False,
        )

    def after(self, measured: Measured) -> Alignment:
        """The line once this was measured, too; later than what was measured before."""
        predicted = moved(self, measured.at)
        off = measured.delay - predicted.delay
        if abs(off) <= max(FITS_WITHIN_SECONDS, 4 * deviation(predicted) if self.is_locked else 0.0):
            return corrected(predicted, off)
        if self.suspect and abs(measured.delay - self.suspect.delay) < AGREES_WITHIN_SECONDS:
            return stepped(predicted, measured.delay)
        return replace(self, suspect=measured)


def moved(line: Alignment, at: float) -> Alignment:
    """The same line at a later audio time, less certain by then."""
    seconds = at - line.at
    grown = 2 * seconds * line.covariance + seconds**2 * line.drift_variance
    return replace(
        line,
        at=at,
        delay=line.delay_at(at),
        delay_variance=line.delay_variance + grown + seconds * DELAY_WANDERS,
        covariance=line.covariance + seconds * line.drift_variance,
        drift_variance=line.drift_variance + seconds * DRIFT_WANDERS,
    )


def deviation(line: Alignment) -> float:
    """How far the next measurement may be off the line, as a standard deviation in seconds."""
    return math.sqrt(line.delay_variance + MEASURED_TO_SECONDS**2)


def corrected(line: Alignment, off: float) -> Alignment:
    """The line once a measurement was so far off it, as a Kalman filter moves it."""
    spread = line.delay_variance + MEASURED_TO_SECONDS**2
    to_delay, to_drift = line.delay_variance / spread, line.covariance / spread
    found = replace(
        line,
        delay=line.delay + to_delay * off,
        drift=min(MOST_DRIFT, max(-MOST_DRIFT, line.drift + to_drift * off)),
        delay_variance=(1 - to_delay) * line.delay_variance,
        covariance=(1 - to_delay) * line.covariance,
        drift_variance=line.drift_variance - to_drift * line.covariance,
        suspect=None,
    )
    return locked(found)


def stepped(line: Alignment, delay: float) -> Alignment:
    """The line when the echo has jumped; the clocks are the same as before."""
    return locked(replace(line, delay=delay, delay_variance=MEASURED_TO_SECONDS**2, covariance=0.0, suspect=None))


def locked(line: Alignment) -> Alignment:
    """The line when its delay is known."""
    return line if line.is_locked else replace(line, is_locked=True, delay_at_start=line.delay)
