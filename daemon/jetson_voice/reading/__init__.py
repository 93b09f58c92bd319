"""How a written sentence is said aloud: every number, unit, date, sign and abbreviation as words."""

from __future__ import annotations

from typing import Final

from jetson_voice.languages import Language
from jetson_voice.reading import en, zh
from jetson_voice.reading.characters import with_plain_characters
from jetson_voice.reading.rules import applied

RULES: Final = {"zh": zh.RULES, "en": en.RULES}
MOST_ROUNDS: Final = 5
"""Prose is settled after one; where sign follows sign, the word for one may give the next its operand."""


def reading_of(text: str, language: Language) -> str:
    """The sentence as a native speaker of `language` reads it out, without any digit; all other words stay.

    It never fails, takes time in proportion to the text, and leaves its own result as it is.
    """
    reading = with_plain_characters(text)
    for _ in range(MOST_ROUNDS):
        unsettled, reading = reading, applied(RULES[language], reading)
        if reading == unsettled:
            break
    return reading
