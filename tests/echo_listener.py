"""Who is heard over its own voice when all of it is at work, the answer becoming soft as well: docs/interruptions.md.

.venv/bin/python tests/echo_listener.py               # a quarter of an hour on two cores
.venv/bin/python tests/echo_listener.py "-10 dB"      # only the rooms with this in their name; nothing is written
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import anyio
import numpy as np
import onnxruntime

from ambience import Sound, as_clip
from echo_recall import DEFAULT_WORD, LEVELS, PAGE, ROOMS
from echo_room import CAPTURE_SECONDS, EchoPath, Walls, with_noise
from echo_scenes import (
    Scene,
    SimulatedMicrophone,
    Spoken,
    all_calls,
    begins_at,
    callers,
    heard_of,
    not_said,
    own_speech,
    spoken_over,
)
from jetson_voice.audio import FRAME_SAMPLES, GAIN_CHANGES_WITHIN_SECONDS, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.backends.openwakeword import OpenWakeWord
from jetson_voice.backends.silero import Silero
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.backends.undecided import Undecided
from jetson_voice.config import Listen
from jetson_voice.echo.cancelled import EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.listening import Ears, Listener
from jetson_voice.protocols import DUCKED_GAIN, Transcript, Utterance, Wake
from jetson_voice.quiet import SleepsInQuiet
from wake_recall import ALL_WORDS, Call

TABLE: Final = PAGE.with_name("interruptions.md")
LATE_SECONDS: Final = 0.05
"""From the wish to be soft to the first soft sample: the sound card's buffer and a piece on its way."""

SCENES: Final = [scene for scene in (*LEVELS, *ROOMS) if scene.is_cancelled]


class RoomOverError(Exception):
    """There is no more sound to hear."""


class Room:
    """A speaker that can be made soft, its echo, and the people who call."""

    def __init__(self, people: Sound, spoken: Spoken, path: EchoPath) -> None:
        self.now = 0.0
        self._people = people
        self._path = path
        self._playing = spoken.playing
        self._loud = path.direct(spoken.played) * spoken.level
        self._soft = path.direct(spoken.played * DUCKED_GAIN) * spoken.level
        self._softness = np.zeros(len(spoken.played))
        self._is_soft = False

    def duck(self, *, is_soft: bool) -> None:
        """What is played from soon on is softer, or as loud as before."""
        if is_soft is self._is_soft:
            return
        self._is_soft = is_soft
        seconds = self.now + LATE_SECONDS
        begin, changing = round(seconds * SAMPLE_RATE_HZ), round(GAIN_CHANGES_WITHIN_SECONDS * SAMPLE_RATE_HZ)
        self._softness[begin:] = is_soft  # by the speaker's clock
        changed = self._softness[begin : begin + changing]
        changed[:] = np.linspace(not is_soft, is_soft, changing)[: len(changed)]
        self._playing.at_gain(seconds, DUCKED_GAIN if is_soft else 1.0)

    def frames(self) -> Iterator[tuple[Frame, float]]:
        """The microphone's, each made when it is read; with the time at which that is."""
        late = round(self._path.delay_seconds * SAMPLE_RATE_HZ)
        walls = Walls(self._path.response)
        for begin in range(0, len(self._people) - FRAME_SAMPLES, FRAME_SAMPLES):
            heard = slice(begin, begin + FRAME_SAMPLES)
            at = np.arange(begin, begin + FRAME_SAMPLES) * (1 + self._path.drift_ppm * 1e-6) - late
            softness = self._softness[np.clip(np.rint(at).astype(int), 0, len(self._softness) - 1)]
            echo = walls.echo(softness * self._soft[heard] + (1 - softness) * self._loud[heard])
            frame = Frame(begin / SAMPLE_RATE_HZ, as_clip(self._people[heard] + echo).samples)
            self.now = frame.ends_at * (1 + self._path.drift_ppm * 1e-6) + CAPTURE_SECONDS
            yield frame, self.now
        raise RoomOverError


class Deaf:
    """A transcriber that understands nobody: no remark is a stop word."""

    async def transcribe(self, utterance: Utterance) -> Transcript:
        del utterance
        return Transcript("", "en")


async def heard_in(scene: Scene, said: Sequence[Call], own: Clip, models: Path) -> list[Wake]:
    """All wake words that are heard while the assistant speaks without a pause."""
    people = callers(said, begins_at(len(said)) + 2, scene.path.rt60_seconds)
    reference = Reference()
    room = Room(with_noise(people), spoken_over(scene, own, len(people), reference), scene.path)
    microphone = SimulatedMicrophone(room.frames())
    wakes: list[Wake] = []
    async with OpenWakeWord.opened(ALL_WORDS, models) as wake_word, Silero.opened(Listen()) as speech_detector:
        with SpeexDsp.opened() as canceller:
            cancelled = EchoCancelled(microphone, reference, canceller, now=microphone.now)
            listener = Listener(
                Ears(cancelled, SleepsInQuiet(wake_word), speech_detector, Undecided(), Deaf()),
                rules=Listen().rules,
                patience=Listen().patience,
                pre_roll_seconds=Listen().pre_roll_seconds,
                interrupted_by=Listen().interrupted_by,
                duck=room.duck,
                observe=lambda _: None,
            )
            while heard := await next_wake(listener):
                wakes.append(heard)
    return wakes


async def next_wake(listener: Listener) -> Wake | None:
    """The next wake word; None when the room's time is over."""
    try:
        heard = await listener.wait_for_interruption()
    except RoomOverError:
        return None
    assert isinstance(heard, Wake)
    return heard


async def row(scene: Scene, said: Sequence[Call], clean: Sequence[bool], own: Clip, models: Path) -> str:
    """The shares of those calls that are heard in a silent room, and the wake words that nobody said."""
    wakes = await heard_in(scene, said, own, models)
    heard = heard_of(said, wakes)
    everyone = [each for each, before in zip(heard, clean, strict=True) if before]
    default = [
        each for each, before, call in zip(heard, clean, said, strict=True) if before and call.phrase == DEFAULT_WORD
    ]
    name = scene.name if "dB" in scene.name else f"-10 dB, {scene.name}"
    cells = [f"{sum(each) / len(each):.0%}" for each in (everyone, default)]
    line = f"| {name} | {' | '.join(cells)} | {len(not_said(said, wakes))} |"
    print(line, file=sys.stderr, flush=True)
    return line


async def page(wanted: str) -> str:
    """The whole of docs/interruptions.md."""
    models = Path(os.environ.get("JETSON_VOICE_MODELS", Path(__file__).parents[1] / "models"))
    said, own = await all_calls(models), await own_speech(models)
    silent = Scene("silence", signal_to_echo_db=100.0)
    wakes = await heard_in(silent, said, own, models)
    clean = heard_of(said, wakes)
    rows = [await row(scene, said, clean, own, models) for scene in SCENES if wanted in scene.name]
    return "\n".join([HEAD.format(said=len(said), clean=sum(clean)), *rows, ""])


HEAD: Final = """# Calls over its own voice, all of it at work

Made by `tests/echo_listener.py`: the calls and rooms of `tests/echo_recall.py` ([echo.md](echo.md)), heard by the whole
listener, which makes the answer soft as soon as somebody speaks, and wants three frames in a row while it knows the
room, four before. Of {said} calls {clean} are heard where the echo is 100 dB softer, and 100 % are these. A wake word
that nobody said is counted in the last column.

| signal to echo | heard | "hey jarvis" | not said |
|---|---|---|---|"""


def main() -> None:
    wanted = sys.argv[1] if sys.argv[1:] else ""
    onnxruntime.set_seed(1)
    text = anyio.run(page, wanted)
    print(text)
    if not sys.argv[1:]:
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
