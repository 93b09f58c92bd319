"""Which frames may hold something of what was played."""

from __future__ import annotations

from typing import Final

from jetson_voice.echo.reference import Reference

LONGEST_DELAY_SECONDS: Final = 0.46
"""From the stamp of a sound to the microphone: buffers of a sound server, of a USB device, of a wireless speaker."""

EARLIEST_SECONDS: Final = 0.05
"""The stamp may be so much too late."""

TAIL_SECONDS: Final = 0.3
"""A room's echo, which the canceller's filter covers, and some more."""

WORDS_BEFORE_SECONDS: Final = 0.3
WORDS_AFTER_SECONDS: Final = 0.5
"""Around a wake phrase that the assistant says: it is heard at its end and after it, and its stamp is a guess."""


def may_be_heard(reference: Reference, begin: float, end: float) -> bool:
    """Whether something that was played may be in the microphone between two times of the runtime's clock."""
    return not reference.is_silent(begin - LONGEST_DELAY_SECONDS - TAIL_SECONDS, end + EARLIEST_SECONDS)
