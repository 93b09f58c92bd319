"""Simplified characters by OpenCC."""

from __future__ import annotations

from collections.abc import Callable

from opencc import OpenCC


def simplifier() -> Callable[[str], str]:
    """What writes a text in simplified characters, word by word; other scripts stay as they are."""
    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert
