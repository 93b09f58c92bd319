"""Numbers as words, spelled by the rules of CLDR, which unicode_rbnf carries."""

from __future__ import annotations

from functools import cache

from unicode_rbnf import RbnfEngine

from jetson_voice.languages import Language

MOST_DIGITS = 15
"""A longer number is read digit by digit: nobody would follow it, and CLDR's rules end at 10¹⁸."""


@cache
def _engine(language: Language) -> RbnfEngine:
    return RbnfEngine.for_language(language)


def spelled(number: int, language: Language, rules: str = "spellout-cardinal") -> str:
    """A number of at most MOST_DIGITS digits by a rule set of CLDR."""
    return _engine(language).format_number(number, ruleset_names=[rules]).text


def zh_digits(digits: str, *, one: str = "一") -> str:
    """Digit by digit, as years are read; with `one` as 幺 as telephone numbers are."""
    return "".join(one if digit == "1" else spelled(int(digit), "zh") for digit in digits if digit.isdigit())


def zh_code(digits: str) -> str:
    """The number of a telephone, a room, a model: 一 would sound like 七."""
    return zh_digits(digits, one="幺")


def zh_number(written: str) -> str:
    """`1,234.5` as 一千二百三十四点五; with leading zeros digit by digit. 两 before 千, 万 and 亿, 二 before 百."""
    whole, point, fraction = written.replace(",", "").partition(".")
    return _zh_whole(whole) + ("点" + zh_digits(fraction) if point else "")


def _zh_whole(digits: str) -> str:
    if len(digits) > MOST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return zh_digits(digits)
    # CLDR goes on with 兆 and 京, which nobody on the mainland uses for 万亿 and 亿亿.
    over, rest = divmod(int(digits), 10**8)
    if over >= 10**4:
        gap = "零" if 0 < rest < 10**7 else ""
        return _zh_whole(str(over)) + "亿" + gap + (spelled(rest, "zh") if rest else "")
    said = spelled(int(digits), "zh")
    return "两" + said[1:] if said[0] == "二" and said[1:2] in ("千", "万", "亿") else said


def zh_counted(written: str) -> str:
    """The number before a measure word: 两个, 两百个."""
    return {"2": "两", "200": "两百"}.get(written) or zh_number(written)


def en_digits(digits: str) -> str:
    """Digit by digit."""
    return " ".join(spelled(int(digit), "en") for digit in digits if digit.isdigit())


def en_number(written: str) -> str:
    """`1,234.5` as "one thousand two hundred thirty-four point five"; with leading zeros digit by digit."""
    whole, point, fraction = written.replace(",", "").partition(".")
    return _en_whole(whole) + (f" point {en_digits(fraction)}" if point else "")


def _en_whole(digits: str) -> str:
    is_code = len(digits) > MOST_DIGITS or (len(digits) > 1 and digits[0] == "0")
    return en_digits(digits) if is_code else spelled(int(digits), "en")


def en_ordinal(written: str) -> str:
    """`21` as "twenty-first"; what is too long for that as a number."""
    digits = written.replace(",", "")
    return en_number(digits) if len(digits) > MOST_DIGITS else spelled(int(digits), "en", "spellout-ordinal")


def en_year(digits: str) -> str:
    """`1905` as "nineteen oh five", as four-digit names are read, too."""
    return spelled(int(digits), "en", "spellout-numbering-year").replace("oh-", "oh ")


def en_code(digits: str) -> str:
    """The number of a room, a flight, a model: `747` as "seven forty-seven", `4090` as "forty ninety"."""
    if len(digits) == 4 and digits[0] != "0":
        return en_year(digits)
    if len(digits) != 3 or digits[0] == "0" or digits.endswith("00"):
        return en_number(digits)
    tens = f"oh {spelled(int(digits[2]), 'en')}" if digits[1] == "0" else spelled(int(digits[1:]), "en")
    return f"{spelled(int(digits[0]), 'en')} {tens}"
