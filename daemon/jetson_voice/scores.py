"""Whoever wants to follow how much the sound is like each wake word, frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from jetson_voice.audio import Frame

Scored: TypeAlias = Callable[[Mapping[str, float], "Frame", str], None]
"""Told the score of every word after each frame, the frame, and the word that counts as heard with it, if one does."""


def unwatched(scores: Mapping[str, float], frame: Frame, heard: str) -> None:
    """Nobody follows the scores."""
    del scores, frame, heard
