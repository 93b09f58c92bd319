"""How English is read out: the rules in their order, each topic before the ones it could be mistaken for."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.en import amounts, counting, dates, maths, names
from jetson_voice.reading.rules import Rule

RULES: Final[tuple[Rule, ...]] = (
    *names.ADDRESSES,
    *names.BEFORE_NUMBERS,
    *names.PHONES,
    *dates.DATES,
    *dates.DECADES,
    *dates.TIMES,
    *amounts.MONEY,
    *amounts.SHARES,
    *amounts.UNITS,
    *names.CODES,
    *dates.YEARS,
    *counting.ORDINALS,
    *counting.FRACTIONS,
    *maths.OPERATIONS,
    *counting.RANGES,
    *counting.NUMBERS,
    *counting.ROMAN_NUMERALS,
    *names.WORDS,
)
