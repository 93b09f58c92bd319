"""Plain numbers in English: ordinals, fractions, ranges."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.figures import FRACTION
from jetson_voice.reading.numbers import en_digits, en_number, en_ordinal
from jetson_voice.reading.roman import ROMAN, value_of
from jetson_voice.reading.rules import FREE, INTEGER, MINUS, NUMBER, START, TO, Match, rule

PARTS = r"\b(?:Chapter|Part|Volume|Book|Act|Section|Phase|Article|Appendix|Scene) "
RULERS = (
    r"\b(?:Louis|Henry|Elizabeth|Charles|George|William|James|Edward|Richard|John|Paul|Pius|Benedict|Napoleon|Nicholas"
    r"|Peter|Catherine|Philip|Frederick|Alexander|Wilhelm|Ivan|Francis|Gregory|Leo|Urban|Innocent|Ramses|Ramesses) "
)
SAYINGS: Final = {"24/7": "twenty-four seven", "9/11": "nine eleven"}
LOWER: Final = {"2": "half", "4": "quarter"}


def _chapter(match: Match) -> str:
    return match[1] + en_number(str(value_of(match[2])))


def _ruler(match: Match) -> str:
    return f"{match[1]}the {en_ordinal(str(value_of(match[2])))}"


def _fraction(match: Match) -> str:
    whole, upper, lower = match["whole"], match["upper"], match["lower"]
    if upper == lower:
        return f"{en_number(upper)} out of {en_number(lower)}"
    if int(upper) > int(lower) > 9:  # a blood pressure
        return f"{en_number(upper)} over {en_number(lower)}"
    one = LOWER.get(lower) or en_ordinal(lower)
    many = "halves" if lower == "2" else f"{one}s"
    if not whole:
        return f"{en_number(upper)} {one if upper == '1' else many}"
    article = "a" if upper == "1" else en_number(upper)
    return f"{en_number(whole)} and {article} {one if upper == '1' else many}"


def _range(match: Match) -> str:
    return f"{en_number(match['first'])} to {en_number(match['last'])}"


ORDINALS: Final = (rule(rf"{START}({INTEGER})(?:st|nd|rd|th)\b", lambda match: en_ordinal(match[1])),)

FRACTIONS: Final = (
    rule(r"(?<![\w/.])(?:24/7|9/11)(?![\w/]|\.\d)", lambda match: SAYINGS[match.group()]),
    rule(FRACTION, _fraction),
)

RANGES: Final = (rule(rf"{FREE}(?P<first>{NUMBER})(?:{TO}|:)(?P<last>{NUMBER})(?![\w-])", _range),)

NUMBERS: Final = (
    rule(r"(?<=\d)x(?!\w)", " times"),
    rule(r"(?<![\w)~])~ ?(?=\d)", "about "),
    rule(rf"{MINUS}(?=\.?\d)", "minus "),
    rule(r"(?<![\w.])\.(\d+)", lambda match: f"point {en_digits(match[1])}"),
    rule(r"\b(\d+),(?=\d)(?!\d{3}(?!\d))", lambda match: f"{en_number(match[1])}, "),
    rule(rf"{START}{NUMBER}", lambda match: en_number(match.group())),
    rule(r"\d+", lambda match: en_number(match.group())),
)

ROMAN_NUMERALS: Final = (
    rule(rf"({PARTS})(?!I\b)({ROMAN})", _chapter),
    rule(rf"(\bWorld War )({ROMAN})", _chapter),
    rule(rf"({RULERS})(?!I\b)({ROMAN})", _ruler),
)
