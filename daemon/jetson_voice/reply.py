"""One answer: transcribe the command, then deliver what the language model writes about it (delivery.py).

What is remembered is what was heard: a sentence is committed while it is played, up to where the sound was cut.
A command that may not be over yet is answered under a hold: then all of this is made ahead, and takes no effect.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial

from anyio import current_time, get_cancelled_exc_class
from typing_extensions import assert_never

from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import Conversation
from jetson_voice.delivery import Delivery, Mind
from jetson_voice.events import NothingHeard, Observer, Transcribed, TurnEnded, TurnFailed
from jetson_voice.exit_phrases import ends_conversation
from jetson_voice.hold import Hold
from jetson_voice.languages import Language
from jetson_voice.own_voice import is_own_voice
from jetson_voice.phrases import Trouble, apology, trouble_of
from jetson_voice.priming import prime
from jetson_voice.protocols import StageError, Transcript, Utterance
from jetson_voice.sentences import SentenceSplitter

log = logging.getLogger(__name__)


class Reply:
    """Answers commands, one at a time."""

    def __init__(self, mind: Mind, conversation: Conversation, *, language: Language, observe: Observer) -> None:
        self._mind = mind
        self._conversation = conversation
        self._language = language
        self._observe = observe

    async def prepare(self) -> None:
        """Have the language model read all that comes before the command, while the user is still speaking."""
        with suppress(StageError):  # the turn itself will tell
            await prime(self._mind.language_model, self._conversation.before_question(at=current_time()))

    async def answer(self, question: Utterance | Ask | Say, hold: Hold) -> TurnEnded:
        """Answer one command aloud; a stage that fails is told to the user in their language.

        A program's question needs no hearing. What a program wants to be said is only spoken: the assistant has not
        said it in answer to anybody, so it is no part of the conversation, and a failure is told to the program.
        """
        try:
            match question:
                case Utterance():
                    return await self._answer_utterance(question, hold)
                case Ask(text):
                    return await self._answer_text(text, hold)
                case Say(text):
                    await Delivery(self._mind, hold, self._observe, remember=forget).read_out(text)
                    return TurnEnded("said")
                case _:
                    assert_never(question)
        except StageError as failure:
            await hold.released()
            self._observe(TurnFailed(failure.stage, failure.reason))
            if not isinstance(question, Say):
                await self._apologize(trouble_of(failure))
            return TurnEnded("failed")

    async def _answer_utterance(self, utterance: Utterance, hold: Hold) -> TurnEnded:
        transcript = await self._delivery(hold).transcribe(utterance)
        hold.understood = transcript.text
        if transcript.is_unclear and utterance.wake_phrase:
            await hold.released()
            await self._apologize("not understood")
            return TurnEnded("not understood", asks=True)
        if not transcript.text or self._is_echo(utterance, transcript):
            await hold.released()
            self._observe(NothingHeard())
            return TurnEnded("nothing heard")
        hold.do(partial(self._understood, transcript))
        if ends_conversation(transcript.text, after_question=self._conversation.ends_in_question):
            await hold.released()
            return TurnEnded("dismissed")
        return await self._answer_text(transcript.text, hold)

    def _understood(self, transcript: Transcript) -> None:
        self._language = transcript.language
        self._observe(Transcribed(transcript.text, transcript.language))

    def _is_echo(self, utterance: Utterance, transcript: Transcript) -> bool:
        """Whether a follow-up is the assistant's own last answer; whoever says the wake word is somebody."""
        return not utterance.wake_phrase and is_own_voice(transcript.text, [self._conversation.last_answer])

    async def _answer_text(self, text: str, hold: Hold) -> TurnEnded:
        asked_at = current_time()
        messages = self._conversation.with_question(text, at=asked_at)
        hold.do(partial(self._conversation.user_said, text, at=asked_at))
        splitter = SentenceSplitter(first_at_clause=True)
        try:
            await self._delivery(hold).respond(messages, splitter)
        except (get_cancelled_exc_class(), StageError):
            hold.do(self._conversation.assistant_was_interrupted)
            raise
        self._remember(splitter.rest)
        return TurnEnded("answered", asks=self._conversation.ends_in_question)

    async def _apologize(self, trouble: Trouble) -> None:
        """Say why there is no answer, unless it is speaking itself that fails."""
        try:
            await self._delivery(Hold.none()).say(apology(trouble, self._language))
        except get_cancelled_exc_class():
            self._conversation.assistant_was_interrupted()
            raise
        except StageError as second:
            log.warning("the user could not be told: %s", second.reason)

    def _delivery(self, hold: Hold) -> Delivery:
        return Delivery(self._mind, hold, self._observe, self._remember)

    def _remember(self, heard: str) -> None:
        self._conversation.assistant_was_heard(heard, at=current_time())


def forget(heard: str) -> None:
    """What was said for a program is no part of the conversation."""
    del heard
