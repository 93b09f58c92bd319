"""Speech to text by faster-whisper: CTranslate2 on CUDA where it has it, else on the CPU."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import ctranslate2
import numpy as np
import numpy.typing as npt
from anyio import CapacityLimiter, from_thread, to_thread
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from jetson_voice import config
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.backends.onnx import first_line, is_there
from jetson_voice.languages import HANZI, Language
from jetson_voice.no_words import Hearing
from jetson_voice.protocols import StageError, StartError, Transcript, Utterance
from jetson_voice.wake_phrase import without_wake_phrase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = logging.getLogger(__name__)

# The smallest first; int8_float16 is a third of float16's memory (OHF-Voice/wyoming-faster-whisper PR 122).
PREFERRED: Final = {
    "cuda": ("int8_float16", "int8", "float16", "int8_float32", "float32"),
    "cpu": ("int8", "int8_float32", "float32"),
}
# Without tokenizer.json faster-whisper would fetch one from the network.
NEEDED_FILES: Final = ("model.bin", "config.json", "tokenizer.json")

WINDOW_SECONDS: Final = 30
FULL_SCALE: Final = 32_768.0
# Nobody speaks faster than this; a decoder that repeats itself is stopped by it.
TOKENS_PER_SECOND: Final = 16
LEAST_TOKENS: Final = 32


class FasterWhisper:
    """Understands the configured languages, and leaves the wake phrase out."""

    def __init__(self, model: WhisperModel, stt: config.SpeechToText) -> None:
        self._whisper = Whisper(model, stt)
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, stt: config.SpeechToText, models: Path) -> AsyncIterator[FasterWhisper]:
        """Load the model and warm it by one second of silence; StartError names the key or the file."""
        model = await to_thread.run_sync(loaded, stt, models)
        transcriber = cls(model, stt)
        silence = Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ)
        try:
            await transcriber.transcribe(Utterance(silence, wake_phrase="", ended_at=0.0))
        except StageError as error:
            raise StartError(f"stt.model: {models / stt.model} does not run: {error.reason}") from error
        yield transcriber

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """The words after the wake phrase, empty when there are none; cancelled, at most one inference goes on."""
        return await to_thread.run_sync(self._whisper.transcript, utterance, limiter=self._one_at_a_time)


class Whisper:
    """One window of sound to text, encoded once for both language and words."""

    def __init__(self, model: WhisperModel, stt: config.SpeechToText) -> None:
        self._model = model
        self._languages = stt.languages
        self._prompts: dict[Language, str] = {"zh": stt.prompt_zh, "en": stt.prompt_en}
        self._beam_size = stt.beam_size

    def transcript(self, utterance: Utterance) -> Transcript:
        """What was said, and in which of the languages; StageError when CTranslate2 fails."""
        try:
            sound = self._encoded(utterance.clip)
            from_thread.check_cancelled()
            language = self._language_of(sound)
            hearing = self._hearing(sound, language, utterance)
        except Exception as error:  # CTranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception
            raise StageError("transcribe", first_line(error)) from error
        return Transcript(hearing.text if hearing.has_words else "", language)

    def _encoded(self, clip: Clip) -> ctranslate2.StorageView:
        spectrum = self._model.feature_extractor(floats(clip))[:, :-1]
        return self._model.encode(pad_or_trim(spectrum))

    def _language_of(self, sound: ctranslate2.StorageView) -> Language:
        """The most probable of the configured languages."""
        if len(self._languages) == 1:
            return self._languages[0]
        probabilities = dict(self._model.model.detect_language(sound)[0])
        return max(self._languages, key=lambda each: probabilities.get(f"<|{each}|>", 0.0))

    def _hearing(self, sound: ctranslate2.StorageView, language: Language, utterance: Utterance) -> Hearing:
        """The command; an English wake phrase before Chinese words makes whisper stop after it, unless led past it."""
        hearing = self._words(sound, language, utterance)
        if language == "en" or not utterance.wake_phrase or HANZI.search(utterance.wake_phrase):
            return hearing
        if hearing.sounds_silent or is_chinese(hearing):
            return hearing
        from_thread.check_cancelled()
        led = self._words(sound, language, utterance, said_before=f"{utterance.wake_phrase.title()},")
        return led if is_chinese(led) else hearing

    def _words(
        self, sound: ctranslate2.StorageView, language: Language, utterance: Utterance, said_before: str = ""
    ) -> Hearing:
        multilingual = self._model.model.is_multilingual
        tokenizer = Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)
        prompt = self._prompts[language]
        shown = tokenizer.encode(f" {prompt}") if prompt else []
        tokens = self._model.get_prompt(tokenizer, shown, without_timestamps=True, prefix=said_before)
        most = len(tokens) + LEAST_TOKENS + round(TOKENS_PER_SECOND * utterance.clip.seconds)
        result = self._model.model.generate(
            sound,
            [tokens],
            beam_size=self._beam_size,
            max_length=min(most, self._model.max_length),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        written = result.sequences_ids[0]
        return Hearing(
            without_wake_phrase(tokenizer.decode(written), utterance.wake_phrase),
            prompt,
            no_speech_probability=result.no_speech_prob,
            # The score leaves out the end token, which is one more (faster_whisper/transcribe.py).
            average_log_probability=result.scores[0] * len(written) / (len(written) + 1),
        )


def is_chinese(hearing: Hearing) -> bool:
    """Whether it surely is a command in Chinese."""
    return hearing.is_sure and HANZI.search(hearing.text) is not None


def floats(clip: Clip) -> npt.NDArray[np.float32]:
    """The last 30 s of the clip as whisper wants it, mono from -1 to 1 at 16 kHz."""
    samples = clip.at_rate(SAMPLE_RATE_HZ).samples[-WINDOW_SECONDS * SAMPLE_RATE_HZ :]
    return samples.astype(np.float32) / FULL_SCALE


def loaded(stt: config.SpeechToText, models: Path) -> WhisperModel:
    """The model on the device; StartError names the key or the file."""
    if not stt.languages:
        raise StartError('stt.languages: name at least one, "zh" or "en"')
    folder = models / Path(stt.model).expanduser()
    for name in NEEDED_FILES:
        if not is_there(folder / name):
            raise StartError(f"stt.model: {folder / name} is missing: fetch it with `jetson-voice models pull`")
    device = usable_device(stt)
    compute_type = usable_compute_type(stt, device)
    try:
        model = WhisperModel(str(folder), device=device, compute_type=compute_type)
    except Exception as error:  # CTranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception
        raise StartError(f"stt.model: {folder} cannot be loaded: {first_line(error)}") from error
    if not model.model.is_multilingual and stt.languages != ("en",):
        raise StartError(f'stt.languages: {stt.model} knows English only: say ["en"], or take another model')
    log.info("whisper: %s on %s, %s", stt.model, device, compute_type)
    return model


def usable_device(stt: config.SpeechToText) -> str:
    """Either cuda or cpu; a GPU that was asked for and is not there is a loud warning."""
    if stt.device == "cpu":
        return "cpu"
    if cuda_devices() > 0:
        return "cuda"
    if stt.device == "cuda":
        log.warning(
            'stt.device is "cuda", but CTranslate2 was built without CUDA or no GPU is visible: '
            "WHISPER RUNS ON THE CPU, many times slower"
        )
    return "cpu"


def usable_compute_type(stt: config.SpeechToText, device: str) -> str:
    """The configured type, or for auto the best that the device supports."""
    supported = compute_types(device)
    if stt.compute_type == "auto":
        return next((each for each in PREFERRED[device] if each in supported), "default")
    if stt.compute_type not in supported:
        raise StartError(
            f'stt.compute_type: "{stt.compute_type}" is not supported on {device}; these are: {", ".join(supported)}'
        )
    return stt.compute_type


def library_version() -> str:
    """Of CTranslate2."""
    return str(ctranslate2.__version__)


def cuda_devices() -> int:
    """How many GPUs CTranslate2 sees; none when it was built without CUDA."""
    return int(ctranslate2.get_cuda_device_count())


def compute_types(device: str) -> tuple[str, ...]:
    """The types that CTranslate2 computes in on cuda or cpu."""
    return tuple(sorted(ctranslate2.get_supported_compute_types(device)))
