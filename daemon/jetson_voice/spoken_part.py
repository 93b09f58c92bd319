"""The part of a clip in which somebody speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jetson_voice.audio import Clip

# Silero's own limits (snakers4/silero-vad): speech begins at the one and goes on down to the other.
BEGINS: Final = 0.5
GOES_ON: Final = 0.35
# Kept on both sides of speech, so that no word loses its edge; a pause within is at most twice as long.
MARGIN_SECONDS: Final = 0.4


@dataclass(frozen=True, eq=False)
class SpokenPart:
    """The speech of a clip, its margins included, and how much of it there is."""

    clip: Clip
    seconds: float
    """Of speech alone, without margins and pauses."""

    probability: float
    """The speech detector's, on average over these seconds, from 0 to 1."""


def spoken_part(clip: Clip, probabilities: Sequence[float], window_samples: int) -> SpokenPart | None:
    """The clip without what is not speech at its ends and in long pauses; None where nobody speaks.

    `probabilities` are the speech detector's, one for each window of the clip from its beginning on.
    """
    speech = speech_windows(probabilities)
    if not any(speech):
        return None
    kept = np.zeros(len(clip.samples), bool)
    margin = round(MARGIN_SECONDS * clip.rate_hz)
    for index in np.flatnonzero(speech):
        kept[max(0, index * window_samples - margin) : (index + 1) * window_samples + margin] = True
    return SpokenPart(
        Clip(clip.samples[kept], clip.rate_hz),
        seconds=sum(speech) * window_samples / clip.rate_hz,
        probability=float(np.mean(np.asarray(probabilities)[speech])),
    )


def speech_windows(probabilities: Sequence[float]) -> list[bool]:
    """Which windows are speech: those above the upper limit, and their neighbours above the lower one."""
    forwards = going_on(probabilities)
    backwards = going_on(probabilities[::-1])[::-1]
    return [one or other for one, other in zip(forwards, backwards, strict=True)]


def going_on(probabilities: Sequence[float]) -> list[bool]:
    """Which windows are speech, read in one direction."""
    speech, speaking = [], False
    for probability in probabilities:
        speaking = probability >= (GOES_ON if speaking else BEGINS)
        speech.append(speaking)
    return speech
