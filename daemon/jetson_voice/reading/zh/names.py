"""Addresses, telephone numbers, codes and names with digits in Chinese; signs that have a name."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading import names
from jetson_voice.reading.numbers import zh_code, zh_digits, zh_number
from jetson_voice.reading.rules import Match, joined, rule

SAID_IN_ADDRESSES: Final = {".": "点", "@": "at", "_": "下划线", "-": "杠", "+": "加"}
CALLED = "(?:拨打|请拨|电话|热线|号码|拨|打)[是为：:]? ?"
CODED = "(?:邮编|邮政编码|验证码|密码|编号|卡号|学号|工号|尾号|代码|房间|房号|QQ|PIN)号?(?:[是为]|[：:])? ?"
ROOMS = "(?=号?(?:房|室|会议室|教室|宿舍|病房|包间|路(?!人|程)|航班|次列车))"
NO_MONEY = "(?<!RMB )(?<!USD )(?<!CNY )(?<!EUR )"


def _address(match: Match) -> str:
    return joined(*(SAID_IN_ADDRESSES.get(piece) or _digit(piece) for piece in names.address_pieces(match.group())))


def _digit(piece: str) -> str:
    return zh_digits(piece) if piece.isdigit() else piece


def _phone(match: Match) -> str:
    plus = "加" if match.group().startswith("+") else ""
    return plus + "，".join(map(zh_code, names.phone_groups(match.group())))


def _version(match: Match) -> str:
    first, *others = match.group().split(".")
    return "点".join([zh_number(first), *map(zh_digits, others)])


def _code(match: Match) -> str:
    return match[1] + zh_code(match[2])


ADDRESSES: Final = (
    rule(names.EMAIL, _address),
    rule(names.HOST, _address),
    rule(names.IP_ADDRESS, lambda match: "点".join(map(zh_digits, match.group().split(".")))),
)

PHONES: Final = (
    rule(names.PHONE, _phone),
    rule(rf"({CALLED})(\d{{3,6}})(?![\w.,]\d|[\w个次分折万元块])", _code),
)

CODES: Final = (
    rule(names.CARBON_OXIDE, "C-O"),
    rule(rf"({CODED})(\d{{3,}})(?![.,]\d)", _code),
    rule(rf"(?<![\w.,])\d{{3,4}}{ROOMS}", lambda match: zh_code(match.group())),
    rule(r"(?<![\w.,])\d{3,4}(?=[pP](?!\w))", lambda match: zh_code(match.group())),
    rule(r"(?<![\d.])\d+(?:\.\d+){2,}(?!\w)", _version),
    rule(names.HYPHEN_BEFORE_DIGIT, " "),
    rule(rf"(?:(?<=[A-Za-z])|(?<=[A-Z]{{2}} ){NO_MONEY})\d{{3,4}}(?!\d|[.,]\d)", lambda match: zh_code(match.group())),
)

WORDS: Final = (
    rule(names.ACRONYM, names.letters_of),
    rule(r"\bC\+\+", "C 加加"),
    rule(r"\b([CF])#(?!\w)", lambda match: f"{match[1]} sharp"),
    rule(r" *(?:→|⇒|->) *", "到"),
    rule(r"(?<=\w) & (?=\w)| *(?<!\w)&(?!\w) *", "和"),
    rule("[™®©]", ""),
)
