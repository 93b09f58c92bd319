"""Which language a sentence is in, told by its script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

LANGUAGES: Final[Mapping[Language, str]] = {"zh": "Chinese", "en": "English"}

HANZI = re.compile(r"[\u3007\u3400-\u9FFF\uF900-\uFAFF\U00020000-\U0003FFFF]")
# A single letter ("选 A") is a word of both languages.
WORD = re.compile(r"(?<![A-Za-z\u00C0-\u024F'’])[A-Za-z\u00C0-\u024F]{2,}")
UNIT = r"°[CF]|[kcmnμ]?m|[kmμ]?g|[km]?l|[KMGT]?i?B|[kMG]bps|[kMG]?Hz|[kMm]?Wh?|m?Ah|[km]?V|[mμn]?s|min|h|dB|mph|px"
QUANTITY = re.compile(rf"\d(?:\s?(?:{UNIT})(?:/[a-z]+)?(?![A-Za-z])|[A-Za-z\u00C0-\u024F]+)")

HANZI_WEIGHT: Final = 3
WORD_WEIGHT: Final = 2
NAME_WEIGHT: Final = 1
"""A hanzi takes 0.20 to 0.31 s to say, an English word 0.20 to 0.36 s (espeak-ng, over twelve sentences each).

But a Chinese voice reads English words with an accent, and an English voice says "Chinese letter" for each hanzi: the
hanzi counts half as much again. A capitalized word is a name, or may be one, and both languages use it.
"""


def language_of(text: str) -> Language | None:
    """Tell which voice should speak `text`, that which speaks most of it; None if the script does not tell.

    Numbers and the units after them are of no language.
    """
    hanzi = HANZI_WEIGHT * len(HANZI.findall(text))
    words = sum(NAME_WEIGHT if word[0].isupper() else WORD_WEIGHT for word in WORD.findall(QUANTITY.sub("0", text)))
    if not hanzi and not words:
        return None
    return "zh" if hanzi >= words else "en"
