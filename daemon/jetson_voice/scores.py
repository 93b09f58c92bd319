"""Whoever wants to follow how much the sound is like each wake word, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Scored: TypeAlias = Callable[[Mapping[str, float], float], None]
"""Told the score of every word after each frame, and the frame's audio time in seconds."""


def unwatched(scores: Mapping[str, float], at: float) -> None:
    """Nobody follows the scores."""
    del scores, at
