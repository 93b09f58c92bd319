"""How the assistant hears itself on these devices: what comes back of a test sound, and what can be taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jetson_voice.doctor.findings import Finding, ok, warn

TOPIC: Final = "echo"
INAUDIBLE_DB: Final = 6.0
"""Above the room's noise. What is softer than that needs no canceller."""

GOOD_DB: Final = 15.0
"""As much the canceller takes out of speech within some seconds, unless the speaker distorts or something moves."""

FULL_SCALE: Final = 32_000


@dataclass(frozen=True)
class EchoHeard:
    """What the microphone heard of a test sound; levels in dBFS."""

    noise_dbfs: float
    echo_dbfs: float
    peak: int
    """The loudest sample, of 32767."""

    delay_seconds: float | None
    """None when nothing of what was played is known again."""

    drift_ppm: float
    taken_out_db: float


def findings_of(heard: EchoHeard) -> Sequence[Finding]:
    """What is to be done about it."""
    above = heard.echo_dbfs - heard.noise_dbfs
    if above < INAUDIBLE_DB:
        return [ok(TOPIC, f"the microphone does not hear the speaker ({above:.0f} dB above the noise of the room)")]
    if heard.peak >= FULL_SCALE:
        text = f"the speaker overdrives the microphone (peak {heard.peak} of 32767): nothing can be taken out of that"
        return [warn(TOPIC, text, "a lower volume, or less gain of the microphone (alsamixer)")]
    if heard.delay_seconds is None:
        text = f"something comes back, {above:.0f} dB above the noise of the room, and it is not what was played"
        return [
            warn(TOPIC, text, 'be quiet meanwhile; a microphone that cancels by itself: microphone.echo = "device"')
        ]
    text = (
        f"comes back after {1000 * heard.delay_seconds:.0f} ms, {above:.0f} dB above the noise of the room; "
        f"{heard.taken_out_db:.0f} dB of it are taken out; the clocks differ by {abs(heard.drift_ppm):.0f} ppm"
    )
    if heard.taken_out_db < min(GOOD_DB, above - INAUDIBLE_DB):
        return [warn(TOPIC, text, "a lower volume, or a better speaker: what it distorts cannot be taken out")]
    return [ok(TOPIC, text)]
