"""The test sound played, heard and cancelled on the real devices; in a process of its own (children.py)."""
# ruff: noqa: PLC0415

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

import anyio
import numpy as np

from jetson_voice import backends
from jetson_voice.audio import Echo, Frame, joined
from jetson_voice.concurrency import first
from jetson_voice.config import Config
from jetson_voice.doctor.echo import EchoHeard
from jetson_voice.echo.cancelled import EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import Microphone, Speaker
from jetson_voice.sentences import Sentence

TEXT: Final = (
    "This is a test of the echo. Please be quiet until it is over. The microphone hears what the speaker plays, and "
    "that is measured: how late it comes back, how loud it is, and how much of it can be taken out again."
)
QUIET_SECONDS: Final = 1.5
LOUD_WITHIN_DB: Final = 6.0
JUDGED_SECONDS: Final = 4.0
"""The end of the test sound: by then the canceller knows the room."""


def echo_heard(config: Config) -> EchoHeard:
    """Some fifteen seconds, aloud; OSError, StageError, StartError."""
    return anyio.run(_echo_heard, config)


async def _echo_heard(config: Config) -> EchoHeard:
    from jetson_voice.backends.speexdsp import SpeexDsp

    reference = Reference()
    async with backends.microphone(config) as microphone, backends.speaker(config, reference) as speaker:
        with SpeexDsp.opened() as canceller:
            overheard = Overheard(microphone)
            ears = EchoCancelled(overheard, reference, canceller)
            cleaned: list[Frame] = []

            async def listen() -> None:
                while True:
                    cleaned.append(await ears.read())

            await first(listen, lambda: _play(config, speaker))
            return judged(overheard.frames, cleaned, ears)


async def _play(config: Config, speaker: Speaker) -> bool:
    speech = await backends.spare_voice(config).synthesize(Sentence(TEXT, TEXT))
    await anyio.sleep(QUIET_SECONDS)
    await speaker.play(speech.clip)
    return True


class Overheard:
    """A microphone that remembers its frames."""

    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone
        self.frames: list[Frame] = []

    async def read(self) -> Frame:
        """The microphone's."""
        self.frames.append(await self._microphone.read())
        return self.frames[-1]


def judged(raw: Sequence[Frame], cleaned: Sequence[Frame], ears: EchoCancelled) -> EchoHeard:
    """What is to be said of the frames: the quiet before the sound, and the last seconds of it."""
    playing = [index for index, frame in enumerate(cleaned) if frame.echo is not Echo.NONE]
    if not playing:
        raise OSError("the microphone gave no sound while the speaker played")
    quiet = raw[max(0, playing[0] - round(QUIET_SECONDS / raw[0].seconds)) : playing[0]]
    last = playing[-round(JUDGED_SECONDS / raw[0].seconds) :]
    before, after = [raw[index] for index in last], [cleaned[index] for index in last]
    line = ears.alignment
    return EchoHeard(
        noise_dbfs=level_dbfs(quiet),
        echo_dbfs=level_dbfs(before),
        peak=int(np.abs(joined(before).samples.astype(np.int32)).max()),
        delay_seconds=line.delay if line.is_locked else None,
        drift_ppm=1e6 * line.drift,
        taken_out_db=median([level_dbfs([one]) - level_dbfs([other]) for one, other in pairs_of_loud(before, after)]),
    )


def pairs_of_loud(before: Sequence[Frame], after: Sequence[Frame]) -> list[tuple[Frame, Frame]]:
    """The frames that are hardly softer than the whole, and what became of them; one glitch shall not be all."""
    level = level_dbfs(before)
    pairs = zip(before, after, strict=True)
    return [(one, other) for one, other in pairs if level_dbfs([one]) > level - LOUD_WITHIN_DB]


def level_dbfs(frames: Sequence[Frame]) -> float:
    """Their mean power; silence is -96 dBFS."""
    samples = joined(frames).samples.astype(np.float64)
    power = float(np.mean(np.square(samples))) / 32_768**2 if len(samples) else 0.0
    return 10 * math.log10(max(power, 2.5e-10))
