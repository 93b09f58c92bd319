"""The whole assistant on real models in the virtual room: it is spoken to aloud, and listened to."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import numpy as np
from anyio import to_thread

from jetson_voice import app, backends
from jetson_voice.audio import Clip
from jetson_voice.backends import Builder
from jetson_voice.bench.room import Said, VirtualRoom
from jetson_voice.bench.tape import ROOM_RATE_HZ
from jetson_voice.config import Config
from jetson_voice.conversation import Conversation
from jetson_voice.events import Event, Interrupted, TurnEnded, WakeHeard
from jetson_voice.protocols import LanguageModel, Message
from jetson_voice.sentences import Sentence

E = TypeVar("E", bound=Event)
LOUD = 150
"""Of 32767: above the room's silence, below any speech."""


@dataclass
class Household:
    """The room, the daemon in it, and all that has happened: events with the time.monotonic() they came at."""

    room: VirtualRoom
    questions: dict[str, Clip]
    happened: list[tuple[Event, float]] = field(default_factory=list)
    news: anyio.Event = field(default_factory=anyio.Event)

    def observe(self, event: Event, _: float) -> None:
        """Remember an event, and wake up whoever waits for one."""
        self.happened.append((event, time.monotonic()))
        self.news.set()
        self.news = anyio.Event()

    def say(self, text: str) -> Said:
        """Somebody says one of the questions, beginning now."""
        return self.room.say(self.questions[text])

    def of(self, kind: type[E]) -> list[tuple[E, float]]:
        """What happened of one kind."""
        return [(event, at) for event, at in self.happened if isinstance(event, kind)]

    async def until(self, kind: type[Event], count: int, seconds: float = 90) -> float:
        """Wait for the count-th event of a kind; when it came."""
        with anyio.fail_after(seconds):
            while len(self.of(kind)) < count:
                await self.news.wait()
        return self.of(kind)[count - 1][1]

    async def ask(self, text: str) -> None:
        """Ask, and hear the whole answer."""
        turns = len(self.of(TurnEnded))
        self.say(text)
        await self.until(TurnEnded, turns + 1)


@asynccontextmanager
async def household(
    room: VirtualRoom, config: Config, questions: Sequence[str]
) -> AsyncIterator[tuple[Household, Conversation]]:
    """The assistant listens in the room for as long as this is open; with its conversation."""
    home = Household(room, await say_all(config, questions))
    opening = app.running(config, backends.microphone(config), backends.speaker(config), [home.observe])
    async with opening as daemon, anyio.create_task_group() as life:
        await daemon.microphone.read()
        life.start_soon(daemon.assistant.run)
        yield home, daemon.conversation
        life.cancel_scope.cancel()


async def say_all(config: Config, texts: Sequence[str]) -> dict[str, Clip]:
    """The texts as Piper says them, each with half a second of silence after it."""
    async with backends.voice(config) as voice:
        clips = {text: (await voice.synthesize(Sentence(text, text))).clip for text in texts}
    return {text: Clip(np.pad(clip.samples, (0, clip.rate_hz // 2)), clip.rate_hz) for text, clip in clips.items()}


@dataclass
class Overheard:
    """A language model that is listened to: everything it was asked and everything it wrote."""

    model: LanguageModel
    requests: list[Sequence[Message]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        self.requests.append(messages)
        self.answers.append("")
        async with aclosing(self.model.reply(messages)) as chunks:
            async for chunk in chunks:
                self.answers[-1] += chunk
                yield chunk


def overhear(build: Builder[LanguageModel], ears: list[Overheard]) -> Builder[LanguageModel]:
    """A builder of the same language model, overheard by the one who is put into `ears`."""

    @asynccontextmanager
    async def overheard(config: Config) -> AsyncIterator[LanguageModel]:
        async with build(config) as model:
            ears.append(Overheard(model))
            yield ears[-1]

    return overheard


@dataclass(frozen=True)
class Call:
    """The wake word and a command in one breath, as sound; the wake word is its first `wake_seconds`."""

    clip: Clip
    wake_seconds: float


def one_breath(wake_word: Clip, command: Clip, *, pause_seconds: float = 0.15) -> Call:
    """The wake word, cut to its own sound, and the command after it."""
    loud = np.flatnonzero(np.abs(wake_word.samples.astype(np.int32)) > LOUD)
    name = wake_word.samples[loud[0] : loud[-1] + 1]
    pause = np.zeros(round(pause_seconds * wake_word.rate_hz), np.int16)
    return Call(
        Clip(np.concatenate([name, pause, command.samples]), wake_word.rate_hz),
        len(name) / wake_word.rate_hz,
    )


@dataclass(frozen=True)
class Silencing:
    """How fast the old answer fell silent, in seconds, to about 5 ms (the room's clock)."""

    after_detection: float
    after_wake_word: float


async def interrupt(home: Household, call: Call) -> Silencing:
    """Call the assistant while it speaks; measured on the speaker's tape, before the next answer begins."""
    wakes, interruptions = len(home.of(WakeHeard)), len(home.of(Interrupted))
    said = home.room.say(call.clip)
    detected_at = await home.until(WakeHeard, wakes + 1)
    await home.until(Interrupted, interruptions + 1)
    await anyio.sleep(0.3)
    silent_at = last_sound(home.room, detected_at - 3)
    heard = await to_thread.run_sync(home.room.heard, said)
    return Silencing(silent_at - detected_at, silent_at - heard.begin - call.wake_seconds)


def last_sound(room: VirtualRoom, after: float) -> float:
    """The last loud sample of the speaker so far."""
    samples, begin = room.speaker.between(after)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > LOUD)
    return begin + float(loud[-1]) / ROOM_RATE_HZ


async def heard_on(room: VirtualRoom, begin: float, end: float) -> Clip:
    """What the speaker played between two times."""
    samples, _ = await to_thread.run_sync(room.speaker.between, begin, end)
    return Clip(samples, ROOM_RATE_HZ)
