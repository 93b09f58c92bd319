"""Whether it is heard while it speaks, and whether it wakes itself: docs/echo.md.

.venv/bin/python tests/echo_recall.py                 # all of it; half an hour on two cores
.venv/bin/python tests/echo_recall.py 2               # only two minutes of own speech each; nothing is written
.venv/bin/python tests/echo_recall.py 0 "100 ppm"     # only the rooms with this in their name; nothing is written
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import anyio
import onnxruntime
from anyio import create_task_group, to_process
from anyio.abc import TaskGroup

from echo_others import ROOMS as OTHERS_ROOMS
from echo_others import others, others_row
from echo_room import EchoPath
from echo_scenes import Cost, Scene, all_calls, ears_in, heard_of, masked, own_speech, unguarded, wakes_of
from echo_self import MINUTES, self_wakes
from jetson_voice.audio import Clip
from jetson_voice.languages import Language
from jetson_voice.wake_rules import LESS_CLEAR
from wake_recall import Call

REPOSITORY: Final = Path(__file__).parents[1]
PAGE: Final = REPOSITORY / "docs" / "echo.md"

DEFAULT_WORD: Final = "hey jarvis"
COST_MINUTES: Final = 3.0
MODELS: Final = Path(os.environ.get("JETSON_VOICE_MODELS", REPOSITORY / "models"))

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
    text = anyio.run(page, minutes, wanted)
    print(text)
    if not sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")


async def page(minutes: float, wanted: str) -> str:
    """The whole of docs/echo.md. Each row is a process of its own, as many at a time as there are cores."""
    onnxruntime.set_seed(1)  # Piper speaks with a little chance in it
    said, own = await all_calls(MODELS), await own_speech(MODELS)
    clean = heard_of(said, wakes_of(await ears_in(None, said, own, MODELS, Cost())))
    listening = Listening(said, own, clean)
    languages: tuple[Language, ...] = ("en", "zh") if minutes else ()
    strangers = await others()
    others_rooms = [scene for scene in OTHERS_ROOMS if minutes and wanted in scene.name]
    async with create_task_group() as rows:
        own_wakes = [Row(rows, self_row, language, minutes) for language in languages]
        levels = [Row(rows, listening.row, scene) for scene in LEVELS if wanted in scene.name]
        over_others = [Row(rows, others_row, scene, strangers, own, MODELS) for scene in others_rooms]
        rooms = [Row(rows, listening.row, scene) for scene in ROOMS if wanted in scene.name]
    return "\n".join(
        [
            HEAD.format(
                said=len(said),
                clean=sum(clean),
                share=LESS_CLEAR,
                default=sum(heard and call.phrase == DEFAULT_WORD for call, heard in zip(said, clean, strict=True)),
            ),
            *(row.text for row in levels),
            ROOMS_HEAD,
            *(row.text for row in rooms),
            OTHERS_HEAD,
            *(row.text for row in over_others),
            SELF_HEAD.format(minutes=f"{minutes:g}"),
            *(row.text for row in own_wakes),
            COST.format(milliseconds=await cpu_milliseconds()),
        ]
    )


class Row:
    """A line of a table, on its way."""

    def __init__(self, rows: TaskGroup, made: Callable[..., str], *about: object) -> None:
        self.text = ""
        rows.start_soon(self._make, made, *about)

    async def _make(self, made: Callable[..., str], *about: object) -> None:
        self.text = await to_process.run_sync(made, *about)
        print(self.text, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Listening:
    """Who calls, what the assistant says meanwhile, and which of them are heard while nothing plays."""

    said: Sequence[Call]
    own: Clip
    clean: Sequence[bool]

    def row(self, scene: Scene) -> str:
        """How many of the calls that are heard in a silent room are heard in the scene."""
        ears = anyio.run(ears_in, scene, self.said, self.own, MODELS, Cost())
        by_rule = [heard_of(self.said, wakes_of(each)) for each in (unguarded(ears), ears)]
        everyone = [share(self._of_the_clean(heard)) for heard in by_rule]
        default = [share(self._of_the_clean(heard, DEFAULT_WORD)) for heard in by_rule]
        recall = f"{sum(by_rule[1]) / sum(self.clean):.1%}"
        return f"| {scene.name} | {' | '.join([*everyone, recall, *default])} |"

    def _of_the_clean(self, heard: Sequence[bool], phrase: str = "") -> list[bool]:
        calls = zip(self.said, heard, self.clean, strict=True)
        return [now for call, now, before in calls if before and phrase in call.phrase]


def share(heard: Sequence[bool]) -> str:
    return f"{sum(heard) / len(heard):.0%}"


def self_row(language: Language, minutes: float) -> str:
    """A line for each language."""
    onnxruntime.set_seed(1)
    wakes = anyio.run(self_wakes, language, minutes, MODELS, Cost())
    counted = [
        *(unguarded(wakes.ears_raw), masked(wakes.ears_raw)),
        *(unguarded(wakes.ears), masked(wakes.ears), wakes.ears),
    ]
    cells = [str(len(wakes_of(ears))) for ears in counted]
    return f"| {wakes.voice} | {wakes.minutes:.0f} | {wakes.own_names} | {' | '.join(cells)} |"


async def cpu_milliseconds() -> float:
    """What the canceller takes for a second of sound, when nothing else is at work."""
    cost = Cost()
    await self_wakes("en", COST_MINUTES, MODELS, cost)
    return 1000 * cost.cpu_seconds / cost.played_seconds


HEAD: Final = """# The assistant's own voice in the microphone

Made by `tests/echo_recall.py`: the real canceller, alignment and openWakeWord in simulated time and synthetic rooms.
{said} wake words (two recordings, Piper at three pitches, five voices of espeak-ng; each three times) are called at
-36 dBFS while the assistant speaks without a pause (Piper, the same voice as half of the callers). The echo: tanh of
1.5 times the sound, a high pass at 150 Hz, an impulse response of 0.3 s (RT60, direct sound 3 dB above the rest), 60 ms
of delay; the room's noise -75 dBFS. Signal to echo is the ratio of the active levels of callers and echo. In the silent
room {clean} of the calls are heard, {default} of them the default word, and 100 % are these. *One frame*: over the
voice one frame at the threshold (0.5) counts, as while nothing plays. *Default*: as the assistant hears them: three
frames in a row, four until it knows the room, at {share:.0%} of the threshold where a canceller is at work; none where
the canceller took as much out of the last 0.8 s as usually: then nobody speaks but the assistant
(`echo/remainder.py`). *Recall*: all calls that are heard by default, those too that were not in silence, to the number
of those heard in silence. The {share:.0%} were chosen on these very calls.

| signal to echo | one frame | default | recall | "hey jarvis", one frame | default |
|---|---|---|---|---|---|"""

ROOMS_HEAD: Final = """
At -10 dB, with the canceller:

| what is different | one frame | default | recall | "hey jarvis", one frame | default |
|---|---|---|---|---|---|"""

OTHERS_HEAD: Final = """
## Do others interrupt it?

They speak over it as loud as the callers, and do not call it: sentences in five English voices of espeak-ng and two
Chinese ones. Each cell: how often a wake word is heard.

| room | of speech | three frames at the threshold | default |
|---|---|---|---|"""

SELF_HEAD: Final = """
## Does it wake itself?

It speaks {minutes} minutes in each language, in answers of five sentences, and nobody calls it; every eighth sentence
holds a wake word. Each answer's start is stamped up to 15 ms wrong, the clocks differ by 30 ppm, and the room changes
twice. Three wake words listen; each cell: how often one is heard. *Masked*: one frame is enough, but a wake word that
the assistant says at that moment itself is not heard. *Default*: masked, and by the rules above.

| voice | minutes | own wake words | no canceller, one frame | masked | canceller, one frame | masked | default |
|---|---|---|---|---|---|---|---|"""

COST: Final = """
## What it costs

{milliseconds:.1f} ms of CPU time for each second that something plays; nothing while nothing does. It adds no
delay. Not yet run on a Jetson.
"""


if __name__ == "__main__":
    main()
