"""The whole assistant on real models in the virtual room: it is spoken to aloud, and listened to."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import anyio

from jetson_voice import app, backends
from jetson_voice.audio import Clip, followed_by_silence
from jetson_voice.bench.room import Said, VirtualRoom
from jetson_voice.bench.waterfall import Moment
from jetson_voice.config import Config
from jetson_voice.conversation import Conversation
from jetson_voice.events import Event, TurnEnded
from jetson_voice.sentences import Sentence

M = TypeVar("M", bound=Moment)

AFTER_SECONDS: Final = 0.5
"""Of silence after each question."""


@dataclass
class Diary:
    """All that has happened, and the time.monotonic() it did."""

    happened: list[tuple[Moment, float]] = field(default_factory=list)
    news: anyio.Event = field(default_factory=anyio.Event)

    def note(self, moment: Moment) -> None:
        """Remember it, and wake up whoever waits for it."""
        self.happened.append((moment, time.monotonic()))
        self.news.set()
        self.news = anyio.Event()

    def observe(self, event: Event, _: float) -> None:
        """Remember an event of the assistant."""
        self.note(event)

    def of(self, kind: type[M]) -> list[tuple[M, float]]:
        """What happened of one kind."""
        return [(moment, at) for moment, at in self.happened if isinstance(moment, kind)]

    async def until(self, kind: type[Event], count: int, seconds: float = 90) -> float:
        """Wait for the count-th event of a kind; when it came. TimeoutError."""
        with anyio.move_on_after(seconds):
            while len(self.of(kind)) < count:
                await self.news.wait()
        if len(self.of(kind)) < count:
            raise TimeoutError(f"no {kind.__name__} within {seconds:.0f} s")
        return self.of(kind)[count - 1][1]


@dataclass
class Household(Diary):
    """The room, the daemon in it, and all that has happened."""

    room: VirtualRoom = field(kw_only=True)
    questions: Mapping[str, Clip] = field(kw_only=True)

    def say(self, text: str) -> Said:
        """Somebody says one of the questions, beginning now."""
        return self.room.say(self.questions[text])

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
    home = Household(room=room, questions=await say_all(config, questions))
    opening = app.running(config, backends.microphone(config), partial(backends.speaker, config), [home.observe])
    async with opening as daemon, anyio.create_task_group() as life:
        await daemon.microphone.read()
        life.start_soon(daemon.assistant.run)
        yield home, daemon.conversation
        life.cancel_scope.cancel()


async def say_all(config: Config, texts: Sequence[str]) -> dict[str, Clip]:
    """The texts as the configured voice says them, each with half a second of silence after it."""
    async with backends.voice(config) as voice:
        clips = {text: (await voice.synthesize(Sentence(text, text))).clip for text in texts}
    return {text: followed_by_silence(clip, AFTER_SECONDS) for text, clip in clips.items()}
