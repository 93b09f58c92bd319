"""Roman numerals up to 39, which is as far as chapters and kings go."""

from __future__ import annotations

ROMAN = r"(?:X{1,3}(?:IX|IV|V?I{0,3})|IX|IV|VI{0,3}|I{1,3})(?!\w)"
VALUES = {"I": 1, "V": 5, "X": 10}


def value_of(numeral: str) -> int:
    """`XIV` as 14."""
    values = [VALUES[letter] for letter in numeral]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
