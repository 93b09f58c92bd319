"""Text to speech by Piper, with a voice for each language."""

from __future__ import annotations

import json
import logging
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from anyio import CapacityLimiter, from_thread, to_thread
from piper import PiperVoice, SynthesisConfig
from piper.config import PhonemeType, PiperConfig

from jetson_voice import config
from jetson_voice.audio import Clip
from jetson_voice.backends.onnx import first_line, is_there, session
from jetson_voice.languages import Language, language_of
from jetson_voice.protocols import Speech, StageError, StartError
from jetson_voice.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

log = logging.getLogger(__name__)

WARM_UP: Final[Mapping[Language, str]] = {"zh": "你好。", "en": "Hello."}


class Piper:
    """Speaks each sentence with the voice of its language."""

    def __init__(self, voices: Mapping[Language, SpokenVoice]) -> None:
        self._voices = voices
        self._language = next(iter(voices))
        self._missed: set[Language] = set()
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, tts: config.TextToSpeech, models: Path) -> AsyncIterator[Piper]:
        """Load the voices and let each say a word; StartError names the key or the file."""
        yield cls(await to_thread.run_sync(voices_of, tts, models))

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The sentence as sound, with the 0.05 s before and 0.2 s after it that Piper gives; StageError when it fails.

        Cancelled, at most one piece of the sentence is still made.
        """
        voice = self._voice_for(sentence)
        clip = await to_thread.run_sync(voice.clip, sentence.spoken, limiter=self._one_at_a_time)
        return Speech(sentence, clip)

    def _voice_for(self, sentence: Sentence) -> SpokenVoice:
        """The voice of its script; where that does not tell, of the sentence before; where there is none, another."""
        self._language = language_of(sentence.spoken) or self._language
        if self._language in self._voices:
            return self._voices[self._language]
        if self._language not in self._missed:
            self._missed.add(self._language)
            log.warning(
                "tts.voices.%s: there is no voice for this language, another one speaks it",
                self._language,
            )
        return next(iter(self._voices.values()))


class SpokenVoice:
    """One Piper voice at the configured speed and volume; not to be used from two threads at once."""

    def __init__(self, voice: PiperVoice, *, speed: float, volume: float) -> None:
        self._voice = voice
        self._manner = SynthesisConfig(length_scale=voice.config.length_scale / speed, volume=volume)

    def clip(self, text: str) -> Clip:
        """The text as sound at the voice's rate, in a worker thread; StageError when Piper fails."""
        pieces = []
        try:
            for chunk in self._voice.synthesize(text, self._manner):
                pieces.append(chunk.audio_int16_array)
                from_thread.check_cancelled()
        except Exception as error:  # onnxruntime's errors have no other base in common
            raise StageError("synthesize", first_line(error)) from error
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
        return Clip(samples, self._voice.config.sample_rate)


def voices_of(tts: config.TextToSpeech, models: Path) -> dict[Language, SpokenVoice]:
    """The configured voices by language, warm; StartError when there are none."""
    names: dict[Language, str] = {"zh": tts.voices.zh, "en": tts.voices.en}
    voices: dict[Language, SpokenVoice] = {}
    for language, name in names.items():
        if not name:
            continue
        file = model_file(name, f"tts.voices.{language}", models)
        voice = SpokenVoice(loaded(file), speed=tts.speed, volume=tts.volume)
        try:
            voice.clip(WARM_UP[language])
        except StageError as error:
            raise StartError(f"tts.voices.{language}: {file} does not speak: {error.reason}") from error
        voices[language] = voice
    if not voices:
        raise StartError("tts.voices: there is no voice; name one for zh or en")
    return voices


def model_file(name: str, key: str, models: Path) -> Path:
    """The .onnx file of a voice: the one in its folder, or the path itself."""
    path = models / Path(name).expanduser()
    try:
        files = sorted(file for file in path.iterdir() if file.suffix == ".onnx")
    except (FileNotFoundError, NotADirectoryError):
        if is_there(path):
            return path
        raise StartError(f"{key}: {path} is missing: fetch it with `jetson-voice models pull`") from None
    except OSError as error:
        raise StartError(f"{key}: {path} cannot be read: {error.strerror}") from error
    if len(files) != 1:
        raise StartError(f"{key}: {path} should hold one .onnx file, it has {len(files)}")
    return files[0]


def loaded(file: Path) -> PiperVoice:
    """A voice on the CPU, on half of the cores so that hearing keeps the others."""
    description = file.with_name(f"{file.name}.json")
    if not is_there(description):
        raise StartError(f"{description} is missing: fetch it with `jetson-voice models pull`")
    try:
        settings = PiperConfig.from_dict(json.loads(description.read_text("utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StartError(f"{description} is damaged: {first_line(error)}; fetch it again") from error
    pinyin = file.parent / "g2pW"
    if settings.phoneme_type is PhonemeType.PINYIN and not pinyin.is_dir():
        raise StartError(f"{file} needs the g2pW model in {pinyin}; zh_CN-huayan-medium needs none")
    threads = max(1, (os.cpu_count() or 1) // 2)
    return PiperVoice(
        config=settings,
        session=session(file, threads=threads),
        download_dir=file.parent,
    )
