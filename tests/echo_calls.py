"""Interrupts the assistant over its own voice, aloud in the virtual room; how often it heard: docs/calls.md.

.venv/bin/python tests/echo_calls.py             # 20 calls, 24 stop words: ten minutes; the machine must be idle
.venv/bin/python tests/echo_calls.py 3           # so many of each; nothing is written

The echo is 10 dB louder than the caller. A machine that is too busy has gaps in its sound, and hears less.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import anyio
import numpy as np
from anyio import to_thread

from jetson_voice.audio import Clip
from jetson_voice.bench.barge_in import Call, interrupt, one_breath
from jetson_voice.bench.household import Household, household
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config, LanguageModel, Models, Ollama
from jetson_voice.config_file import load
from jetson_voice.events import SpeakingStarted, Transcribed, TurnEnded
from jetson_voice.tryout import likeness_of
from protocol_server import Endless, ProtocolServer

ECHO_DB: Final = -10.0
SOFTER_DB: Final = -20.0
"""All speech is made equally loud, so the caller's is 10 dB below the echo."""

STORY: Final = (
    "Once upon a time a brave little dragon lived in a cave behind the waterfall. It was afraid of the dark, and so it "
    "left a candle burning every night. One evening a cold wind blew the candle out, and the dragon began to cry. "
)
COMMAND: Final = "Tell me another story."
STOP_WORDS: Final = ("Stop.", "Stop it.", "Be quiet.")
CALLS, STOPS_EACH = 20, 8
KNOWS_THE_ROOM_SECONDS: Final = 6.0
SPEAKS_SECONDS: Final = 3.0
CALL_SECONDS: Final = 8.0
STOP_SECONDS: Final = 4.0
REPOSITORY: Final = Path(__file__).parents[1]
PAGE: Final = REPOSITORY / "docs" / "calls.md"


@asynccontextmanager
async def storyteller(room: VirtualRoom, starter: Config) -> AsyncIterator[tuple[Household, Call]]:
    """An assistant in a story without end, which knows the room by now, and the call that began it."""
    await to_thread.run_sync(lambda: room.echo(gain_db=ECHO_DB, delay_ms=60))
    with ProtocolServer("ollama", answer=(Endless(STORY),)) as server:
        config = replace(starter, llm=LanguageModel(ollama=Ollama(url=server.url)))
        async with household(room, config, ["Hey Jarvis.", COMMAND, *STOP_WORDS]) as (home, _):
            call = one_breath(home.questions["Hey Jarvis."], home.questions[COMMAND])
            room.say(call.clip)
            await home.until(SpeakingStarted, 1)
            await anyio.sleep(KNOWS_THE_ROOM_SECONDS)
            yield home, call


def softer(clip: Clip, db: float) -> Clip:
    return Clip((clip.samples * 10 ** (db / 20)).astype(np.int16), clip.rate_hz)


async def interrupted(room: VirtualRoom, config: Config, calls: int, stops_each: int) -> str:
    """A row for the calls and one for each stop word."""
    async with storyteller(room, config) as (home, call):
        rows = [await called(home, Call(softer(call.clip, SOFTER_DB), call.wake_seconds), calls)]
        rows += [await told(home, call, word, stops_each) for word in STOP_WORDS]
    return "\n".join([HEAD, *rows, ""])


async def called(home: Household, call: Call, count: int) -> str:
    """The wake word and a command, so many times."""
    silencings, understood = [], 0
    for _ in range(count):
        before = len(home.of(Transcribed))
        with anyio.move_on_after(CALL_SECONDS):
            silencings.append(await interrupt(home, call))
            await home.until(Transcribed, before + 1)
            understood += likeness_of(COMMAND, home.of(Transcribed)[-1][0].text) >= 0.7
        await speaking_on(home)
    return f"| “Hey Jarvis. {COMMAND}” | {count} | {len(silencings)} | {understood} |"


async def told(home: Household, call: Call, word: str, count: int) -> str:
    """A stop word, so many times; whoever has stopped it begins the story anew."""
    stopped = 0
    for _ in range(count):
        ended = len(home.of(TurnEnded))
        home.room.say(softer(home.questions[word], SOFTER_DB))
        with anyio.move_on_after(STOP_SECONDS):
            await home.until(TurnEnded, ended + 1)
            stopped += home.of(TurnEnded)[-1][0].outcome == "stopped"
            home.room.say(call.clip)
        await speaking_on(home)
    return f"| “{word}” | {count} | {stopped} | |"


async def speaking_on(home: Household) -> None:
    """Wait until the assistant has spoken for a while again."""
    await home.until(SpeakingStarted, len(home.of(SpeakingStarted)) + 1)
    await anyio.sleep(SPEAKS_SECONDS)


HEAD: Final = """# Interruptions over an echo

Made by `tests/echo_calls.py`: the whole assistant with whisper-base in a virtual room, in a story without end. What it
plays comes back into the microphone 60 ms later and 10 dB louder than the person who calls (Piper, the assistant's own
voice). Not yet run on a Jetson, nor with a real speaker.

| said | times | interrupted it | command understood |
|---|---|---|---|"""


def main() -> None:
    calls, stops_each = (int(sys.argv[1]), int(sys.argv[1])) if sys.argv[1:] else (CALLS, STOPS_EACH)
    config = replace(load(REPOSITORY / "models" / "starter.toml"), models=Models(str(REPOSITORY / "models")))
    with VirtualRoom() as room:
        os.environ.update(room.variables)
        page = anyio.run(interrupted, room, config, calls, stops_each)
    print(page)
    if not sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
