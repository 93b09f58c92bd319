"""The composition root: from a configuration to a running assistant, and its end in the reverse order."""

from __future__ import annotations

import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from anyio import current_time, open_signal_receiver

from jetson_voice import backends, control, runtime_paths
from jetson_voice.assistant import Assistant, Ears
from jetson_voice.audio import Clip
from jetson_voice.concurrency import first, together
from jetson_voice.config import Config
from jetson_voice.control_desk import Desk
from jetson_voice.control_feed import Feed, Noticed
from jetson_voice.conversation import Conversation
from jetson_voice.events import Event, Ready
from jetson_voice.protocols import (
    LanguageModel,
    Microphone,
    Speaker,
    SpeechDetector,
    StartError,
    Transcriber,
    Voice,
    WakeWord,
)
from jetson_voice.reply import Mind, Reply
from jetson_voice.requests import Requests
from jetson_voice.sound_settings import SoundSettings, WithMute, WithVolume

TimedObserver = Callable[[Event, float], None]
"""Told of an event and of its audio time in seconds."""

M = TypeVar("M", bound=Microphone)


@dataclass(frozen=True)
class Running(Generic[M]):
    """An assistant that listens, what it listens with, and what it remembers."""

    assistant: Assistant
    microphone: M
    conversation: Conversation


async def run(config: Config, observers: Sequence[TimedObserver]) -> None:
    """Listen and answer until SIGTERM or SIGINT; programs may ask through the control socket."""
    sound = SoundSettings(runtime_paths.state_directory() / "sound.json")
    desk = Desk(Requests(), sound, Feed(sound))

    async def listen() -> None:
        ears = WithMute.opened(Noticed.opened(backends.microphone(config), desk.feed), sound)
        mouth = WithVolume.opened(backends.speaker(config), sound)
        thresholds = {word.spoken: word.threshold for word in config.wake.words}
        told = [*observers, desk.feed.observer(thresholds, transcripts=config.log.transcripts)]
        async with running(config, ears, mouth, told, desk.requests) as daemon:
            await daemon.assistant.run()

    await first(listen, told_to_stop, partial(control.obey, runtime_paths.own_socket(), desk))


async def replay(config: Config, heard: Clip, spoken: Path, observers: Sequence[TimedObserver]) -> None:
    """Answer the commands in a recording, in real time; write what the speaker plays to a WAV file."""
    microphone, speaker = backends.wav_microphone(heard), backends.wav_speaker(config, spoken)

    async def listen() -> None:
        async with running(config, microphone, speaker, observers) as session:
            assistant, ended = session.assistant, session.microphone.ended
            wake = await first(assistant.wait_for_wake, ended)
            while wake:
                wake = await assistant.take_turn(wake) or await first(assistant.wait_for_wake, ended)

    await first(listen, told_to_stop)


@asynccontextmanager
async def running(
    config: Config,
    microphone: AbstractAsyncContextManager[M],
    speaker: AbstractAsyncContextManager[Speaker],
    observers: Sequence[TimedObserver],
    requests: Requests | None = None,
) -> AsyncGenerator[Running[M], None]:
    """Everything open, the models first, and Ready reported; closed in the reverse order."""
    async with AsyncExitStack() as stack:
        models = await load_models(stack, config)
        source = await stack.enter_async_context(microphone)
        opened_at = current_time()
        mouth = await stack.enter_async_context(speaker)

        def observe(event: Event) -> None:
            for observer in observers:
                observer(event, current_time() - opened_at)

        conversation = conversation_of(config)
        reply = Reply(
            Mind(models.transcriber, models.language_model, models.voice, mouth),
            conversation,
            language=config.stt.languages[0],
            observe=observe,
        )
        assistant = Assistant(
            Ears(source, models.wake_word, models.speech_detector),
            answer=reply.answer,
            requests=requests or Requests(),
            rules=config.listen.rules,
            pre_roll_seconds=config.listen.pre_roll_seconds,
            observe=observe,
        )
        observe(Ready())
        yield Running(assistant, source, conversation)


def conversation_of(config: Config) -> Conversation:
    """An empty conversation."""
    settings = config.conversation
    return Conversation(
        settings.system_prompt,
        history_tokens=settings.history_tokens,
        forget_after_seconds=settings.forget_after_seconds,
    )


@dataclass(frozen=True)
class Models:
    """Everything that is loaded into memory."""

    wake_word: WakeWord
    speech_detector: SpeechDetector
    transcriber: Transcriber
    language_model: LanguageModel
    voice: Voice


async def load_models(stack: AsyncExitStack, config: Config) -> Models:
    """Load all models side by side; the stack closes them. StartError with a line for each that cannot be loaded."""
    loaded: dict[str, Any] = {}
    problems: list[str] = []

    async def load(name: str, model: AbstractAsyncContextManager[object]) -> None:
        try:
            loaded[name] = await stack.enter_async_context(model)
        except StartError as problem:
            problems.append(str(problem))

    await together(
        partial(load, "wake_word", backends.wake_word(config)),
        partial(load, "speech_detector", backends.speech_detector(config)),
        partial(load, "transcriber", backends.transcriber(config)),
        partial(load, "language_model", backends.language_model(config)),
        partial(load, "voice", backends.voice(config)),
    )
    if problems:
        raise StartError("\n".join(problems))
    return Models(**loaded)


async def told_to_stop() -> None:
    """Return when systemd or the user wants the daemon to end."""
    with open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            return
