"""Wake words by openWakeWord, ONNX only."""

from __future__ import annotations

from collections import deque
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from anyio import CapacityLimiter, to_thread
from openwakeword.model import Model

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, Frame, Samples
from jetson_voice.backends.onnx import first_line, is_there
from jetson_voice.protocols import StartError, Wake
from jetson_voice.wake_rules import WakeRules, rules_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

LEAST_VERSION: Final = (0, 6)
FOLDER: Final = "openwakeword"
FEATURE_MODELS: Final = ("melspectrogram", "embedding_model")

# The library looks back 30 ms for a spectrum, 76 spectra for an embedding and at most 16 embeddings for a word, and
# keeps 10 s of each; copying those on every frame costs as much as the models do.
SPECTRUM_LOOK_BACK_SAMPLES: Final = 480
SPECTRA_OF_AN_EMBEDDING: Final = 76

# The library starts on 4 s of random noise. After this much silence nothing of it is left.
WARM_UP_FRAMES: Final = 32


class OpenWakeWord:
    """Listens for any number of words; they share the features, so that each costs little more than nothing."""

    def __init__(self, words: Words, rules: WakeRules) -> None:
        self._words = words
        self._rules = rules
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, wake: config.Wake, models: Path) -> AsyncIterator[OpenWakeWord]:
        """Load the words and their features and warm them; StartError names the key, the path and the words there."""
        rules = rules_for(wake.words)
        words = await to_thread.run_sync(Words, wake.words, models)
        yield cls(words, rules)

    async def heard_in(self, frame: Frame) -> Wake | None:
        """The word that this frame completes; frames must follow each other without a gap."""
        scores = await to_thread.run_sync(self._words.scores, frame.samples, limiter=self._one_at_a_time)
        return self._rules.heard(scores, frame.ends_at)


class Words:
    """The library's model, fed with frames; scores by phrase."""

    def __init__(self, words: Sequence[config.WakeWord], models: Path) -> None:
        require_version()
        files = model_files(words, models)
        require_features(models)
        self._phrases = {file.stem: word.spoken for file, word in zip(files, words, strict=True)}
        try:
            self._model = loaded(files, models / FOLDER)
            for _ in range(WARM_UP_FRAMES):
                self.scores(np.zeros(FRAME_SAMPLES, np.int16))
        except Exception as error:  # onnxruntime's errors have no other base in common
            raise StartError(
                f"wake.words: a model of {', '.join(map(str, files))} or of its features in {models / FOLDER} "
                f"is damaged or no openWakeWord model: {first_line(error)}"
            ) from error

    def scores(self, samples: Samples) -> dict[str, float]:
        """How much the sound up to this frame is like each word, from 0 to 1."""
        scores = self._model.predict(samples)
        return {phrase: float(scores[name]) for name, phrase in self._phrases.items()}


def require_version() -> None:
    """StartError for a version without explicit model paths."""
    installed = version("openwakeword")
    if tuple(int(part) for part in installed.split(".")[:2]) < LEAST_VERSION:
        raise StartError(
            f"openwakeword {installed} is installed, 0.6 is needed: install requirements.lock (plain pip falls back "
            "to 0.4.0 where tflite-runtime has no wheel)"
        )


def model_files(words: Sequence[config.WakeWord], models: Path) -> list[Path]:
    """Where the words' models are; StartError when one is missing, or two share a name: the library mixes them up."""
    files: list[Path] = []
    for index, word in enumerate(words, start=1):
        file = model_file(word, index, models)
        if file.stem in {other.stem for other in files}:
            raise StartError(f"wake.words#{index}.model: two files are named {file.name}; rename one")
        files.append(file)
    return files


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
    words = {file.stem for file in (models / FOLDER).glob("*.onnx")} - set(FEATURE_MODELS)
    return ", ".join(sorted(words)) or "none, fetch them with `jetson-voice models pull`"


def require_features(models: Path) -> None:
    """StartError when a model that every word needs is missing."""
    for name in FEATURE_MODELS:
        file = models / FOLDER / f"{name}.onnx"
        if not is_there(file):
            raise StartError(f"{file} is missing: fetch it with `jetson-voice models pull`")


def loaded(files: Sequence[Path], folder: Path) -> Model:
    """The library's model with no longer a memory than it uses."""
    melspectrogram, embedding = (str(folder / f"{name}.onnx") for name in FEATURE_MODELS)
    model = Model(
        wakeword_models=[str(file) for file in files],
        inference_framework="onnx",
        melspec_model_path=melspectrogram,
        embedding_model_path=embedding,
    )
    features = model.preprocessor
    features.raw_data_buffer = deque(maxlen=FRAME_SAMPLES + SPECTRUM_LOOK_BACK_SAMPLES)
    features.melspectrogram_max_len = SPECTRA_OF_AN_EMBEDDING
    features.feature_buffer_max_len = max(model.model_inputs.values())
    return model
