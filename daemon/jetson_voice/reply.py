"""One answer: transcribe the command, then think, synthesize and play at the same time, sentence by sentence.

What is remembered is what was heard: a sentence is committed while it is played, up to where the sound was cut.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from functools import partial

from anyio import BrokenResourceError, create_memory_object_stream, current_time, get_cancelled_exc_class
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from typing_extensions import assert_never

from jetson_voice.concurrency import together
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import Conversation
from jetson_voice.events import (
    NothingHeard,
    Observer,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    TurnFailed,
)
from jetson_voice.exit_phrases import ends_conversation
from jetson_voice.heard import text_heard
from jetson_voice.languages import Language
from jetson_voice.own_voice import is_own_voice
from jetson_voice.phrases import Trouble, apology, trouble_of
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


class Reply:
    """Answers commands, one at a time."""

    def __init__(self, mind: Mind, conversation: Conversation, *, language: Language, observe: Observer) -> None:
        self._mind = mind
        self._conversation = conversation
        self._language = language
        self._observe = observe

    async def answer(self, question: Utterance | Ask | Say) -> TurnEnded:
        """Answer one command aloud; a stage that fails is told to the user in their language.

        A program's question needs no hearing. What a program wants to be said is only spoken: the assistant has not
        said it in answer to anybody, so it is no part of the conversation, and a failure is told to the program.
        """
        try:
            match question:
                case Utterance():
                    return await self._answer_utterance(question)
                case Ask(text):
                    return await self._answer_text(text)
                case Say(text):
                    return await self._say(text)
                case _:
                    assert_never(question)
        except StageError as failure:
            self._observe(TurnFailed(failure.stage, failure.reason))
            if not isinstance(question, Say):
                await self._apologize(trouble_of(failure))
            return TurnEnded("failed")

    async def _answer_utterance(self, utterance: Utterance) -> TurnEnded:
        with failing_as("transcribe"):
            transcript = await self._mind.transcriber.transcribe(utterance)
        if transcript.is_unclear and utterance.wake_phrase:
            await self._apologize("not understood")
            return TurnEnded("not understood", asks=True)
        if not transcript.text or self._is_echo(utterance, transcript):
            self._observe(NothingHeard())
            return TurnEnded("nothing heard")
        self._language = transcript.language
        self._observe(Transcribed(transcript.text, transcript.language))
        if ends_conversation(transcript.text, after_question=self._conversation.ends_in_question):
            return TurnEnded("dismissed")
        return await self._answer_text(transcript.text)

    def _is_echo(self, utterance: Utterance, transcript: Transcript) -> bool:
        """Whether a follow-up is the assistant's own last answer; whoever says the wake word is somebody."""
        return not utterance.wake_phrase and is_own_voice(transcript.text, [self._conversation.last_answer])

    async def _answer_text(self, text: str) -> TurnEnded:
        await self._respond(self._conversation.user_said(text, at=current_time()))
        return TurnEnded("answered", asks=self._conversation.ends_in_question)

    async def _respond(self, messages: Sequence[Message]) -> None:
        to_voice, sentences = create_memory_object_stream[Sentence](SENTENCES_AHEAD)
        to_speaker, speeches = create_memory_object_stream[Speech](SPEECHES_AHEAD)
        splitter = SentenceSplitter(first_at_clause=True)
        try:
            await together(
                partial(self._think, messages, splitter, to_voice),
                partial(self._synthesize, sentences, to_speaker),
                partial(self._play, speeches, self._remember),
            )
        except (get_cancelled_exc_class(), StageError):
            self._conversation.assistant_was_interrupted()
            raise
        self._conversation.assistant_was_heard(splitter.rest, at=current_time())

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
                    self._observe(SentenceReady(sentence.written, sentence.spoken))
                    await to_voice.send(sentence)
                    spoken += 1
        if not spoken:
            raise StageError("think", "the language model's answer has no words in it")

    async def _synthesize(
        self,
        sentences: MemoryObjectReceiveStream[Sentence],
        to_speaker: MemoryObjectSendStream[Speech],
    ) -> None:
        with failing_as("synthesize"):
            async with sentences, to_speaker:
                async for sentence in sentences:
                    await to_speaker.send(await self._mind.voice.synthesize(sentence))

    async def _play(self, speeches: MemoryObjectReceiveStream[Speech], remember: Callable[[str], None]) -> None:
        with failing_as("play"):
            async with speeches:
                async for speech in speeches:
                    await self._play_one(speech, remember)

    async def _play_one(self, speech: Speech, remember: Callable[[str], None]) -> None:
        speaker = self._mind.speaker
        began_at = speaker.position
        self._observe(SpeakingStarted(speech.sentence.spoken))
        try:
            await speaker.play(speech.clip)
        except (get_cancelled_exc_class(), StageError):
            self._report(speech, speaker.position - began_at, remember)
            raise
        self._report(speech, speech.clip.seconds, remember)

    def _report(self, speech: Speech, heard_seconds: float, remember: Callable[[str], None]) -> None:
        heard = text_heard(speech, heard_seconds)
        remember(heard)
        self._observe(SpeakingEnded(heard, round(heard_seconds, 3)))

    def _remember(self, heard: str) -> None:
        self._conversation.assistant_was_heard(heard, at=current_time())

    async def _say(self, text: str) -> TurnEnded:
        to_voice, sentences = create_memory_object_stream[Sentence](SENTENCES_AHEAD)
        to_speaker, speeches = create_memory_object_stream[Speech](SPEECHES_AHEAD)
        await together(
            partial(self._read_out, text, to_voice),
            partial(self._synthesize, sentences, to_speaker),
            partial(self._play, speeches, forget),
        )
        return TurnEnded("said")

    async def _read_out(self, text: str, to_voice: MemoryObjectSendStream[Sentence]) -> None:
        async with to_voice:
            sentences = [Sentence(written=spoken, spoken=spoken) for spoken in split([text])]
            if not sentences:
                raise StageError("synthesize", "there are no words in the text")
            for sentence in sentences:
                self._observe(SentenceReady(sentence.written, sentence.spoken))
                await to_voice.send(sentence)

    async def _apologize(self, trouble: Trouble) -> None:
        """Say why there is no answer, unless it is speaking itself that fails."""
        sentence = apology(trouble, self._language)
        try:
            with failing_as("synthesize"):
                speech = await self._mind.voice.synthesize(sentence)
            with failing_as("play"):
                await self._play_one(speech, self._remember)
        except get_cancelled_exc_class():
            self._conversation.assistant_was_interrupted()
            raise
        except StageError as second:
            log.warning("the user could not be told: %s", second.reason)


def forget(heard: str) -> None:
    """What was said for a program is no part of the conversation."""
    del heard


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
