"""The whole assistant on real models in the virtual room: it is spoken to aloud, and listened to."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import anyio
import numpy as np
from anyio import to_thread
from room import Said, VirtualRoom

from jetson_voice import app, backends
from jetson_voice.audio import Clip
from jetson_voice.backends import Builder
from jetson_voice.config import Config
from jetson_voice.events import Event, TurnEnded
from jetson_voice.protocols import LanguageModel, Message, Microphone
from jetson_voice.sentences import Sentence


@dataclass
class Household:
    """The room, the daemon in it, and all that has happened: events with the time.monotonic() they came at."""

    room: VirtualRoom
    daemon: app.Running[Microphone]
    questions: dict[str, Clip]
    happened: list[tuple[Event, float]] = field(default_factory=list)

    def say(self, text: str) -> Said:
        """Somebody says one of the questions, beginning now."""
        return self.room.say(self.questions[text])

    def of(self, kind: type[Event]) -> list[tuple[Event, float]]:
        """What happened of one kind."""
        return [(event, at) for event, at in self.happened if isinstance(event, kind)]

    async def until(self, kind: type[Event], count: int, seconds: float = 90) -> float:
        """Wait for the count-th event of a kind; when it came."""
        with anyio.fail_after(seconds):
            while len(self.of(kind)) < count:
                await anyio.sleep(0.02)
        return self.of(kind)[count - 1][1]

    async def ask(self, text: str) -> None:
        """Ask, and hear the whole answer."""
        turns = len(self.of(TurnEnded))
        self.say(text)
        await self.until(TurnEnded, turns + 1)


@asynccontextmanager
async def household(room: VirtualRoom, config: Config, questions: Sequence[str]) -> AsyncIterator[Household]:
    """The assistant listens in the room, for as long as this is open."""
    spoken = await say_all(config, questions)
    happened: list[tuple[Event, float]] = []

    def observe(event: Event, _: float) -> None:
        happened.append((event, time.monotonic()))

    opening = app.running(config, backends.microphone(config), backends.speaker(config), [observe])
    async with opening as daemon, anyio.create_task_group() as life:
        life.start_soon(daemon.assistant.run)
        yield Household(room, daemon, spoken, happened)
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


async def heard_on(room: VirtualRoom, begin: float, end: float) -> Clip:
    """What the speaker played between two times."""
    samples, _ = await to_thread.run_sync(room.speaker.between, begin, end)
    return Clip(samples, 48_000)
