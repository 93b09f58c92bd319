"""Speech or not, by the Silero network that ships inside faster-whisper."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from anyio import CapacityLimiter, to_thread
from numpy.lib.stride_tricks import sliding_window_view

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, Clip, Frame, Samples
from jetson_voice.backends.onnx import session
from jetson_voice.protocols import StartError
from jetson_voice.spoken_part import SpokenPart, spoken_part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from onnxruntime import InferenceSession

MODEL: Final = "silero_vad_v6.onnx"
WINDOW_SAMPLES: Final = 512
CONTEXT_SAMPLES: Final = 64
"""Each window is shown with the end of the one before it (faster_whisper/vad.py)."""

STATE_SHAPE: Final = (1, 1, 128)
FULL_SCALE: Final = 32_768.0
SAME_MOMENT_SECONDS: Final = 1e-3


class Silero:
    """Tells speech from everything else; remembers what it heard as long as frames follow each other."""

    def __init__(self, model: InferenceSession, threshold: float) -> None:
        self._model = model
        self._threshold = threshold
        self._listening = Listening(model)
        self._expected_at = 0.0
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, listen: config.Listen) -> AsyncIterator[Silero]:
        """Load the network and warm it; StartError when faster-whisper does not bring it."""
        model = await to_thread.run_sync(loaded)
        yield cls(model, listen.speech_threshold)

    async def is_speech(self, frame: Frame) -> bool:
        """Whether any part of this frame is speech; after a gap in the frames it begins anew."""
        if abs(frame.at - self._expected_at) > SAME_MOMENT_SECONDS:
            self._listening = Listening(self._model)
        self._expected_at = frame.ends_at
        probabilities = await to_thread.run_sync(
            self._listening.probabilities, frame.samples, limiter=self._one_at_a_time
        )
        return max(probabilities, default=0.0) >= self._threshold


class Listening:
    """The network along one piece of sound without gaps."""

    def __init__(self, model: InferenceSession) -> None:
        self._model = model
        self._hidden = np.zeros(STATE_SHAPE, np.float32)
        self._cell = np.zeros(STATE_SHAPE, np.float32)
        # The end of the last window, and after it what is not yet a window.
        self._unheard = np.zeros(CONTEXT_SAMPLES, np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """How sure it is of speech in each window that these samples complete, from 0 to 1."""
        scaled = samples.astype(np.float32) / FULL_SCALE
        unheard = np.concatenate([self._unheard, scaled])
        count = (len(unheard) - CONTEXT_SAMPLES) // WINDOW_SAMPLES
        self._unheard = unheard[count * WINDOW_SAMPLES :]
        if not count:
            return []
        windows = sliding_window_view(unheard, CONTEXT_SAMPLES + WINDOW_SAMPLES)[::WINDOW_SAMPLES][:count]
        inputs = {"input": np.ascontiguousarray(windows), "h": self._hidden, "c": self._cell}
        output, self._hidden, self._cell = self._model.run(None, inputs)
        return [float(each) for each in output.ravel()]


def spoken_part_of(clip: Clip) -> SpokenPart | None:
    """The part of a clip at 16 kHz in which somebody speaks; None where nobody does."""
    filled = np.pad(clip.samples, (0, -len(clip.samples) % WINDOW_SAMPLES))
    return spoken_part(clip, Listening(loaded()).probabilities(filled), WINDOW_SAMPLES)


@cache
def loaded() -> InferenceSession:
    """The network, warmed by one frame of silence; one for all who listen."""
    model = session(model_file())
    Listening(model).probabilities(np.zeros(FRAME_SAMPLES, np.int16))
    return model


def model_file() -> Path:
    """Where faster-whisper keeps it, found without importing faster-whisper."""
    package = find_spec("faster_whisper")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        if (file := Path(folder) / "assets" / MODEL).is_file():
            return file
    raise StartError(f"faster-whisper does not bring {MODEL}: install requirements.lock (faster-whisper 1.2)")
