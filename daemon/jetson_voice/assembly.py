"""How the parts are put together to an assistant; whoever has opened them closes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from anyio import current_time

from jetson_voice.assistant import Assistant
from jetson_voice.config import Config, LanguageModel
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import Conversation
from jetson_voice.delivery import Mind
from jetson_voice.events import Event, Observer, TurnEnded
from jetson_voice.hold import Hold
from jetson_voice.language_servers import on_this_machine
from jetson_voice.listening import Ears, Listener
from jetson_voice.loading import Models
from jetson_voice.protocols import Microphone, Speaker, Utterance
from jetson_voice.reply import Reply
from jetson_voice.requests import Requests

TimedObserver: TypeAlias = Callable[[Event, float], None]
"""Told of an event and of its audio time in seconds."""


class Answering(Protocol):
    """What answers commands and requests, one at a time: the daemon's Reply, or what is compared with it."""

    async def answer(self, question: Utterance | Ask | Say, hold: Hold) -> TurnEnded:
        """Answer aloud; what it does before the hold is released takes no effect."""
        ...

    async def prepare(self) -> None:
        """Do what can be done while the user is still speaking."""
        ...


def assistant_of(
    config: Config, ears: Ears, answering: Answering, requests: Requests, observe: Observer, *, speaker: Speaker
) -> Assistant:
    """An assistant that follows the configuration; the speaker is the one that it answers with."""
    return Assistant(
        Listener(
            ears,
            rules=config.listen.rules,
            patience=config.listen.patience,
            pre_roll_seconds=config.listen.pre_roll_seconds,
            interrupted_by=config.listen.interrupted_by,
            duck=speaker.duck,
            observe=observe,
        ),
        answer=answering.answer,
        prepare=answering.prepare if keeps_its_cache(config.llm) else nothing,
        requests=requests,
        follow_up=config.listen.follow_up,
        observe=observe,
    )


def keeps_its_cache(llm: LanguageModel) -> bool:
    """Whether the model is this machine's own: one elsewhere serves others, too, and may be paid by the word."""
    return llm.backend != "openai" or on_this_machine(llm.openai.url)


async def nothing() -> None:
    """There is nothing to prepare."""


def reply_of(config: Config, mind: Mind, conversation: Conversation, observe: Observer) -> Reply:
    """Its answers, first of all in its own language."""
    return Reply(mind, conversation, language=config.stt.languages[0], observe=observe)


def ears_of(models: Models, microphone: Microphone) -> Ears:
    """What it listens with."""
    return Ears(microphone, models.wake_word, models.speech_detector, models.turn_detector, models.transcriber)


def mind_of(models: Models, speaker: Speaker) -> Mind:
    """What it answers with."""
    return Mind(models.transcriber, models.language_model, models.voice, speaker)


def observed_by(observers: Sequence[TimedObserver], *, since: float) -> Observer:
    """One observer that tells them all, and how many seconds after `since`."""

    def observe(event: Event) -> None:
        for observer in observers:
            observer(event, current_time() - since)

    return observe


def conversation_of(config: Config) -> Conversation:
    """An empty conversation."""
    settings = config.conversation
    return Conversation(
        settings.system_prompt,
        history_tokens=settings.history_tokens,
        forget_after_seconds=settings.forget_after_seconds,
    )
