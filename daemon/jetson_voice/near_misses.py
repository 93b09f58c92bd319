"""A wake word that was nearly heard: how often, and how nearly, tells whether its threshold is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jetson_voice.audio import Echo, Frame
from jetson_voice.events import WakeNearlyHeard

NEARLY: Final = 0.5
"""Of the threshold: what stays below is like nothing."""


class NearMisses:
    """Follows the scores of all words; a rise that ends below the threshold, and was not heard, is a near miss."""

    def __init__(self, thresholds: Mapping[str, float]) -> None:
        self._thresholds = thresholds
        self._highest = dict.fromkeys(thresholds, 0.0)
        self._heard: set[str] = set()

    def after(self, scores: Mapping[str, float], frame: Frame, heard: str) -> list[WakeNearlyHeard]:
        """The near misses that end with this frame's scores; a word that counts as heard with it is none."""
        if heard:
            self._heard.add(heard)
        if frame.echo is Echo.ALONE:  # whatever it is like, the assistant said it
            scores = dict.fromkeys(scores, 0.0)
        return [miss for word, score in scores.items() if (miss := self._miss(word, score))]

    def _miss(self, word: str, score: float) -> WakeNearlyHeard | None:
        threshold = self._thresholds[word]
        if score >= NEARLY * threshold:
            self._highest[word] = max(score, self._highest[word])
            return None
        highest, self._highest[word] = self._highest[word], 0.0
        if word in self._heard:
            self._heard.remove(word)
            return None
        return WakeNearlyHeard(word, highest) if 0 < highest < threshold else None
