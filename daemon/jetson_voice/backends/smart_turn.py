"""Has the user finished? By the intonation and the words of the last eight seconds: Smart Turn v3 on onnxruntime."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from anyio import CapacityLimiter, to_thread

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.backends.onnx import first_line, session
from jetson_voice.protocols import StartError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float32]

MODEL: Final = Path("smart-turn") / "smart-turn-v3.2-cpu.onnx"
THREADS: Final = 1
"""The language model, which the answer waits for, reads the command meanwhile. Two would be done 10 ms earlier."""

# What it was trained on: whisper's spectrogram (openai/whisper, audio.py) of eight seconds that end with the pause,
# brought to mean 0 and variance 1 (pipecat-ai/smart-turn, inference.py).
WINDOW_SAMPLES: Final = 8 * SAMPLE_RATE_HZ
FFT_SAMPLES: Final = 400
HOP_SAMPLES: Final = 160
BANDS: Final = 80
LEAST_VARIANCE: Final = 1e-7
LEAST_POWER: Final = 1e-10
FULL_SCALE: Final = 32_768.0


class SmartTurn:
    """Judges a command from its last eight seconds."""

    def __init__(self, model: InferenceSession) -> None:
        self._model = model
        self._one_at_a_time = CapacityLimiter(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, models: Path) -> AsyncIterator[SmartTurn]:
        """Load the network and warm it; StartError names the file."""
        model = await to_thread.run_sync(loaded, models / MODEL)
        yield cls(model)

    async def completeness(self, clip: Clip) -> float:
        """How probable it is that a command that pauses here is over, from 0 to 1."""
        return await to_thread.run_sync(probability, self._model, clip, limiter=self._one_at_a_time)


def loaded(file: Path) -> InferenceSession:
    """The network, warmed by a second of silence."""
    model = session(file, threads=THREADS)
    try:
        probability(model, Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ))
    except Exception as error:  # onnxruntime's errors have no other base in common
        raise StartError(f"{file} does not run: {first_line(error)}") from error
    return model


def probability(model: InferenceSession, clip: Clip) -> float:
    """What the network says."""
    output = model.run(None, {"input_features": spectrogram(window(clip))[np.newaxis]})
    return float(output[0].item())


def window(clip: Clip) -> Floats:
    """The last eight seconds, what is missing before them silent, with mean 0 and variance 1."""
    samples = clip.at_rate(SAMPLE_RATE_HZ).samples[-WINDOW_SAMPLES:].astype(np.float32) / FULL_SCALE
    padded = np.pad(samples, (WINDOW_SAMPLES - len(samples), 0))
    normalized: Floats = (padded - padded.mean()) / np.sqrt(padded.var() + LEAST_VARIANCE)
    return normalized


def spectrogram(samples: Floats) -> Floats:
    """Whisper's: the logarithm of the power in each band, BANDS rows, a column for each 10 ms."""
    mirrored = np.pad(samples, FFT_SAMPLES // 2, mode="reflect")
    pieces = np.lib.stride_tricks.sliding_window_view(mirrored, FFT_SAMPLES)[::HOP_SAMPLES][:-1]
    power = np.abs(np.fft.rfft(pieces * HANN)) ** 2
    decibels = np.log10(np.maximum(FILTERS @ power.T, LEAST_POWER))
    scaled: Floats = (np.maximum(decibels, decibels.max() - 8) / 4 + 1).astype(np.float32)
    return scaled


def mel_filters() -> Floats:
    """The weight of each bin of the spectrum in each band: triangles of equal area along Slaney's mel scale.

    The scale is linear to 1000 Hz, which is mel 15, and logarithmic above, where 27 steps are a factor of 6.4.
    """
    mels = np.linspace(0, 15 + 27 * np.log(8) / np.log(6.4), BANDS + 2)
    edges = np.where(mels < 15, mels * 1000 / 15, 1000 * 6.4 ** ((mels - 15) / 27))
    bins = np.fft.rfftfreq(FFT_SAMPLES, 1 / SAMPLE_RATE_HZ)
    low, middle, high = edges[:-2, np.newaxis], edges[1:-1, np.newaxis], edges[2:, np.newaxis]
    triangles = np.clip(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0, None)
    weights: Floats = (triangles * 2 / (high - low)).astype(np.float32)
    return weights


HANN: Final = np.hanning(FFT_SAMPLES + 1)[:-1].astype(np.float32)
FILTERS: Final = mel_filters()
