"""How Chinese is read out: the rules in their order, each topic before the ones it could be mistaken for."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.rules import Rule, rule
from jetson_voice.reading.zh import amounts, counting, dates, maths, names

HANZI = r"\u3400-\u9FFF"

RULES: Final[tuple[Rule, ...]] = (
    # "有 3 个" is written with the spaces of another script.
    rule(rf"(?<=\d) +(?=[{HANZI}])|(?<=[{HANZI}]) +(?=[\d¥$€£-]\d?)", ""),
    *names.ADDRESSES,
    *names.PHONES,
    *dates.DATES,
    *counting.SCORES,
    *dates.TIMES,
    *amounts.MONEY,
    *amounts.SHARES,
    *amounts.UNITS,
    *names.CODES,
    *counting.ORDINALS,
    *counting.FRACTIONS,
    *maths.OPERATIONS,
    *counting.RANGES,
    *counting.NUMBERS,
    *names.WORDS,
)
