"""Samples between the samples: sound read at another pace, from any point on."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import Samples

Sound: TypeAlias = npt.NDArray[np.float32]
"""One dimension, in the range of int16."""

TAPS: Final = 16
PHASES: Final = 256
"""A sample is off by 1/512 of a sample at most: 50 dB below the sound at 8 kHz, more below that."""

BEFORE: Final = TAPS // 2 - 1


def _weights() -> Sound:
    """A windowed sinc for every phase, one a row; each sums to one."""
    offsets = np.arange(TAPS)[None, :] - BEFORE - np.arange(PHASES + 1)[:, None] / PHASES
    window = np.i0(7.0 * np.sqrt(np.clip(1 - np.square(offsets / (TAPS / 2)), 0, 1)))
    rows = np.sinc(offsets) * window
    weights: Sound = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights


WEIGHTS: Final = _weights()


def interpolated(samples: Samples, first: float, step: float, count: int) -> Sound:
    """The sound at `first`, `first + step`, … as sample numbers; silence outside of the samples."""
    positions = first + step * np.arange(count, dtype=np.float64)
    inside = np.flatnonzero((positions > -TAPS) & (positions < len(samples) + TAPS))
    sound = np.zeros(count, np.float32)
    if len(inside):
        sound[inside] = _at(samples, positions[inside])
    return sound


def _at(samples: Samples, positions: npt.NDArray[np.floating[Any]]) -> Sound:
    whole = np.floor(positions).astype(np.int64)
    phases = np.rint((positions - whole) * PHASES).astype(np.int64)
    begin, end = int(whole[0]) - BEFORE, int(whole[-1]) - BEFORE + TAPS
    near = samples[max(0, begin) : max(0, end)].astype(np.float32)
    near = np.pad(near, (max(0, -begin), 0))
    near = np.pad(near, (0, end - begin - len(near)))
    windows = np.lib.stride_tricks.sliding_window_view(near, TAPS)[whole - whole[0]]
    found: Sound = np.einsum("ij,ij->i", windows, WEIGHTS[phases])
    return found
