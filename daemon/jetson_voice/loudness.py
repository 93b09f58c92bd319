"""How loud speech is, and all speech made as loud as any other."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from jetson_voice.audio import Clip

TARGET_DBFS: Final = -20.0
"""The active level of all speech. Peaks of speech are up to 20 dB above it: nothing is clipped for this."""

HIGHEST_PEAK: Final = 0.98
"""Of full scale. A clip whose peaks would be higher stays softer."""

MOST_GAIN: Final = 4.0
"""12 dB: what is softer than that is a breath or noise, and stays soft."""

FRAME_SECONDS: Final = 0.02
GATE_DB: Final = 30.0
FULL_SCALE: Final = 32_768


def levelled(clip: Clip, volume: float = 1.0) -> Clip:
    """The clip at the level of all speech, times `volume`; silence stays silence.

    Piper sets the peak of each piece to full scale, and a peak says little about loudness. Over twelve sentences each,
    active levels were -14.0 to -19.7 dBFS (Piper's joe), -16.3 to -20.9 (espeak-ng's Chinese) and -19.5 to -21.4 (its
    English): 7.4 dB in all, 0.0 when levelled. The ear's weighting of ITU-R BS.1770 would raise the three by 0.5, 0.6
    and 0.8 dB: as good as the same, and left out.
    """
    level = active_level(clip)
    if level == -math.inf:
        return clip
    peak = float(np.abs(clip.samples.astype(np.int32)).max()) / FULL_SCALE
    gain = min(10 ** ((TARGET_DBFS - level) / 20), HIGHEST_PEAK / peak, MOST_GAIN)
    return replace(clip, samples=(clip.samples * np.float32(gain * volume)).round().astype(np.int16))


def active_level(clip: Clip) -> float:
    """The level in dBFS of what is speech in it: the frames at most 30 dB softer than the loudest; -inf for silence."""
    length = max(1, round(FRAME_SECONDS * clip.rate_hz))
    padded = np.pad(clip.samples, (0, -len(clip.samples) % length)).astype(np.float32) / FULL_SCALE
    powers = np.square(padded).reshape(-1, length).mean(axis=1)
    loudest = powers.max(initial=0.0)
    if not loudest:
        return -math.inf
    return 10 * math.log10(powers[powers > loudest / 10 ** (GATE_DB / 10)].mean())
