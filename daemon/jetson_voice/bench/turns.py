"""`jetson-voice bench turns`: how long the user waits, for what, and beside two other ways to build the same chain."""

from __future__ import annotations

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

import anyio

from jetson_voice.audio import Clip, RecordingError, followed_by_silence, read_wav
from jetson_voice.bench import pages, report
from jetson_voice.bench.barge_in import barge_ins
from jetson_voice.bench.household import AFTER_SECONDS, say_all
from jetson_voice.bench.modes import MODES
from jetson_voice.bench.report import Results
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.session import measured_turns
from jetson_voice.bench.waterfall import Turn
from jetson_voice.config import Config
from jetson_voice.config_file import load
from jetson_voice.paths import usual_config

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  has no public name

COMMANDS: Final = (
    "what is the capital of France?",
    "tell me three colors.",
    "what do cats like to eat?",
    "how many days are in a week?",
    "tell me something about the moon.",
    "what is water?",
    "who wrote Romeo and Juliet?",
    "why is the sky blue during the day and red in the evening?",
    "I have eggs, flour, milk and a little butter at home, what can I cook for my family tonight?",
    "what should I pack when I travel to a cold country in winter?",
    "explain to me in simple words how an airplane can stay in the air.",
    "how do I say good morning in Spanish?",
)
"""Said after the wake word; from one second to six."""

INTERRUPTIONS: Final = 12


def add_turns_to(verbs: Verbs) -> argparse.ArgumentParser:
    """The command, among those of `bench`."""
    text = "hold conversation turns aloud, and measure how long each stage lets the user wait"
    verb = verbs.add_parser(
        "turns",
        help=text,
        description=f"{text[0].upper()}{text[1:]}. Without --devices it needs no sound card: the room is virtual.",
    )
    verb.add_argument(
        "--mode",
        dest="modes",
        action="append",
        choices=MODES,
        help="the daemon as it is; the whole answer first, then its sound; the usual loop (default: all three)",
    )
    verb.add_argument(
        "--turns", metavar="N", type=int, default=2 * len(COMMANDS), help="of each mode (default: %(default)s)"
    )
    verb.add_argument(
        "--interruptions",
        metavar="N",
        type=int,
        default=INTERRUPTIONS,
        help="in the room only; 0: none (default: %(default)s)",
    )
    verb.add_argument(
        "--questions",
        metavar="DIR",
        type=Path,
        help=f"WAV files, each beginning with the wake word (default: {len(COMMANDS)} that the voice says)",
    )
    verb.add_argument(
        "--devices", action="store_true", help="on this machine's own speaker and microphone, which must hear it"
    )
    verb.add_argument("--json", action="store_true", help="print everything, turn by turn, for a program")
    verb.add_argument("--out", metavar="DIR", type=Path, help="write waterfall.svg, waterfall.html and turns.md there")
    verb.add_argument("--config", metavar="FILE", type=Path, help="the configuration file (see jetson-voice --help)")
    verb.set_defaults(command=bench_turns)
    return verb


def bench_turns(options: Namespace) -> int:
    """Measure, print, and write the pages; 0 when every turn was measured."""
    config = load(options.config or usual_config())
    if options.out:  # what cannot be written is told before anything is measured
        options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        room = None if options.devices else stack.enter_context(VirtualRoom())
        if room:
            os.environ.update(room.variables)
        results = anyio.run(results_of, room, config, options)
    print(report.json_of(results) if options.json else pages.markdown(results))
    if options.out:
        pages.write(results, options.out)
    return 0 if all(turn.waterfall for turn in results.turns) else 1


async def results_of(room: VirtualRoom | None, config: Config, options: Namespace) -> Results:
    """The turns, told one by one, and the interruptions."""
    progress = sys.stderr if options.json else sys.stdout

    def tell(turn: Turn) -> None:
        print(report.line_of(turn), file=progress, flush=True)

    questions = recorded(options.questions) if options.questions else await spoken(config)
    modes = list(dict.fromkeys(options.modes or MODES))
    measured = await measured_turns(room, config, modes, questions, turns=options.turns, report=tell)
    interruptions = await barge_ins(room, config, options.interruptions) if room and options.interruptions else None
    place = "in the virtual room" if room else "on its own devices"
    today = datetime.now().astimezone().date()
    about = report.about(config, place=place, today=today, cores=len(os.sched_getaffinity(0)))
    return Results(about, measured.turns, measured.resident_mib, interruptions)


async def spoken(config: Config) -> Mapping[str, Clip]:
    """The usual questions, as the configured voice says them."""
    wake_word = config.wake.words[0].spoken.title()
    return await say_all(config, [f"{wake_word}, {command}" for command in COMMANDS])


def recorded(folder: Path) -> Mapping[str, Clip]:
    """The WAV files of a folder, by name; RecordingError, OSError."""
    clips = {
        path.name: followed_by_silence(read_wav(path), AFTER_SECONDS)
        for path in sorted(folder.iterdir())
        if is_wav(path)
    }
    if not clips:
        raise RecordingError(f"{folder}: there is no WAV file in it")
    return clips


def is_wav(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() == ".wav"
