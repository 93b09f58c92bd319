"""Wake words by microWakeWord: a seventh of the work of openWakeWord, for fewer words."""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from anyio import CapacityLimiter, to_thread

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, Frame, Samples
from jetson_voice.backends.onnx import first_line, is_there
from jetson_voice.protocols import StartError, Wake, WakeRising
from jetson_voice.scores import Scored, unwatched
from jetson_voice.wake_rules import WakeRules, rules_for

try:
    import pymicro_wakeword
    from pymicro_wakeword.wakeword import TfLiteWakeWord
except (ImportError, OSError) as error:
    NOT_HERE: str | None = first_line(error)
else:
    NOT_HERE = None

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

log = logging.getLogger(__name__)


class MicroWakeWord:
    """Listens for any number of words."""

    def __init__(self, words: Words, rules: WakeRules) -> None:
        self._words = words
        self._rules = rules
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, wake: config.Wake, models: Path, scored: Scored = unwatched) -> AsyncIterator[MicroWakeWord]:
        """Load the words and warm them; StartError names the key, and says so when the library is not installed."""
        rules = rules_for(wake, scored, less_clear=1.0)
        with ExitStack() as closes:
            words = await to_thread.run_sync(Words, wake.words, models, closes)
            yield cls(words, rules)

    async def heard_in(self, frame: Frame) -> Wake | WakeRising | None:
        """The word that this frame completes, or may; frames must follow each other without a gap."""
        scores = await to_thread.run_sync(self._words.scores, frame.samples, limiter=self._one_at_a_time)
        return self._rules.heard(scores, frame)


class Words:
    """The library's models, fed with frames; scores by phrase."""

    def __init__(self, words: Sequence[config.WakeWord], models: Path, closes: ExitStack) -> None:
        if NOT_HERE is not None:
            raise StartError(
                f'wake.backend: "micro" needs pymicro-wakeword, which is not installed here ({NOT_HERE}); '
                'use "openwakeword"'
            )
        self._features = pymicro_wakeword.MicroWakeWordFeatures()
        self._models: dict[str, Any] = {}
        for index, word in enumerate(words, start=1):
            model = loaded(word, index, models)
            self._models[word.spoken] = closes.enter_context(closing(model))
        self.scores(np.zeros(FRAME_SAMPLES, np.int16))

    def scores(self, samples: Samples) -> dict[str, float]:
        """How much the sound up to each of this frame's steps is like each word, from 0 to 1; the best step counts."""
        scores = dict.fromkeys(self._models, 0.0)
        for features in self._features.process_streaming(samples.tobytes()):
            for phrase, model in self._models.items():
                score = model.process_streaming_prob(features) or 0.0
                scores[phrase] = max(scores[phrase], score)
        return scores


def loaded(word: config.WakeWord, index: int, models: Path) -> Any:  # noqa: ANN401  the library has no types
    """One word's model."""
    key = f"wake.words#{index}"
    file = description_file(word, f"{key}.model", models)
    require_model(file, f"{key}.model")
    try:
        model = pymicro_wakeword.MicroWakeWord.from_config(file)
    except (OSError, KeyError, ValueError) as error:
        raise StartError(f"{key}.model: {file} is no microWakeWord model: {first_line(error)}") from error
    if word.threshold < model.probability_cutoff:
        log.info(
            "%s.threshold is %.2f; the maker of %s recommends %.2f",
            key, word.threshold, file.name, model.probability_cutoff,
        )  # fmt: skip
    return model


def description_file(word: config.WakeWord, key: str, models: Path) -> Path:
    """Where a word's description is: a ready-made one of the package, or a file of one's own."""
    if word.model.endswith(".json"):
        file = models / Path(word.model).expanduser()
        if not is_there(file):
            raise StartError(f"{key}: there is no file {file}")
        return file
    folder = Path(pymicro_wakeword.__file__).parent / "models"
    file = folder / f"{word.model}.json"
    if not is_there(file):
        words = ", ".join(sorted(each.stem for each in folder.glob("*.json")))
        raise StartError(f'{key}: there is no ready-made word "{word.model}"; there are: {words}')
    return file


def require_model(description: Path, key: str) -> None:
    """StartError for a model that TensorFlow Lite does not read: on such a one the library crashes the process."""
    try:
        file = description.parent / json.loads(description.read_text("utf-8"))["model"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StartError(f"{key}: {description} is no microWakeWord description: {first_line(error)}") from error
    library = next((Path(pymicro_wakeword.__file__).parent / "lib").glob("*tensorflowlite_c.*"))
    tflite = TfLiteWakeWord(library).lib
    model = tflite.TfLiteModelCreateFromFile(str(file).encode())
    if not model:
        raise StartError(f"{key}: {file} is missing or damaged")
    tflite.TfLiteModelDelete(model)
