"""How long a voice rests after what it has said."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from jetson_voice.audio import Clip

SENTENCE_SECONDS: Final = 0.40
ITEM_SECONDS: Final = 0.30
CLAUSE_SECONDS: Final = 0.20
"""From the last sound of a piece to the first of the next.

A reader rests 0.41 s between two sentences, 0.24 and 0.11 s at commas (tests/data/en_librispeech.wav); Piper's joe 0.25
to 0.32 s at the commas inside a sentence, and by itself 0.03 to 0.06 s before and 0.10 to 0.25 s after each. What ends
without a mark is an item of a list, or a heading.
"""

LEAD_SECONDS: Final = 0.01
"""Before the first sound: the user waits for it."""

QUIET: Final = 10 ** (-45 / 20)
"""Of the peak. Piper's joe is silent at -79 dBFS and less; the softest beginnings ("th", "h") are above -40."""

CLOSERS: Final = r"[\s\"'”’」』）)\]】》〉*_]*$"
SENTENCE_END: Final = re.compile(rf"[.。．!！?？…]{CLOSERS}")
CLAUSE_END: Final = re.compile(rf"[,，、;；:：—–-]{CLOSERS}")


def pause_after(spoken: str) -> float:
    """Seconds of silence that fit the last mark of a piece."""
    if SENTENCE_END.search(spoken):
        return SENTENCE_SECONDS
    return CLAUSE_SECONDS if CLAUSE_END.search(spoken) else ITEM_SECONDS


def paced(clip: Clip, pause_seconds: float) -> Clip:
    """The clip from just before its first sound to a pause of this length after its last; silence stays as it is."""
    loudness = np.abs(clip.samples.astype(np.int32))
    (sounding,) = np.nonzero(loudness > QUIET * loudness.max(initial=0))
    if not len(sounding):
        return clip
    begin = max(0, sounding[0] - round(LEAD_SECONDS * clip.rate_hz))
    end = sounding[-1] + 1 + round(pause_seconds * clip.rate_hz)
    kept = clip.samples[begin:end]
    return Clip(np.pad(kept, (0, end - begin - len(kept))), clip.rate_hz)
