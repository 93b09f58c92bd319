"""Calls the assistant over its own voice, aloud in the virtual room, and tells how often it was heard at once.

.venv/bin/python tests/echo_calls.py [COUNT]     # 20 interruptions: five minutes, on a machine that does nothing else

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
from jetson_voice.events import SpeakingStarted, Transcribed, WakeHeard
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
KNOWS_THE_ROOM_SECONDS: Final = 6.0
SPEAKS_SECONDS: Final = 3.0
CALL_SECONDS: Final = 8.0
REPOSITORY: Final = Path(__file__).parents[1]


@asynccontextmanager
async def storyteller(room: VirtualRoom, starter: Config) -> AsyncIterator[tuple[Household, Call]]:
    """An assistant in a story without end, which knows the room by now, and a soft call with a command."""
    await to_thread.run_sync(lambda: room.echo(gain_db=ECHO_DB, delay_ms=60))
    with ProtocolServer("ollama", answer=(Endless(STORY),)) as server:
        config = replace(starter, llm=LanguageModel(ollama=Ollama(url=server.url)))
        async with household(room, config, ["Hey Jarvis.", COMMAND]) as (home, _):
            call = one_breath(home.questions["Hey Jarvis."], home.questions[COMMAND])
            room.say(call.clip)
            await home.until(SpeakingStarted, 1)
            await anyio.sleep(KNOWS_THE_ROOM_SECONDS)
            yield home, Call(softer(call.clip, SOFTER_DB), call.wake_seconds)


def softer(clip: Clip, db: float) -> Clip:
    return Clip((clip.samples * 10 ** (db / 20)).astype(np.int16), clip.rate_hz)


async def called(room: VirtualRoom, config: Config, count: int) -> str:
    """One line about so many calls."""
    silencings, understood = [], 0
    async with storyteller(room, config) as (home, call):
        for _ in range(count):
            before = len(home.of(Transcribed))
            with anyio.move_on_after(CALL_SECONDS):
                silencings.append(await interrupt(home, call))
                await home.until(Transcribed, before + 1)
                understood += likeness_of(COMMAND, home.of(Transcribed)[-1][0].text) >= 0.7
            await home.until(SpeakingStarted, len(home.of(SpeakingStarted)) + 1)
            await anyio.sleep(SPEAKS_SECONDS)
        wakes = len(home.of(WakeHeard)) - 1
    return (
        f"of {count} calls over an echo 10 dB louder {len(silencings)} interrupted it, {understood} commands were "
        f"understood, and {wakes} wake words were heard"
    )


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 20
    config = replace(load(REPOSITORY / "models" / "starter.toml"), models=Models(str(REPOSITORY / "models")))
    with VirtualRoom() as room:
        os.environ.update(room.variables)
        print(anyio.run(called, room, config, count))


if __name__ == "__main__":
    main()
