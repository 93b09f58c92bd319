"""Measures the assistant in the virtual room and writes docs/measured.md; run it on a machine that does nothing else.

.venv/bin/python tests/measure.py            # all of it, about a quarter of an hour
.venv/bin/python tests/measure.py idle       # one section, only to be read
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import anyio
import numpy as np

from idle_cost import IDLE_COUNT, IDLE_SECONDS, NOISY, QUIET, idle_daemon, resident_mib, settings, stop_tapes
from jetson_voice import backends
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.bench.household import say_all
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config, Models
from jetson_voice.config_file import load
from jetson_voice.protocols import Message, Utterance
from jetson_voice.sentences import Sentence
from protocol_server import ProtocolServer
from wake_recall import table_of_lost

REPOSITORY: Final = Path(__file__).parents[1]
TABLE: Final = REPOSITORY / "docs" / "measured.md"
QUESTION: Final = "Hey Jarvis, what is the capital of France?"


def main() -> None:
    """Measure and print; everything is written down, too. `--stage NAME`: one stage in a process of its own."""
    starter = load(REPOSITORY / "models" / "starter.toml")
    config = replace(starter, models=Models(os.environ.get("JETSON_VOICE_MODELS", starter.models.directory)))
    if sys.argv[1:2] == ["--stage"]:
        anyio.run(STAGES[sys.argv[2]], config)
        return
    head = HEAD.format(cores=os.cpu_count(), machine=platform.machine(), python=platform.python_version())
    text = "\n\n".join([head, *(SECTIONS[name](config) for name in sys.argv[1:] or SECTIONS)]) + "\n"
    print(text)
    if not sys.argv[1:]:
        TABLE.write_text(text, encoding="utf-8")


HEAD: Final = """# Measured

Made by `tests/measure.py` on {machine}, {cores} cores without a GPU, Python {python}, with the starter models in the
virtual room of the tests (no echo path). Medians, with the least and the greatest. Not yet run on a Jetson. How long
the user waits, and how fast an answer falls silent, is measured by `jetson-voice bench`."""


def idle(config: Config) -> str:
    """What the whole daemon costs while nobody speaks, the process that captures the microphone included."""
    with VirtualRoom() as room, ProtocolServer("ollama") as server:
        stop_tapes(room)
        outside = settings(config, ollama=server.url)
        quiet = idle_daemon(room, outside, QUIET)
        noisy = idle_daemon(room, outside, NOISY)
        awake = idle_daemon(room, f"{outside}[wake]\nsleeps_in_quiet = false\n", NOISY)
        embedded = idle_daemon(room, settings(config), QUIET)
    return (
        "## Idle, three wake words\n\n| what | the whole daemon | of it the microphone's process |\n|---|---|---|\n"
        f"| CPU of one core in a quiet room (a fan of -75 dBFS) | {quiet.cpu} |\n"
        f"| in an office (-50 dBFS, somebody talks half of the time) | {noisy.cpu} |\n"
        f"| there, but never asleep (`wake.sleeps_in_quiet = false`) | {awake.cpu} |\n"
        f"| resident memory, every model loaded, the language model in Ollama | {quiet.memory} |\n"
        f"| the same with the language model inside the daemon | {embedded.memory} |\n\n"
        f"Each share of CPU is of {IDLE_SECONDS} s, {IDLE_COUNT} times. Memory is the sum of what is resident for each "
        "process."
    )


def lost_to_sleep(config: Config) -> str:
    """How many wake words are not heard because the wake word sleeps while nothing stirs."""
    return anyio.run(table_of_lost, Path(config.models.directory))


def stages(_: Config) -> str:
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


SECTIONS: Final[Mapping[str, Callable[[Config], str]]] = {
    "idle": idle,
    "lost": lost_to_sleep,
    "stages": stages,
}


if __name__ == "__main__":
    main()
