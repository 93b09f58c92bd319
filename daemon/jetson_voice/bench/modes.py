"""The daemon as it is, and two ways to build the same chain from the same parts, to be compared with.

default     the daemon's own assistant
sequential  the daemon's ears and whisper; the whole answer is waited for, then made into sound, then played
tutorial    the usual streaming loop: a pause of 0.8 s, faster-whisper as it comes, cut at every stop, one blocking
            sentence after the other
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, get_args

import numpy as np
from anyio import CapacityLimiter, current_time, to_thread
from typing_extensions import assert_never

from jetson_voice import backends
from jetson_voice.assembly import Answering, conversation_of, reply_of
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.bench.waterfall import Mode
from jetson_voice.config import Config, SpeechToText
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import Conversation
from jetson_voice.delivery import Mind
from jetson_voice.events import (
    NothingHeard,
    Observer,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
)
from jetson_voice.hold import Hold
from jetson_voice.protocols import Transcript, Utterance
from jetson_voice.sentences import Sentence
from jetson_voice.spoken_text import spoken_text
from jetson_voice.wake_phrase import without_wake_phrase

MODES: Final[tuple[Mode, ...]] = get_args(Mode)
TUTORIAL_SILENCE_SECONDS: Final = 0.8
TUTORIAL_STOP: Final = re.compile(r"(?<=[。！？.!?])")

WhisperModel: TypeAlias = Any
"""faster-whisper's, which only its backend imports."""

Cut: TypeAlias = Callable[[AsyncIterable[str]], AsyncGenerator[str, None]]
"""The pieces of a stream, each spoken by itself."""


def settings_of(mode: Mode, config: Config) -> Config:
    """The configuration in this mode; nobody listens on after an answer, which is over then.

    Whoever does nothing ahead has nothing to tell by whether a command is complete: a fixed silence ends it.
    """
    listen = replace(config.listen, follow_up_seconds=0.0, follow_up_after_question_seconds=0.0)
    match mode:
        case "default":
            pass
        case "sequential":
            listen = replace(listen, turn_detector="off")
        case "tutorial":
            silence = TUTORIAL_SILENCE_SECONDS
            listen = replace(listen, turn_detector="off", end_silence_seconds=silence, speculate_after_seconds=silence)
        case _:
            assert_never(mode)
    return replace(config, listen=listen)


def answering_of(mode: Mode, config: Config, mind: Mind, observe: Observer) -> Answering:
    """What answers in this mode, in a conversation of its own."""
    conversation = conversation_of(config)
    match mode:
        case "default":
            return reply_of(config, mind, conversation, observe)
        case "sequential":
            return PieceByPiece(mind, conversation, whole, observe)
        case "tutorial":
            return PieceByPiece(mind, conversation, cut_at_stops, observe)
        case _:
            assert_never(mode)


@dataclass
class PieceByPiece:
    """Answers a command step by step: each piece of the answer is written, made and played before the next one is.

    Nothing is done ahead: it begins when it is certain that the command is over.
    """

    mind: Mind
    conversation: Conversation
    cut: Cut
    observe: Observer

    async def prepare(self) -> None:
        """Nothing is done ahead."""

    async def answer(self, question: Utterance | Ask | Say, hold: Hold) -> TurnEnded:
        """Answer one command aloud; StageError."""
        if not isinstance(question, Utterance):
            raise TypeError("it is only spoken to")
        await hold.released()
        transcript = await self.mind.transcriber.transcribe(question)
        if not transcript.text:
            self.observe(NothingHeard())
            return TurnEnded("nothing heard")
        self.observe(Transcribed(transcript.text, transcript.language))
        messages = self.conversation.with_question(transcript.text, at=current_time())
        async with (
            aclosing(self.mind.language_model.reply(messages)) as chunks,
            aclosing(self.cut(chunks)) as pieces,
        ):
            async for piece in pieces:
                await self._speak(Sentence(piece, spoken_text(piece)))
        return TurnEnded("answered")

    async def _speak(self, sentence: Sentence) -> None:
        if not sentence.spoken:
            return
        self.observe(SentenceReady(sentence.written, sentence.spoken))
        speech = await self.mind.voice.synthesize(sentence)
        self.observe(SpeakingStarted(sentence.spoken))
        await self.mind.speaker.play(speech.clip)
        self.observe(SpeakingEnded(sentence.written, speech.clip.seconds))


async def whole(chunks: AsyncIterable[str]) -> AsyncGenerator[str, None]:
    """All of it, once it is there."""
    yield "".join([chunk async for chunk in chunks])


async def cut_at_stops(chunks: AsyncIterable[str]) -> AsyncGenerator[str, None]:
    """Cut right after every 。！？.!? there is; the rest at the end."""
    rest = ""
    async for chunk in chunks:
        *pieces, rest = TUTORIAL_STOP.split(rest + chunk)
        for piece in pieces:
            yield piece
    if rest:
        yield rest


class StockWhisper:
    """faster-whisper called as its own documentation does: every option at its default."""

    def __init__(self, model: WhisperModel, stt: SpeechToText) -> None:
        self._model = model
        self._languages = stt.languages
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    async def loaded(cls, config: Config) -> StockWhisper:
        """A second copy of the configured model, on the same device, warm; StartError."""
        from jetson_voice.backends.whisper_model import loaded  # noqa: PLC0415  as all backends: when it is needed

        stock = cls(await to_thread.run_sync(loaded, config.stt, backends.models_of(config)), config.stt)
        silence = Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ)
        await stock.transcribe(Utterance(silence, wake_phrase="", ended_at=0.0))
        return stock

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """The words after the wake phrase."""
        return await to_thread.run_sync(self._transcript, utterance, limiter=self._one_at_a_time)

    def _transcript(self, utterance: Utterance) -> Transcript:
        only = self._languages[0] if len(self._languages) == 1 else None
        sound = utterance.clip.at_rate(SAMPLE_RATE_HZ).samples.astype(np.float32) / 32_768
        segments, about = self._model.transcribe(sound, language=only)
        text = "".join(segment.text for segment in segments)
        language = next((each for each in self._languages if each == about.language), self._languages[0])
        return Transcript(without_wake_phrase(text, utterance.wake_phrase), language)
