"""Arithmetic in English."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.numbers import en_number
from jetson_voice.reading.operations import AFTER, BEFORE, DIVISION, MINUS_SIGN, POWER, PRODUCT
from jetson_voice.reading.rules import Match, rule

BINARY: Final = {
    "≥": " is at least ", "≤": " is at most ", "≈": " is about ", "≠": " is not equal to ", "×": " times ",
    "÷": " divided by ",
}  # fmt: skip
POWERS: Final = {"2": " squared", "3": " cubed"}


def _power(match: Match) -> str:
    exponent = match["exponent"]
    sign = "minus " if exponent.startswith("-") else ""
    digits = exponent.lstrip("+-")
    return POWERS.get(exponent) or f" to the power of {sign}{en_number(digits) if digits.isdigit() else digits}"


OPERATIONS: Final = (
    rule(DIVISION, " divided by "),
    rule(MINUS_SIGN, " minus "),
    rule(PRODUCT, " times "),
    rule(rf" *([{''.join(BINARY)}]) *", lambda match: BINARY[match[1]]),
    rule(rf"{BEFORE} *\+ *{AFTER}", " plus "),
    rule(rf"{BEFORE} *= *{AFTER}", " equals "),
    rule(rf"{BEFORE} *< *{AFTER}", " is less than "),
    rule(rf"{BEFORE} *> *{AFTER}", " is greater than "),
    rule(POWER, _power),
    rule(r"√ *", "the square root of "),
    rule(r"± *", "plus or minus "),
    rule(r"(?<=\d)\+(?!\w)", " plus"),
)
