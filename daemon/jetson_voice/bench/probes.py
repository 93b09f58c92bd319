"""The stages of an answer, listened to: they do what they did, and leave word of when."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TypeAlias

from jetson_voice.bench.waterfall import FirstToken, Moment, SpeechMade, TranscriptionBegun
from jetson_voice.priming import NO_QUESTION
from jetson_voice.protocols import LanguageModel, Message, Speech, Transcriber, Transcript, Utterance, Voice
from jetson_voice.sentences import Sentence

Note: TypeAlias = Callable[[Moment], None]


def unnoted(moment: Moment) -> None:
    """Nobody wants to know."""
    del moment


@dataclass
class OverheardTranscriber:
    """Speech to text, and word of its begin."""

    transcriber: Transcriber
    note: Note

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """The transcriber's words."""
        self.note(TranscriptionBegun())
        return await self.transcriber.transcribe(utterance)


@dataclass
class Overheard:
    """A language model: every question it was asked and every answer it wrote, and word of each first piece."""

    model: LanguageModel
    note: Note = unnoted
    requests: list[Sequence[Message]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The model's answer."""
        is_question = messages[-1].content != NO_QUESTION
        if is_question:
            self.requests.append(messages)
            self.answers.append("")
        async with aclosing(self.model.reply(messages)) as chunks:
            async for chunk in chunks:
                if is_question:
                    self._heard(chunk)
                yield chunk

    def _heard(self, chunk: str) -> None:
        if not self.answers[-1]:
            self.note(FirstToken())
        self.answers[-1] += chunk


@dataclass
class OverheardVoice:
    """A voice, and word of each piece it has made."""

    voice: Voice
    note: Note

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The voice's sound."""
        speech = await self.voice.synthesize(sentence)
        self.note(SpeechMade())
        return speech
