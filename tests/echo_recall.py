"""Whether it is heard while it speaks, and whether it wakes itself: docs/echo.md.

.venv/bin/python tests/echo_recall.py                 # all of it; most of an hour on two cores
.venv/bin/python tests/echo_recall.py 2               # only two minutes of own speech each; nothing is written
.venv/bin/python tests/echo_recall.py 0 "100 ppm"     # only the rooms with this in their name; nothing is written
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
import onnxruntime

from echo_room import EchoPath
from echo_scenes import Cost, Scene, all_calls, heard_in, own_speech
from echo_self import MINUTES, SelfWakes, self_wakes
from jetson_voice.audio import Clip
from wake_recall import Call

REPOSITORY: Final = Path(__file__).parents[1]
PAGE: Final = REPOSITORY / "docs" / "echo.md"

DEFAULT_WORD: Final = "hey jarvis"
RULES: Final = (1, 2, 3)
"""So many frames in a row must be at the threshold."""

LEVELS: Final = [
    Scene(f"{db:g} dB{'' if cancelled else ', no canceller'}", signal_to_echo_db=db, is_cancelled=cancelled)
    for db in (0, -5, -10, -15)
    for cancelled in (False, True)
]
ROOMS: Final = [
    Scene("RT60 0.2 s", EchoPath(rt60_seconds=0.2)),
    Scene("RT60 0.5 s", EchoPath(rt60_seconds=0.5)),
    Scene("delay 0 ms", EchoPath(delay_seconds=0.0)),
    Scene("delay 200 ms", EchoPath(delay_seconds=0.2)),
    Scene("30 ppm", EchoPath(drift_ppm=30)),
    Scene("100 ppm", EchoPath(drift_ppm=100)),
    Scene("200 ms and 100 ppm", EchoPath(delay_seconds=0.2, drift_ppm=100)),
    Scene("a strongly distorting speaker (tanh 4x)", EchoPath(overdrive=4)),
]


def main() -> None:
    """Print the page; written down only when it is whole."""
    minutes = float(sys.argv[1]) if sys.argv[1:] else MINUTES
    wanted = sys.argv[2] if sys.argv[2:] else ""
    onnxruntime.set_seed(1)  # Piper speaks with a little chance in it
    text = anyio.run(page, minutes, wanted)
    print(text)
    if not sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")


async def page(minutes: float, wanted: str) -> str:
    """The whole of docs/echo.md."""
    models = Path(os.environ.get("JETSON_VOICE_MODELS", REPOSITORY / "models"))
    said, own, cost = await all_calls(models), await own_speech(models), Cost()
    clean = await heard_in(None, said, own, models, Cost())
    listening = Listening(said, own, clean, models, cost)
    levels = [await listening.row(scene) for scene in LEVELS if wanted in scene.name]
    rooms = [await listening.row(scene) for scene in ROOMS if wanted in scene.name]
    own_wakes = [await self_wakes(language, minutes, models, cost) for language in ("en", "zh")] if minutes else []
    return "\n".join(
        [
            HEAD.format(
                said=len(said),
                clean=sum(longest > 0 for longest in clean),
                default=sum(
                    longest > 0 and call.phrase == DEFAULT_WORD for call, longest in zip(said, clean, strict=True)
                ),
            ),
            *levels,
            ROOMS_HEAD,
            *rooms,
            SELF_HEAD.format(minutes=f"{minutes:g}"),
            *map(self_row, own_wakes),
            COST.format(milliseconds=1000 * cost.cpu_seconds / cost.played_seconds),
        ]
    )


@dataclass(frozen=True)
class Listening:
    """Who calls, what the assistant says meanwhile, and which of them are heard while nothing plays."""

    said: Sequence[Call]
    own: Clip
    clean: Sequence[int]
    models: Path
    cost: Cost

    async def row(self, scene: Scene) -> str:
        """How many of the calls that are heard in a silent room are heard in the scene."""
        cost = self.cost if scene.is_cancelled else Cost()
        heard = await heard_in(scene, self.said, self.own, self.models, cost)
        pairs = list(zip(self.said, heard, self.clean, strict=True))
        everyone = [longest for _, longest, before in pairs if before]
        default = [longest for call, longest, before in pairs if before and call.phrase == DEFAULT_WORD]
        cells = [*shares(everyone), *shares(default)]
        line = f"| {scene.name} | {' | '.join(cells)} |"
        print(line, file=sys.stderr, flush=True)
        return line


def shares(longest: Sequence[int]) -> list[str]:
    """How many of the runs are long enough for each rule."""
    return [f"{sum(run >= frames for run in longest) / len(longest):.0%}" for frames in RULES]


def self_row(wakes: SelfWakes) -> str:
    """A line for each language."""
    cells = [
        " / ".join(str(count(frames)) for frames in RULES)
        for count in (wakes.raw, wakes.raw_masked, wakes.cancelled, wakes.cancelled_masked)
    ]
    return f"| {wakes.voice} | {wakes.minutes:.0f} | {wakes.own_names} | {' | '.join(cells)} |"


HEAD: Final = """# The assistant's own voice in the microphone

Made by `tests/echo_recall.py`: the real canceller, alignment and openWakeWord in simulated time and synthetic rooms.
{said} wake words (two recordings, Piper at three pitches, five voices of espeak-ng; each three times) are called at
-36 dBFS while the assistant speaks without a pause (Piper, the same voice as half of the callers). The echo: tanh of
1.5 times the sound, a high pass at 150 Hz, an impulse response of 0.3 s (RT60, direct sound 3 dB above the rest), 60 ms
of delay; the room's noise -75 dBFS. Signal to echo is the ratio of the active levels of callers and echo. In the silent
room {clean} of the calls reach 0.5, {default} of them the default word, and 100 % are these; over the voice they must
do so for one, two or three frames in a row.

| signal to echo | one frame | two | three | "hey jarvis", one frame | two | three |
|---|---|---|---|---|---|---|"""

ROOMS_HEAD: Final = """
At -10 dB, with the canceller:

| what is different | one frame | two | three | "hey jarvis", one frame | two | three |
|---|---|---|---|---|---|---|"""

SELF_HEAD: Final = """
## Does it wake itself?

It speaks {minutes} minutes in each language, in answers of five sentences, and nobody calls it; every eighth sentence
holds a wake word. Each answer's start is stamped up to 15 ms wrong, the clocks differ by 30 ppm, and the room changes
twice. Three wake words listen; each cell: one frame at 0.5 is enough / two in a row / three in a row. *Masked*: a wake
word that the assistant says at that moment itself is not heard.

| voice | minutes | own wake words | no canceller | no canceller, masked | canceller | canceller, masked |
|---|---|---|---|---|---|---|"""

COST: Final = """
## What it costs

{milliseconds:.1f} ms of CPU time for each second that something plays; nothing while nothing does. It adds 10 ms to
the sound. Not yet run on a Jetson.
"""


if __name__ == "__main__":
    main()
