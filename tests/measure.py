"""Measures the assistant in the virtual room and writes docs/measured.md; run it on a machine that does nothing else.

.venv/bin/python tests/measure.py            # about six minutes
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import anyio
import numpy as np

from jetson_voice import backends
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.bench.barge_in import barge_ins
from jetson_voice.bench.household import say_all
from jetson_voice.bench.pages import markdown_of
from jetson_voice.bench.report import Results, line_of, tables
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.session import measured_turns
from jetson_voice.bench.turns import INTERRUPTIONS, spoken
from jetson_voice.bench.usage import cpu_seconds, resident_mib
from jetson_voice.config import Config, Models
from jetson_voice.config_file import load
from jetson_voice.protocols import Message, Utterance
from jetson_voice.sentences import Sentence

REPOSITORY: Final = Path(__file__).parents[1]
TABLE: Final = REPOSITORY / "docs" / "measured.md"
QUESTION: Final = "Hey Jarvis, what is the capital of France?"


def main() -> None:
    """Measure everything, print the tables and write them down; `--stage NAME`: one stage in a process of its own."""
    starter = load(REPOSITORY / "models" / "starter.toml")
    config = replace(starter, models=Models(os.environ.get("JETSON_VOICE_MODELS", starter.models.directory)))
    if sys.argv[1:2] == ["--stage"]:
        anyio.run(STAGES[sys.argv[2]], config)
        return
    with VirtualRoom() as room:
        os.environ.update(room.variables)
        sections = [
            HEAD.format(cores=os.cpu_count(), machine=platform.machine(), python=platform.python_version()),
            idle(room, config),
            stages(),
            anyio.run(turns, room, config),
        ]
    text = "\n\n".join(sections) + "\n"
    print(text)
    TABLE.write_text(text, encoding="utf-8")


HEAD: Final = """# Measured

Made by `tests/measure.py` on {machine}, {cores} cores without a GPU, Python {python}, with the starter models in the
virtual room of the tests (no echo path). Not yet run on a Jetson."""


def idle(room: VirtualRoom, config: Config) -> str:
    """What the whole daemon costs while nobody speaks."""
    asleep, memory = idle_daemon(room, config, sleeps="true")
    awake, _ = idle_daemon(room, config, sleeps="false")
    return (
        "## Idle, one wake word\n\n| what | measured |\n|---|---|\n"
        f"| CPU of the whole daemon over a minute, in a quiet room | {asleep:.1%} of one core |\n"
        f"| the same where it is never quiet (`wake.sleeps_in_quiet = false`) | {awake:.1%} of one core |\n"
        f"| resident memory, every model loaded | {memory:.0f} MiB |"
    )


def idle_daemon(room: VirtualRoom, config: Config, *, sleeps: str, seconds: float = 60) -> tuple[float, float]:
    """The share of a core and the MiB of memory that `jetson-voice run` takes while nobody speaks."""
    own = Path(room.directory) / "idle.toml"
    starter = (REPOSITORY / "models" / "starter.toml").read_text(encoding="utf-8")
    settings = starter.replace('directory = "."', f'directory = "{config.models.directory}"')
    own.write_text(f"{settings}\n[wake]\nsleeps_in_quiet = {sleeps}\n", encoding="utf-8")
    command = [sys.executable, "-m", "jetson_voice", "run", "--config", str(own)]
    environment = room.environment | {"PYTHONPATH": str(REPOSITORY / "daemon")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stderr
            next(line for line in daemon.stderr if "all models are loaded" in line)
            time.sleep(5)
            before, began_at = cpu_seconds(daemon.pid), time.monotonic()
            time.sleep(seconds)
            share = (cpu_seconds(daemon.pid) - before) / (time.monotonic() - began_at)
            return share, resident_mib(daemon.pid)
        finally:
            daemon.terminate()


def stages() -> str:
    """What each stage costs by itself: CPU for a typical piece of work, and memory more than before it was opened."""
    rows = []
    for name in STAGES:
        command = [sys.executable, __file__, "--stage", name]
        rows.append(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    head = "## Each stage\n\n| stage | work | CPU time, all cores | resident memory |\n|---|---|---|---|\n"
    return head + "\n".join(rows)


async def wake_word(config: Config) -> None:
    await listening("wake word", lambda: backends.wake_word(awake(config)), "heard_in", config)


async def speech_detector(config: Config) -> None:
    await listening("speech detector", lambda: backends.speech_detector(config), "is_speech", config)


async def listening(
    name: str, build: Callable[[], AbstractAsyncContextManager[object]], listens: str, config: Config
) -> None:
    """Twenty seconds of sound, frame by frame."""
    frames = frames_of((await say_all(config, [QUESTION]))[QUESTION].at_rate(SAMPLE_RATE_HZ), seconds=20)
    before = resident_mib(os.getpid())
    async with build() as listener:
        with cpu_time() as spent:
            for frame in frames:
                await getattr(listener, listens)(frame)
        print_row(name, "one second of sound", spent[0] / 20, before)


def awake(config: Config) -> Config:
    """The configuration with a wake word that never sleeps."""
    return replace(config, wake=replace(config.wake, sleeps_in_quiet=False))


async def transcribe(config: Config) -> None:
    question = (await say_all(config, [QUESTION]))[QUESTION].at_rate(SAMPLE_RATE_HZ)
    before = resident_mib(os.getpid())
    async with backends.transcriber(config) as transcriber:
        with cpu_time() as spent:
            await transcriber.transcribe(Utterance(question, "hey jarvis", question.seconds))
        print_row("transcribe", f"a question of {question.seconds:.1f} s", spent[0], before)


async def think(config: Config) -> None:
    before = resident_mib(os.getpid())
    async with backends.language_model(config) as language_model:
        messages = [Message("system", config.conversation.system_prompt), Message("user", "What is water?")]
        with cpu_time() as spent:
            chunks = [chunk async for chunk in language_model.reply(messages)]
        print_row("think", f"an answer of {len(chunks)} chunks", spent[0], before)


async def synthesize(config: Config) -> None:
    text = "The capital of France is Paris."
    before = resident_mib(os.getpid())
    async with backends.voice(config) as voice:
        with cpu_time() as spent:
            speech = await voice.synthesize(Sentence(text, text))
        print_row("synthesize", f"a sentence of {speech.clip.seconds:.1f} s", spent[0], before)


STAGES: Final = {stage.__name__: stage for stage in (wake_word, speech_detector, transcribe, think, synthesize)}


def print_row(stage: str, work: str, cpu: float, before_mib: float) -> None:
    """A row of the table of stages."""
    memory = resident_mib(os.getpid()) - before_mib
    print(f"| {stage} | {work} | {cpu * 1000:.0f} ms | {memory:+.0f} MiB |")


async def turns(room: VirtualRoom, config: Config) -> str:
    """How long the user waits, and for what; and how fast the answer falls silent when the wake word is said."""
    questions = await spoken(config)
    measured = await measured_turns(
        room, config, ["default"], questions, turns=len(questions), report=lambda turn: print(line_of(turn))
    )
    results = Results("", measured.turns, measured.resident_mib, await barge_ins(room, config, INTERRUPTIONS))
    return "\n\n".join(map(markdown_of, tables(results)))


def frames_of(clip: Clip, seconds: float) -> list[Frame]:
    """So much of the sound, over and over, as frames."""
    samples = np.resize(clip.samples, round(seconds * SAMPLE_RATE_HZ))
    starts = range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    return [Frame(start / SAMPLE_RATE_HZ, samples[start : start + FRAME_SAMPLES]) for start in starts]


@contextmanager
def cpu_time() -> Iterator[list[float]]:
    """The CPU seconds of this process, all threads, that the body takes."""
    spent = [0.0]
    began = time.process_time()
    yield spent
    spent[0] = time.process_time() - began


if __name__ == "__main__":
    main()
