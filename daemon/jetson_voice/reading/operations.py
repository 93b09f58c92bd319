"""Where a sign stands between two operands, and so means arithmetic; in prose it does not."""

from __future__ import annotations

BEFORE = r"(?:(?<=[\dπ)%])|(?<=\b[A-Za-z])|(?<=\d[a-z])|(?<=\b[A-Z]{3}))"
AFTER = r"(?=[-√]?(?:[\dπ(]|[A-Za-z]{1,2}(?![A-Za-z])))"
ANY_BEFORE = r"(?<=[\w)\u3400-\u9FFF])"
ANY_AFTER = r"(?=[\w(\u3400-\u9FFF])"

DIVISION = r"(?<=\d) */ *(?=\d+(?:\.\d+)? *=)"
"""With no equals sign it is a fraction."""

MINUS_SIGN = rf"{BEFORE} - {AFTER}|(?<=\d)-(?=\d+(?:\.\d+)? *=)|(?<=\b[a-z])-(?=\d)"
PRODUCT = rf"{ANY_BEFORE} *\* *{ANY_AFTER}|(?<=\d) ?x ?(?=\d)"
POWER = r"(?<=[\w)])(?:\^|\*\*)(?P<exponent>[+-]?\d+|[a-z]\b)"
