"""A place for each model that takes long to load: it can be called at once, and waits until the model is there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic, TypeVar

from anyio import Event

from jetson_voice.protocols import LanguageModel, Message, Speech, Transcriber, Transcript, Utterance, Voice
from jetson_voice.pulse import Pulse
from jetson_voice.sentences import Sentence

M = TypeVar("M")


class Slot(Generic[M]):
    """The place; it is filled once."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self._models: list[M] = []
        self._filled = Event()

    def fill(self, model: M) -> None:
        """The model is there."""
        self._models.append(model)
        self._filled.set()

    async def model(self) -> M:
        """The model, as soon as it is there."""
        await self._filled.wait()
        return self._models[0]


class TranscriberSlot(Slot[Transcriber]):
    """A transcriber."""

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """What was said."""
        model = await self.model()
        with self.pulse.working("transcribe"):
            return await model.transcribe(utterance)


class LanguageModelSlot(Slot[LanguageModel]):
    """A language model."""

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer in chunks."""
        model = await self.model()
        async with aclosing(model.reply(messages)) as words:
            while True:
                with self.pulse.working("think"):  # ends before the yield: then it is the reader who works
                    word = await anext(words, None)
                if word is None:
                    return
                yield word


class VoiceSlot(Slot[Voice]):
    """A voice."""

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The sentence as sound."""
        model = await self.model()
        with self.pulse.working("synthesize"):
            return await model.synthesize(sentence)
