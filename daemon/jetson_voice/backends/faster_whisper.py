"""Speech to text by faster-whisper."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import ctranslate2
import numpy as np
import numpy.typing as npt
from anyio import CapacityLimiter, from_thread, to_thread
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from typing_extensions import assert_never

from jetson_voice import config
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.backends.onnx import first_line
from jetson_voice.backends.opencc import simplifier
from jetson_voice.backends.silero import spoken_part_of
from jetson_voice.backends.whisper_model import loaded
from jetson_voice.hearing import Hearing
from jetson_voice.languages import HANZI, Language
from jetson_voice.protocols import StageError, StartError, Transcript, Utterance
from jetson_voice.spoken_part import SpokenPart

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Sequence

# Whisper was trained on windows of this length, and its work grows with them.
WHOLE_WINDOW_SECONDS: Final = 30
# It reads a shorter one nearly as well, if some silence follows the speech and it is not too short (docs/windows.md).
LEAST_WINDOW_SECONDS: Final = 10
SILENCE_SECONDS: Final = 2
# Without timestamps it leaves out what follows a pause in longer speech, and with them it doubles a short "No."
# (docs/windows.md).
LONG_SECONDS: Final = 6
FULL_SCALE: Final = 32_768.0
# A short Chinese word sounds Cantonese, Japanese or Korean to whisper, which nobody here speaks.
TAKEN_FOR: Final[dict[Language, tuple[str, ...]]] = {"zh": ("zh", "yue", "ja", "ko"), "en": ("en",)}
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
        try:
            await transcriber._warm_up()
        except StageError as error:
            raise StartError(f"stt.model: {models / stt.model} does not run: {error.reason}") from error
        yield transcriber

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """The words after the wake phrase, empty when there are none; cancelled, at most one inference goes on."""
        return await to_thread.run_sync(self._whisper.transcript, utterance, limiter=self._one_at_a_time)

    async def _warm_up(self) -> None:
        await to_thread.run_sync(self._whisper.warm_up, limiter=self._one_at_a_time)


class Whisper:
    """One window of speech to text, encoded once for both language and words."""

    def __init__(self, model: WhisperModel, stt: config.SpeechToText) -> None:
        self._model = model
        self._languages = stt.languages
        self._prompts: dict[Language, str] = {"zh": stt.prompt_zh, "en": stt.prompt_en}
        self._hotwords = stt.hotwords
        self._beam_size = stt.beam_size
        self.simplified = simplifier() if stt.simplified else str

    def transcript(self, utterance: Utterance) -> Transcript:
        """What was said, and in which of the languages; StageError when a library fails."""
        with failing_as_stage():
            spoken = spoken_part_of(utterance.clip.at_rate(SAMPLE_RATE_HZ))
            if spoken is None:
                return Transcript("", self._languages[0])
            return transcript_of(*self.hearing(spoken, utterance.wake_phrase))

    def warm_up(self) -> None:
        """Hear one second of silence as if somebody spoke in it; StageError when a library fails."""
        silence = Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ)
        with failing_as_stage():
            spoken_part_of(silence)
            self.hearing(SpokenPart(silence, seconds=0.0, probability=0.0), wake_phrase="")

    def hearing(self, spoken: SpokenPart, wake_phrase: str) -> tuple[Hearing, Language]:
        """What it writes for the speech, in the most probable of the languages; a guess is read in a whole window."""
        seconds = window_seconds(spoken.clip.seconds)
        hearing, language = self._heard_in(seconds, spoken, wake_phrase)
        if seconds == WHOLE_WINDOW_SECONDS or not hearing.is_guess:
            return hearing, language
        from_thread.check_cancelled()
        return self._heard_in(WHOLE_WINDOW_SECONDS, spoken, wake_phrase)

    def _heard_in(self, seconds: float, spoken: SpokenPart, wake_phrase: str) -> tuple[Hearing, Language]:
        sound = self._encoded(spoken.clip, seconds)
        from_thread.check_cancelled()
        language = self._language_of(sound)
        return self._hearing(Heard(sound, spoken, wake_phrase), language), language

    def _encoded(self, clip: Clip, seconds: float) -> ctranslate2.StorageView:
        spectrum = self._model.feature_extractor(floats(clip))[:, :-1]
        return self._model.encode(pad_or_trim(spectrum, frames_in(seconds)))

    def _language_of(self, sound: ctranslate2.StorageView) -> Language:
        """The most probable of the configured languages, and of what whisper takes them for."""
        if len(self._languages) == 1:
            return self._languages[0]
        probabilities = dict(self._model.model.detect_language(sound)[0])
        return max(
            self._languages,
            key=lambda each: sum(probabilities.get(f"<|{tag}|>", 0.0) for tag in TAKEN_FOR[each]),
        )

    def _hearing(self, heard: Heard, language: Language) -> Hearing:
        """The command, read again where whisper did not get to it.

        An English wake phrase before Chinese words makes it stop after the phrase, unless it is led past it; and of a
        short word it may know nothing better than to repeat its prompt, unless it has none.
        """
        hearing = self._words(heard, language)
        if hearing.is_prompt:
            from_thread.check_cancelled()
            unprompted = self._words(heard, language, is_prompted=False)
            return unprompted if unprompted.is_sure else hearing
        if language == "en" or not heard.wake_phrase or HANZI.search(heard.wake_phrase):
            return hearing
        if hearing.sounds_silent or is_chinese(hearing):
            return hearing
        from_thread.check_cancelled()
        led = self._words(heard, language, said_before=f"{heard.wake_phrase.title()},")
        return led if is_chinese(led) else hearing

    def _words(self, heard: Heard, language: Language, *, is_prompted: bool = True, said_before: str = "") -> Hearing:
        """The likeliest word after word, as long as that is plain; else the best of some, which takes twice as long."""
        task = self._task(heard, language, is_prompted=is_prompted, said_before=said_before)
        at_once = self._written(heard, task, beam_size=1)
        if at_once.is_plain or self._beam_size == 1:
            return at_once
        from_thread.check_cancelled()
        return self._written(heard, task, beam_size=self._beam_size)

    def _task(self, heard: Heard, language: Language, *, is_prompted: bool, said_before: str) -> Task:
        multilingual = self._model.model.is_multilingual
        tokenizer = Tokenizer(self._model.hf_tokenizer, multilingual, task="transcribe", language=language)
        prompt = self._prompts[language] if is_prompted else ""
        hotwords = self._hotwords if is_prompted else ()
        shown = f" {', '.join(hotwords)}. {prompt}" if hotwords else f" {prompt}"
        previous = tokenizer.encode(shown) if shown.strip() else []
        is_short = heard.spoken.clip.seconds < LONG_SECONDS
        tokens = self._model.get_prompt(tokenizer, previous, without_timestamps=is_short, prefix=said_before)
        return Task(tokenizer, tokens, prompt, hotwords)

    def _written(self, heard: Heard, task: Task, *, beam_size: int) -> Hearing:
        most = len(task.tokens) + LEAST_TOKENS + round(TOKENS_PER_SECOND * heard.spoken.clip.seconds)
        # No penalty on repetition: no_repeat_ngram_size turns 林美丽最美丽 into 林美丽最美业, and babble into words.
        result = self._model.model.generate(
            heard.sound,
            [task.tokens],
            beam_size=beam_size,
            max_length=min(most, self._model.max_length),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        written = result.sequences_ids[0]
        return Hearing(
            self.simplified(task.text_of(written)),
            heard.wake_phrase,
            prompt=task.prompt,
            hotwords=task.hotwords,
            no_speech_probability=result.no_speech_prob,
            # The score leaves out the end token, which is one more (faster_whisper/transcribe.py).
            average_log_probability=result.scores[0] * len(written) / (len(written) + 1),
            speech_seconds=heard.spoken.seconds,
            speech_probability=heard.spoken.probability,
        )


@dataclass(frozen=True)
class Heard:
    """The speech of an utterance, ready to be read."""

    sound: ctranslate2.StorageView
    spoken: SpokenPart
    wake_phrase: str


@dataclass(frozen=True)
class Task:
    """What whisper is to do with it: the tokens before its first word, and what they show it."""

    tokenizer: Tokenizer
    tokens: list[int]
    prompt: str
    hotwords: tuple[str, ...]

    def text_of(self, written: Sequence[int]) -> str:
        """What it wrote, without the timestamps."""
        words = [token for token in written if token < self.tokenizer.timestamp_begin]
        return str(self.tokenizer.decode(words))


@contextmanager
def failing_as_stage() -> Generator[None, None, None]:
    """Let the libraries' errors be the stage's."""
    try:
        yield
    except Exception as error:  # CTranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception
        raise StageError("transcribe", first_line(error)) from error


def transcript_of(hearing: Hearing, language: Language) -> Transcript:
    """What the assistant is told of it."""
    match hearing.outcome:
        case "words":
            return Transcript(hearing.text, language)
        case "nothing":
            return Transcript("", language)
        case "unclear":
            return Transcript("", language, is_unclear=True)
        case _:
            assert_never(hearing.outcome)


def is_chinese(hearing: Hearing) -> bool:
    """Whether it surely is a command in Chinese."""
    return hearing.is_sure and HANZI.search(hearing.text) is not None


def window_seconds(speech_seconds: float) -> float:
    """How much of a window whisper needs for so much speech."""
    return min(WHOLE_WINDOW_SECONDS, max(LEAST_WINDOW_SECONDS, speech_seconds + SILENCE_SECONDS))


def frames_in(seconds: float) -> int:
    """Spectra of 10 ms; whisper's encoder halves them, so their number is even."""
    return 2 * round(50 * seconds)


def floats(clip: Clip) -> npt.NDArray[np.float32]:
    """The last 30 s of the clip as whisper wants it, mono from -1 to 1 at 16 kHz."""
    samples = clip.at_rate(SAMPLE_RATE_HZ).samples[-WHOLE_WINDOW_SECONDS * SAMPLE_RATE_HZ :]
    return samples.astype(np.float32) / FULL_SCALE
