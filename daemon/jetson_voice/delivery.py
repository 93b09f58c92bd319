"""From messages or text to sound: think, synthesize and play at the same time, sentence by sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from anyio import BrokenResourceError, create_memory_object_stream, get_cancelled_exc_class
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from jetson_voice.concurrency import together
from jetson_voice.events import Event, Observer, SentenceReady, SpeakingEnded, SpeakingStarted, WorkedAhead
from jetson_voice.heard import text_heard
from jetson_voice.hold import Hold
from jetson_voice.protocols import (
    LanguageModel,
    Message,
    Speaker,
    Speech,
    Stage,
    StageError,
    Transcriber,
    Transcript,
    Utterance,
    Voice,
)
from jetson_voice.sentences import Sentence, SentenceSplitter, sentences_of, split

log = logging.getLogger(__name__)

SENTENCES_AHEAD = 4
"""Written but not yet spoken; when full, the language model's stream waits."""

SPEECHES_AHEAD = 1
"""Ready to be played: one is heard, one is ready, one is in the making; when full, synthesis waits."""


@dataclass(frozen=True)
class Mind:
    """What the assistant answers with."""

    transcriber: Transcriber
    language_model: LanguageModel
    voice: Voice
    speaker: Speaker


class Delivery:
    """Makes one answer, and speaks it as soon as it is certain that there is to be one.

    Each piece that was heard is given to `remember` as it was written, up to where its sound was cut.
    """

    def __init__(self, mind: Mind, hold: Hold, observe: Observer, remember: Callable[[str], None]) -> None:
        self._mind = mind
        self._hold = hold
        self._observe = observe
        self._remember = remember

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """What was said; StageError."""
        with failing_as("transcribe"):
            transcript = await self._mind.transcriber.transcribe(utterance)
        self._worked_ahead("transcribe")
        return transcript

    async def respond(self, messages: Sequence[Message], splitter: SentenceSplitter) -> None:
        """Let the language model answer, and speak what it writes; StageError."""
        await self._speak(partial(self._think, messages, splitter))

    async def read_out(self, text: str) -> None:
        """Speak a text; StageError."""
        await self._speak(partial(self._read, text))

    async def say(self, sentence: Sentence) -> None:
        """Speak one sentence; StageError."""
        with failing_as("synthesize"):
            speech = await self._mind.voice.synthesize(sentence)
        await self._hold.released()
        with failing_as("play"):
            await self._play_one(speech)

    async def _speak(self, write: Callable[[MemoryObjectSendStream[Sentence]], Coroutine[Any, Any, None]]) -> None:
        to_voice, sentences = create_memory_object_stream[Sentence](SENTENCES_AHEAD)
        to_speaker, speeches = create_memory_object_stream[Speech](SPEECHES_AHEAD)
        await together(
            partial(write, to_voice),
            partial(self._synthesize, sentences, to_speaker),
            partial(self._play, speeches),
        )

    async def _think(
        self, messages: Sequence[Message], splitter: SentenceSplitter, to_voice: MemoryObjectSendStream[Sentence]
    ) -> None:
        spoken = 0
        with failing_as("think"):
            async with (
                to_voice,
                aclosing(self._mind.language_model.reply(messages)) as chunks,
                aclosing(sentences_of(chunks, splitter)) as sentences,
            ):
                async for sentence in sentences:
                    self._worked_ahead("think")
                    self._tell(SentenceReady(sentence.written, sentence.spoken))
                    await to_voice.send(sentence)
                    spoken += 1
        if not spoken:
            raise StageError("think", "the language model's answer has no words in it")

    async def _read(self, text: str, to_voice: MemoryObjectSendStream[Sentence]) -> None:
        async with to_voice:
            sentences = [Sentence(written=spoken, spoken=spoken) for spoken in split([text])]
            if not sentences:
                raise StageError("synthesize", "there are no words in the text")
            for sentence in sentences:
                self._tell(SentenceReady(sentence.written, sentence.spoken))
                await to_voice.send(sentence)

    async def _synthesize(
        self, sentences: MemoryObjectReceiveStream[Sentence], to_speaker: MemoryObjectSendStream[Speech]
    ) -> None:
        with failing_as("synthesize"):
            async with sentences, to_speaker:
                async for sentence in sentences:
                    speech = await self._mind.voice.synthesize(sentence)
                    self._worked_ahead("synthesize")
                    await to_speaker.send(speech)

    async def _play(self, speeches: MemoryObjectReceiveStream[Speech]) -> None:
        with failing_as("play"):
            async with speeches:
                async for speech in speeches:
                    await self._hold.released()
                    await self._play_one(speech)

    async def _play_one(self, speech: Speech) -> None:
        speaker = self._mind.speaker
        began_at = speaker.position
        self._tell(SpeakingStarted(speech.sentence.spoken))
        try:
            await speaker.play(speech.clip)
        except (get_cancelled_exc_class(), StageError):
            self._heard(speech, speaker.position - began_at)
            raise
        self._heard(speech, speech.clip.seconds)

    def _heard(self, speech: Speech, heard_seconds: float) -> None:
        heard = text_heard(speech, heard_seconds)
        self._remember(heard)
        self._tell(SpeakingEnded(heard, round(heard_seconds, 3)))

    def _tell(self, event: Event) -> None:
        self._hold.do(partial(self._observe, event))

    def _worked_ahead(self, stage: Stage) -> None:
        if not self._hold.is_released:
            self._observe(WorkedAhead(stage))


@contextmanager
def failing_as(stage: Stage) -> Generator[None, None, None]:
    """Let no error of a library end the daemon: what is not a StageError becomes one, its traceback logged."""
    try:
        yield
    except (StageError, BrokenResourceError):  # a broken stream is a neighbour that failed: it says why
        raise
    except Exception as error:
        log.warning("unexpected error at %s", stage, exc_info=True)
        raise StageError(stage, f"{type(error).__name__}: {error}") from error
