"""Text to speech by Piper."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from anyio import CapacityLimiter, from_thread, to_thread
from piper import PiperVoice, SynthesisConfig
from piper.config import PhonemeType, PiperConfig

from jetson_voice import config
from jetson_voice.audio import Clip
from jetson_voice.backends.onnx import first_line, is_there, session
from jetson_voice.languages import Language
from jetson_voice.protocols import StageError, StartError

if TYPE_CHECKING:
    from collections.abc import Mapping

WARM_UP: Final[Mapping[Language, str]] = {"zh": "你好。", "en": "Hello."}

PINYIN_PACKAGES: Final = ("g2pw", "transformers", "sentence_stream", "unicode_rbnf")
"""What `piper-tts[zh]` adds (piper/phonemize_chinese.py, g2pw_onnx.py)."""


class Piper:
    """One Piper voice at the configured speed."""

    def __init__(self, voice: PiperVoice, *, speed: float) -> None:
        self._voice = voice
        self._manner = SynthesisConfig(length_scale=voice.config.length_scale / speed)
        self._one_at_a_time = CapacityLimiter(1)

    async def clip(self, text: str) -> Clip:
        """The text as sound at the voice's rate, its peak at full scale; StageError when Piper fails.

        Cancelled, at most one piece of the text is still made.
        """
        return await to_thread.run_sync(self._clip, text, limiter=self._one_at_a_time)

    def _clip(self, text: str) -> Clip:
        pieces = []
        # What stands in [[…]] Piper takes for phonemes.
        text = text.replace("[[", "[ [")
        try:
            for chunk in self._voice.synthesize(text, self._manner):
                pieces.append(chunk.audio_int16_array)
                from_thread.check_cancelled()
        except Exception as error:  # onnxruntime's errors have no other base in common
            raise StageError("synthesize", first_line(error)) from error
        samples = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
        return Clip(samples, self._voice.config.sample_rate)


async def voices_of(tts: config.TextToSpeech, models: Path) -> dict[Language, Piper]:
    """The configured voices, each after its first word; StartError names the key or the file."""
    voices: dict[Language, Piper] = {}
    for language, name in tts.voices.named.items():
        key = f"tts.voices.{language}"
        file = model_file(name, key, models)
        voice = Piper(await to_thread.run_sync(loaded, file, key), speed=tts.speed)
        try:
            await voice.clip(WARM_UP[language])
        except StageError as error:
            raise StartError(f"{key}: {file} does not speak: {error.reason}") from error
        voices[language] = voice
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


def loaded(file: Path, key: str) -> PiperVoice:
    """A voice on the CPU; StartError names the file."""
    description = file.with_name(f"{file.name}.json")
    if not is_there(description):
        raise StartError(f"{description} is missing: fetch it with `jetson-voice models pull`")
    try:
        settings = PiperConfig.from_dict(json.loads(description.read_text("utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StartError(f"{description} is damaged: {first_line(error)}; fetch it again") from error
    if settings.phoneme_type is PhonemeType.PINYIN and (lacks := lacking_for_pinyin(file.parent / "g2pW")):
        raise StartError(f"{key}: {file} speaks from pinyin and lacks {lacks}; piper-zh_CN-huayan-medium needs neither")
    return PiperVoice(
        config=settings,
        # One long sentence took 160 MiB for ever; a short one takes 8 % longer without.
        session=session(file, threads=threads_of(len(os.sched_getaffinity(0))), keeps_memory=False),
        download_dir=file.parent,
    )


def threads_of(cores: int) -> int:
    """Half of the cores, so that hearing keeps the others; but two where there are two: the user waits for the sound of
    the first piece, which takes 240 ms with two threads there and 340 ms with one, the language model beside it.
    """
    return min(cores, max(2, cores // 2))


def lacking_for_pinyin(model: Path) -> str:
    """What is missing to turn hanzi into pinyin, and where it comes from; empty when all is there."""
    lacks = []
    if packages := [name for name in PINYIN_PACKAGES if find_spec(name) is None]:
        lacks.append(f"the packages {', '.join(packages)} (pip install 'piper-tts[zh]')")
    if not is_there(model / "g2pw.onnx"):  # Piper would fetch it, and the service has no network
        lacks.append(f"the g2pW model in {model}")
    return " and ".join(lacks)
