"""Wake words by openWakeWord's models, run by onnxruntime alone.

Its package is not imported: it would bring scipy and scikit-learn into memory for the same scores.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyio import CapacityLimiter, to_thread

from jetson_voice import config
from jetson_voice.audio import Frame, Samples
from jetson_voice.backends.onnx import first_line, is_there, session
from jetson_voice.backends.speech_embeddings import EMBEDDING, EMBEDDING_SIZE, SPECTROGRAM, Floats, SpeechEmbeddings
from jetson_voice.protocols import StartError, Wake, WakeRising
from jetson_voice.scores import Scored, unwatched
from jetson_voice.wake_rules import WakeRules, rules_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

FOLDER: Final = "openwakeword"
FEATURE_MODELS: Final = (SPECTROGRAM, EMBEDDING)


class OpenWakeWord:
    """Listens for any number of words; they share the embeddings, so that each costs little more than nothing."""

    def __init__(self, words: Words, rules: WakeRules) -> None:
        self._words = words
        self._rules = rules
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, wake: config.Wake, models: Path, scored: Scored = unwatched) -> AsyncIterator[OpenWakeWord]:
        """Load the words and warm them; StartError names the key, the path and the words there."""
        rules = rules_for(wake, scored)
        words = await to_thread.run_sync(Words, wake.words, models)
        yield cls(words, rules)

    async def heard_in(self, frame: Frame) -> Wake | WakeRising | None:
        """The word that this frame completes, or may; frames must follow each other without a gap."""
        scores = await to_thread.run_sync(self._words.scores, frame.samples, limiter=self._one_at_a_time)
        return self._rules.heard(scores, frame)


class Words:
    """The models of all words, fed with frames; scores by phrase."""

    def __init__(self, words: Sequence[config.WakeWord], models: Path) -> None:
        folder = models / FOLDER
        self._models = {
            word.spoken: WordModel(f"wake.words#{index}.model", model_file(word, index, models))
            for index, word in enumerate(words, start=1)
        }
        try:
            self._embeddings = SpeechEmbeddings(folder, max(model.count for model in self._models.values()))
        except StartError:
            raise
        except Exception as error:  # onnxruntime's errors have no other base in common
            raise StartError(f"{folder} holds other models than openWakeWord's: {first_line(error)}") from error

    def scores(self, samples: Samples) -> dict[str, float]:
        """How much the sound up to this frame is like each word, from 0 to 1."""
        embeddings = self._embeddings.after(samples)
        return {phrase: model.score(embeddings) for phrase, model in self._models.items()}


class WordModel:
    """The model of one word, which looks at the last `count` embeddings; StartError."""

    def __init__(self, key: str, file: Path) -> None:
        self._session = session(file)
        [wanted, *_], [given, *_] = self._session.get_inputs(), self._session.get_outputs()
        match wanted.shape, given.shape:
            case [_, int(count), int(size)], [_, 1] if size == EMBEDDING_SIZE:
                self.count = count
                self._name = wanted.name
            case _:
                raise StartError(f"{key}: {file} is no model of one word, made by openWakeWord")

    def score(self, embeddings: Floats) -> float:
        """How much the sound of the embeddings is like the word, from 0 to 1."""
        [score] = self._session.run(None, {self._name: embeddings[:, -self.count :]})
        return float(score[0, 0])


def model_file(word: config.WakeWord, index: int, models: Path) -> Path:
    """Where a word's model is: a ready-made one in the models directory, or a file of one's own."""
    key = f"wake.words#{index}.model"
    if word.model.endswith(".onnx"):
        file = models / Path(word.model).expanduser()
        if not is_there(file):
            raise StartError(f"{key}: there is no file {file}")
        return file
    file = models / FOLDER / f"{word.model}.onnx"
    if not is_there(file):
        raise StartError(f"{key}: there is no {file}; the words there are: {ready_made(models)}")
    return file


def ready_made(models: Path) -> str:
    """The words in the models directory, for a message."""
    words = {file.stem for file in (models / FOLDER).glob("*.onnx") if file.name not in FEATURE_MODELS}
    return ", ".join(sorted(words)) or "none, fetch them with `jetson-voice models pull`"
