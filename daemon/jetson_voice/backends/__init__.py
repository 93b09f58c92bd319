"""The backends: one table a protocol, name to builder, the default first.

A library is imported when its row is built, not before: no one waits for, or needs, what they do not use.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jetson_voice.config import Config

if TYPE_CHECKING:
    # The process that captures the microphone passes here, and shall start without numpy.
    from jetson_voice.audio import Clip
    from jetson_voice.backends.wav_io import WavMicrophone
    from jetson_voice.echo.reference import Reference
    from jetson_voice.languages import Language
    from jetson_voice.multilingual import LanguageVoice
    from jetson_voice.protocols import (
        LanguageModel,
        Microphone,
        Speaker,
        SpeechDetector,
        Transcriber,
        TurnDetector,
        Voice,
        WakeWord,
    )
from jetson_voice.scores import Scored, unwatched

B = TypeVar("B")
Opening: TypeAlias = AbstractAsyncContextManager[B]
Builder: TypeAlias = Callable[[Config], Opening[B]]


def microphone(config: Config) -> Opening[Microphone]:
    """The microphone of this machine."""
    from jetson_voice.backends.pyaudio_microphone import PyAudioMicrophone

    return PyAudioMicrophone.opened(config.microphone)


def speaker(config: Config, reference: Reference | None = None) -> Opening[Speaker]:
    """The speaker of this machine; what it plays is told to the reference."""
    from jetson_voice.backends.pyaudio_speaker import PyAudioSpeaker

    return PyAudioSpeaker.opened(config.speaker, reference)


def wav_microphone(heard: Clip) -> Opening[WavMicrophone]:
    """A recording in the microphone's place."""
    from jetson_voice.backends.wav_io import WavMicrophone

    return WavMicrophone.opened(heard)


def wav_speaker(config: Config, path: Path, reference: Reference | None = None) -> Opening[Speaker]:
    """A recording in the speaker's place."""
    from jetson_voice.backends.wav_io import WavSpeaker

    return WavSpeaker.opened(path, fade_ms=config.speaker.fade_ms, reference=reference)


def without_echo(config: Config, microphone: Microphone, reference: Reference) -> AbstractContextManager[Microphone]:
    """The microphone, and what the configuration has against the assistant's own voice in it."""
    from jetson_voice.backends.echoes import ECHOES

    return ECHOES[config.microphone.echo](microphone, reference)


def wake_word(config: Config, scored: Scored = unwatched) -> Opening[WakeWord]:
    """The wake words that the configuration names; `scored` is told the scores of every frame."""
    return WAKE_WORDS[config.wake.backend](config, scored)


@asynccontextmanager
async def _openwakeword(config: Config, scored: Scored) -> AsyncGenerator[WakeWord, None]:
    from jetson_voice.backends.openwakeword import OpenWakeWord
    from jetson_voice.quiet import SleepsInQuiet

    async with OpenWakeWord.opened(config.wake, models_of(config), scored) as wake_word:
        yield SleepsInQuiet(wake_word) if config.wake.sleeps_in_quiet else wake_word


def _micro(config: Config, scored: Scored) -> Opening[WakeWord]:
    from jetson_voice.backends.micro_wakeword import MicroWakeWord

    return MicroWakeWord.opened(config.wake, models_of(config), scored)


WAKE_WORDS: Mapping[str, Callable[[Config, Scored], Opening[WakeWord]]] = {
    "openwakeword": _openwakeword,
    "micro": _micro,
}


def speech_detector(config: Config) -> Opening[SpeechDetector]:
    """Silero."""
    from jetson_voice.backends.silero import Silero

    return Silero.opened(config.listen)


def turn_detector(config: Config) -> Opening[TurnDetector]:
    """The turn detector that the configuration names, or none."""
    return TURN_DETECTORS[config.listen.turn_detector](config)


def _smart_turn(config: Config) -> Opening[TurnDetector]:
    from jetson_voice.backends.smart_turn import SmartTurn

    return SmartTurn.opened(models_of(config))


def _undecided(config: Config) -> Opening[TurnDetector]:
    from jetson_voice.backends.undecided import Undecided

    del config
    return nullcontext(Undecided())


TURN_DETECTORS: Mapping[str, Builder[TurnDetector]] = {
    "smart-turn": _smart_turn,
    "off": _undecided,
}


def transcriber(config: Config) -> Opening[Transcriber]:
    """faster-whisper."""
    from jetson_voice.backends.faster_whisper import FasterWhisper

    return FasterWhisper.opened(config.stt, models_of(config))


@asynccontextmanager
async def voice(config: Config) -> AsyncGenerator[Voice, None]:
    """A Piper voice for each language that has one, espeak-ng for the others."""
    from anyio import to_thread

    voices: Mapping[Language, LanguageVoice] = {}
    if config.tts.voices.named:
        from jetson_voice.backends.piper import voices_of

        voices = await voices_of(config.tts, models_of(config))
    await to_thread.run_sync(learn_to_read)
    yield _multilingual(config, voices)


def learn_to_read() -> None:
    """Have the spelling of numbers in memory: reading it in takes a quarter of a second."""
    from jetson_voice.languages import LANGUAGES
    from jetson_voice.reading import reading_of

    for language in LANGUAGES:
        reading_of("1", language)


def spare_voice(config: Config) -> Voice:
    """espeak-ng for every language: it needs no model."""
    return _multilingual(config, _espeak(config))


def _multilingual(config: Config, voices: Mapping[Language, LanguageVoice]) -> Voice:
    from jetson_voice.exit_phrases import STOP_WORDS
    from jetson_voice.multilingual import Multilingual
    from jetson_voice.reading import reading_of

    return Multilingual(
        voices,
        _espeak(config),
        read=reading_of,
        language=config.stt.languages[0],
        volume=config.tts.volume,
        interrupting=[*(word.spoken for word in config.wake.words), *STOP_WORDS],
    )


def _espeak(config: Config) -> Mapping[Language, LanguageVoice]:
    from jetson_voice.backends.espeak import Espeak
    from jetson_voice.languages import LANGUAGES

    return {language: Espeak(language, speed=config.tts.speed) for language in LANGUAGES}


def language_model(config: Config) -> Opening[LanguageModel]:
    """The language model that the configuration names."""
    return LANGUAGE_MODELS[config.llm.backend](config)


def _ollama(config: Config) -> Opening[LanguageModel]:
    from jetson_voice.backends.ollama import Ollama

    return Ollama.opened(config.llm, config.conversation.system_prompt)


def _openai(config: Config) -> Opening[LanguageModel]:
    from jetson_voice.backends.openai import OpenAI

    return OpenAI.opened(config.llm, config.conversation.system_prompt)


def _embedded(config: Config) -> Opening[LanguageModel]:
    from jetson_voice.backends.embedded import Embedded

    return Embedded.opened(config.llm, models_of(config), config.conversation.system_prompt)


LANGUAGE_MODELS: Mapping[str, Builder[LanguageModel]] = {
    "ollama": _ollama,
    "openai": _openai,
    "embedded": _embedded,
}


def models_of(config: Config) -> Path:
    """The directory of the models."""
    return Path(config.models.directory)
