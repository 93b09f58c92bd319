"""How the daemon is: from what its parts do to the line that systemd shows, and to whether it must be ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from jetson_voice.protocols import Stage

SOUNDLESS_SECONDS: Final = 3.0
"""Without a frame for so long, there is no microphone: a frame lasts 80 ms."""

OPENING_SECONDS: Final = 10.0
"""At start a microphone is given so long before the daemon is ready without it."""

DEAF_SECONDS: Final = 60.0
"""Nobody asks for frames while a cancelled turn waits for its last inference; longer than that no inference takes."""

LONGEST_SECONDS: Final[Mapping[Stage, float]] = {
    "transcribe": 120.0,
    "think": 660.0,
    "synthesize": 60.0,
    "play": 30.0,
}
"""When a stage hangs: behind every time-out that can be configured, and for `play` so long after the sound's end.

think: between two words; llm.first_token_timeout_seconds is at most 600. transcribe: a command of 29 s with
whisper-small on a slow processor takes less.
"""


@dataclass(frozen=True)
class Work:
    """A stage of a turn that is at it."""

    stage: Stage
    seconds: float
    longest_seconds: float


@dataclass(frozen=True)
class Vitals:
    """What is known of the daemon at a moment; `frame_age_seconds` counts from the start while there was no frame."""

    loading: Sequence[str] = ()
    is_listening: bool = False
    has_heard: bool = False
    waits_for_frame: bool = False
    frame_age_seconds: float = 0.0
    working: Sequence[Work] = ()
    lost: Sequence[str] = ()

    @property
    def is_soundless(self) -> bool:
        """Whether somebody listens and no sound comes."""
        return self.is_listening and self.waits_for_frame and self.frame_age_seconds >= SOUNDLESS_SECONDS

    @property
    def is_ready(self) -> bool:
        """Whether it hears, or waits for a microphone that is not there."""
        return self.is_listening and (self.has_heard or self.frame_age_seconds >= OPENING_SECONDS)


def ailment(vitals: Vitals) -> str | None:
    """Why only a restart can help; None while all is well, or what is missing may come back by itself."""
    for work in vitals.working:
        if work.seconds > work.longest_seconds:
            return f"{work.stage} hangs: it has not ended for {shown(work.seconds)}"
    is_deaf = vitals.is_listening and not vitals.waits_for_frame and vitals.frame_age_seconds > DEAF_SECONDS
    return f"nobody has listened for {shown(vitals.frame_age_seconds)}" if is_deaf else None


def status_line(vitals: Vitals) -> str:
    """The state in one line, for `systemctl status`."""
    loading = f"loading {', '.join(vitals.loading)}" if vitals.loading else ""
    if not vitals.is_ready:
        return loading or "waiting for the first sound"
    hearing = "listening already" if loading else "listening"
    if vitals.is_soundless:
        hearing = f"no microphone since {shown(vitals.frame_age_seconds)}"
    missing = [f"{name} does not answer" for name in vitals.lost]
    return "; ".join(part for part in (loading, hearing, *missing) if part)


def shown(seconds: float) -> str:
    """So coarse that a status does not change every second for ever."""
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds // 60:.0f} min"
