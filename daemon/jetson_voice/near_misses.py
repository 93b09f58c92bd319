"""A wake word that was nearly heard: how often, and how nearly, tells whether its threshold is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jetson_voice.audio import Echo, Frame
from jetson_voice.events import WakeNearlyHeard
from jetson_voice.wake_rules import LESS_CLEAR

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
        is_own = frame.echo is Echo.ALONE  # whatever it is like, the assistant said it
        return [miss for word, score in scores.items() if (miss := self._miss(word, score, is_own=is_own))]

    def _miss(self, word: str, score: float, *, is_own: bool) -> WakeNearlyHeard | None:
        threshold = self._thresholds[word]
        if score >= NEARLY * threshold and not is_own:
            self._highest[word] = max(score, self._highest[word])
            return None
        highest, self._highest[word] = self._highest[word], 0.0
        if word in self._heard:
            if score < LESS_CLEAR * threshold:
                self._heard.remove(word)
            return None
        return WakeNearlyHeard(word, highest) if 0 < highest < threshold else None
