"""Google's speech embedding as openWakeWord uses it: what all of its wake words listen to.

The figures are those of the models' files and of openwakeword 0.6.0 (utils.py, AudioFeatures).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import FRAME_SAMPLES, Samples
from jetson_voice.backends.onnx import session

Floats = npt.NDArray[np.float32]

SPECTROGRAM: Final = "melspectrogram.onnx"
EMBEDDING: Final = "embedding_model.onnx"

LOOK_BACK_SAMPLES: Final = 480
"""A frame is shown with the end of the one before it: its spectra, 10 ms apart, are each of 32 ms."""

SPECTRA_OF_A_FRAME: Final = 8
SPECTRA_OF_AN_EMBEDDING: Final = 76
BANDS: Final = 32
EMBEDDING_SIZE: Final = 96

FRAMES_OF_AN_EMBEDDING: Final = 11
"""Its 76 spectra are of nine frames and a half, and the first of them looks back into one more."""


class SpeechEmbeddings:
    """The latest embeddings of sound without gaps, one more with each frame; at first, those of silence."""

    def __init__(self, folder: Path, count: int) -> None:
        self._spectrogram = session(folder / SPECTROGRAM)
        self._embedding = session(folder / EMBEDDING)
        self._sound = np.zeros((1, LOOK_BACK_SAMPLES + FRAME_SAMPLES), np.float32)
        self._spectra = np.zeros((1, SPECTRA_OF_AN_EMBEDDING, BANDS, 1), np.float32)
        self._embeddings = np.zeros((1, count, EMBEDDING_SIZE), np.float32)
        for _ in range(FRAMES_OF_AN_EMBEDDING + count):
            self.after(np.zeros(FRAME_SAMPLES, np.int16))

    def after(self, samples: Samples) -> Floats:
        """The latest `count` with this frame's at the end, of shape (1, count, 96); the next call changes them."""
        pushed(self._sound, samples)
        [spectra] = self._spectrogram.run(None, {"input": self._sound})
        # To the range in which the embedding was trained.
        pushed(self._spectra, (spectra / 10 + 2).reshape(SPECTRA_OF_A_FRAME, BANDS, 1))
        [embedding] = self._embedding.run(None, {"input_1": self._spectra})
        pushed(self._embeddings, embedding.reshape(1, EMBEDDING_SIZE))
        return self._embeddings


def pushed(memory: Floats, newest: npt.NDArray[np.generic]) -> None:
    """Put the newest at the end of what is remembered, along its second axis; as much of the oldest is forgotten."""
    count = len(newest)
    memory[0, :-count] = memory[0, count:]
    memory[0, -count:] = newest
