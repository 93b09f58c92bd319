"""How fast the assistant falls silent when its name is said during an answer; only in the virtual room."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import anyio
import numpy as np
from anyio import to_thread

from jetson_voice.audio import Clip
from jetson_voice.bench.household import Household, household
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import LOUD
from jetson_voice.config import Config
from jetson_voice.events import Interrupted, SpeakingEnded, SpeakingStarted, WakeHeard

STORY: Final = "Tell me a long story about a brave little dragon."
LONG_ANSWER_TOKENS: Final = 400
ATTEMPTS_EACH: Final = 2


@dataclass(frozen=True)
class Call:
    """The wake word and a command in one breath, as sound; the wake word is its first `wake_seconds`."""

    clip: Clip
    wake_seconds: float


@dataclass(frozen=True)
class Silencing:
    """How fast the old answer fell silent, in seconds, to about 5 ms (the room's clock)."""

    after_detection: float
    """Below zero: between two words or sentences it was silent by itself, and nothing was measured."""

    after_wake_word: float


@dataclass(frozen=True)
class BargeIns:
    """Those that were measured, of how many, and how many more met a silent moment."""

    wanted: int
    silencings: Sequence[Silencing]
    unmeasured: int


async def barge_ins(room: VirtualRoom, config: Config, count: int) -> BargeIns:
    """Interrupt a long answer in its second sentence so many times; one that meets a silent moment is repeated.

    An answer without a second sentence, or a wake word that is not heard, ends it.
    """
    talkative = replace(config, llm=replace(config.llm, answer_tokens=LONG_ANSWER_TOKENS))
    wake_word = f"{config.wake.words[0].spoken.title()}."
    tried: list[Silencing] = []
    async with household(room, talkative, [wake_word, STORY]) as (home, _):
        call = one_breath(home.questions[wake_word], home.questions[STORY])
        room.say(call.clip)
        with suppress(TimeoutError):
            while len(measured(tried)) < count and len(tried) < ATTEMPTS_EACH * count:
                await speaking(home)
                tried.append(await interrupt(home, call))
    return BargeIns(count, measured(tried), len(tried) - len(measured(tried)))


def measured(silencings: Sequence[Silencing]) -> list[Silencing]:
    """Those that had a sound to silence."""
    return [each for each in silencings if each.after_detection > 0]


def one_breath(wake_word: Clip, command: Clip, *, pause_seconds: float = 0.15) -> Call:
    """The wake word, cut to its own sound, and the command after it."""
    loud = np.flatnonzero(np.abs(wake_word.samples.astype(np.int32)) > LOUD)
    name = wake_word.samples[loud[0] : loud[-1] + 1]
    pause = np.zeros(round(pause_seconds * wake_word.rate_hz), np.int16)
    return Call(
        Clip(np.concatenate([name, pause, command.samples]), wake_word.rate_hz),
        len(name) / wake_word.rate_hz,
    )


async def speaking(home: Household) -> None:
    """Wait until the assistant is in its second sentence."""
    await home.until(SpeakingEnded, len(home.of(SpeakingEnded)) + 1)
    await home.until(SpeakingStarted, len(home.of(SpeakingStarted)) + 1)


async def interrupt(home: Household, call: Call) -> Silencing:
    """Call the assistant while it speaks; measured on the speaker's tape, before the next answer begins."""
    wakes, interruptions = len(home.of(WakeHeard)), len(home.of(Interrupted))
    said = home.room.say(call.clip)
    detected_at = await home.until(WakeHeard, wakes + 1)
    await home.until(Interrupted, interruptions + 1)
    await anyio.sleep(0.3)
    silent_at = float(home.room.speaker.loud(detected_at - 3, LOUD)[0][-1])
    heard = await to_thread.run_sync(home.room.heard, said)
    return Silencing(silent_at - detected_at, silent_at - heard.begin - call.wake_seconds)
