"""One way of writing for each digit and sign, so that every rule has to know only that one."""

from __future__ import annotations

import re
import unicodedata

SIGNS = str.maketrans("％￥＄￡−－＋＝＃＆＠＊／＜＞\u00a0\u202f", "%¥$£--+=#&@*/<>  ") | str.maketrans(
    {
        "℃": "°C",
        "℉": "°F",
        "㎡": "m^2",
        "㎥": "m^3",
        "㎏": "kg",
        "㎞": "km",
        "㎝": "cm",
        "㎜": "mm",
        "㎎": "mg",
        "№": "No.",
    }
)
BETWEEN_DIGITS = {"：": ":", "．": ".", "⁄": "/", "∶": ":"}
SEPARATOR = re.compile(rf"(?<=\d)[{''.join(BETWEEN_DIGITS)}](?=\d)")
RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"
POWER = re.compile(rf"[{RAISED}]+")
AS_PLAIN = str.maketrans(RAISED, "0123456789+-")
RUN_OF_SPACES = re.compile(r"[ \u00a0\u202f]{2,}")
UNUSUAL = re.compile(r"[^\x00-\xff\u2e80-\ua4cf]|[¼-¾]")


def with_plain_characters(text: str) -> str:
    """Write every digit of any script as one of 0 to 9, a power as ^2, ½ as 1/2, a Roman numeral's own sign as 4."""
    text = RUN_OF_SPACES.sub(" ", text)
    text = POWER.sub(lambda power: "^" + power.group().translate(AS_PLAIN), text)
    text = UNUSUAL.sub(_plain, text.translate(SIGNS))
    return SEPARATOR.sub(lambda sign: BETWEEN_DIGITS[sign.group()], text)


def _plain(unusual: re.Match[str]) -> str:
    character = unusual.group()
    compatible = unicodedata.normalize("NFKC", character)
    if character.isdigit():
        return str(unicodedata.digit(character))
    if "⁄" in compatible:
        after_number = unusual.string[: unusual.start()][-1:].isdigit()
        return " " * after_number + compatible.replace("⁄", "/")
    if unicodedata.category(character) == "Nl" and compatible.isascii():
        return str(int(unicodedata.numeric(character)))
    if compatible.isdecimal() or (len(compatible) == 1 and compatible.isascii() and compatible.isalpha()):
        return compatible
    return character
