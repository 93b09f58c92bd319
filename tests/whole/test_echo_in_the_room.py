"""The assistant in a room in which it hears itself, ten decibels louder than whoever calls it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import anyio
import numpy as np
import pytest
from anyio import to_thread

from jetson_voice.audio import Clip
from jetson_voice.bench.barge_in import Call, interrupt, one_breath
from jetson_voice.bench.household import Household, household
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config, LanguageModel, Ollama
from jetson_voice.events import SpeakingStarted, Transcribed, TurnEnded, WakeHeard
from jetson_voice.tryout import likeness_of
from protocol_server import Endless, ProtocolServer

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.room]

ECHO_DB: Final = -10.0
SOFTER_DB: Final = -20.0
"""All speech is made equally loud, so the user's is 10 dB below the echo."""

STORY: Final = (
    "Once upon a time a brave little dragon lived in a cave behind the waterfall. It was afraid of the dark, and so it "
    "left a candle burning every night. One evening a cold wind blew the candle out, and the dragon began to cry. "
)
KNOWS_THE_ROOM_SECONDS: Final = 6.0
INTERRUPTIONS: Final = int(os.environ.get("JETSON_VOICE_INTERRUPTIONS", "20"))
CALLS: Final = 3
CALL_SECONDS: Final = 8.0

LISTENED_SECONDS: Final = 20.0 * INTERRUPTIONS
"""As many long answers, to nobody."""


@asynccontextmanager
async def storyteller(room: VirtualRoom, starter: Config) -> AsyncIterator[tuple[Household, Call]]:
    """An assistant in a story without end, and a soft call with a command."""
    await to_thread.run_sync(lambda: room.echo(gain_db=ECHO_DB, delay_ms=60))
    with ProtocolServer("ollama", answer=(Endless(STORY),)) as server:
        config = replace(starter, llm=LanguageModel(ollama=Ollama(url=server.url)))
        async with household(room, config, ["Hey Jarvis.", "Tell me another story."]) as (home, _):
            call = one_breath(home.questions["Hey Jarvis."], home.questions["Tell me another story."])
            room.say(call.clip)
            await home.until(SpeakingStarted, 1)
            await anyio.sleep(KNOWS_THE_ROOM_SECONDS)
            yield home, Call(softer(call.clip, SOFTER_DB), call.wake_seconds)


def softer(clip: Clip, db: float) -> Clip:
    return Clip((clip.samples * 10 ** (db / 20)).astype(np.int16), clip.rate_hz)


async def test_whoever_calls_softly_over_its_voice_interrupts_it_and_is_understood(
    room: VirtualRoom, starter: Config
) -> None:
    async with storyteller(room, starter) as (home, call):
        calls = []
        for number in range(1, INTERRUPTIONS + 1):
            calls.append(await calls_until_heard(home, call))
            await home.until(Transcribed, number + 1)
            await home.until(SpeakingStarted, len(home.of(SpeakingStarted)) + 1)
            await anyio.sleep(3)
        assert len(home.of(WakeHeard)) == 1 + INTERRUPTIONS
        print(f"calls until it heard: {calls}")
        understood = [event.text for event, _ in home.of(Transcribed)]
        assert [likeness_of("Tell me another story.", text) >= 0.7 for text in understood] == [True] * len(understood)


async def calls_until_heard(home: Household, call: Call) -> int:
    """How often it had to be called; a busy machine's sound has gaps, after which the echo must be learnt anew."""
    for number in range(1, CALLS + 1):
        with anyio.move_on_after(CALL_SECONDS):
            await interrupt(home, call)
            return number
    raise TimeoutError(f"it was called {CALLS} times in vain")


async def test_its_own_voice_does_not_interrupt_it(room: VirtualRoom, starter: Config) -> None:
    async with storyteller(room, starter) as (home, _):
        await anyio.sleep(LISTENED_SECONDS)
        assert len(home.of(WakeHeard)) == 1
        assert home.of(TurnEnded) == []
