"""Arithmetic in Chinese."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.numbers import zh_number
from jetson_voice.reading.operations import AFTER, BEFORE, DIVISION, MINUS_SIGN, POWER, PRODUCT
from jetson_voice.reading.rules import Match, rule

BINARY: Final = {"≥": "大于等于", "≤": "小于等于", "≈": "约等于", "≠": "不等于", "×": "乘以", "÷": "除以"}


def _power(match: Match) -> str:
    exponent = match["exponent"]
    if exponent == "2":
        return "的平方"
    sign = "负" if exponent.startswith("-") else ""
    digits = exponent.lstrip("+-")
    return f"的{sign}{zh_number(digits) if digits.isdigit() else digits}次方"


OPERATIONS: Final = (
    rule(DIVISION, "除以"),
    rule(MINUS_SIGN, "减"),
    rule(PRODUCT, "乘以"),
    rule(rf" *([{''.join(BINARY)}]) *", lambda match: BINARY[match[1]]),
    rule(rf"{BEFORE} *\+ *{AFTER}", "加"),
    rule(rf"{BEFORE} *= *{AFTER}", "等于"),
    rule(rf"{BEFORE} *< *{AFTER}", "小于"),
    rule(rf"{BEFORE} *> *{AFTER}", "大于"),
    rule(POWER, _power),
    rule(r"√ *", "根号"),
    rule(r"± *", "正负"),
    rule(r"§ *(\d+)", lambda match: f"第{zh_number(match[1])}节"),
    rule(r"(?<=[\d万亿])\+(?!\w)", "加"),
)
