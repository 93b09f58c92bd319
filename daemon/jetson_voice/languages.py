"""Which language a sentence is in, told by its script."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

HANZI = re.compile(r"[\u3007\u3400-\u9FFF\uF900-\uFAFF\U00020000-\U0003FFFF]")
# A unit right after its number ("20°C", "5km") is no word of any language.
WORD = re.compile(r"(?<![\d°A-Za-z\u00C0-\u024F'’])[A-Za-z\u00C0-\u024F]+")


def language_of(text: str) -> Language | None:
    """Tell which voice should speak `text` by its script; None if the script does not tell.

    A hanzi weighs as much as an English word, and a name half of that: both languages use it.
    """
    hanzi = 2 * len(HANZI.findall(text))
    words = sum(1 if word[0].isupper() else 2 for word in WORD.findall(text))
    if not hanzi and not words:
        return None
    return "zh" if hanzi >= words else "en"
