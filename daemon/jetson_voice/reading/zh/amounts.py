"""Money, shares and units in Chinese."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading import units
from jetson_voice.reading.numbers import zh_counted, zh_number
from jetson_voice.reading.rules import FREE, MINUS, NUMBER, PLUS, TO, Match, joined, rule

CURRENCIES: Final = {"US$": "美元", "HK$": "港元", "¥": "元", "$": "美元", "€": "欧元", "£": "英镑"}
MYRIADS = "(?P<myriads>万亿|[百千万亿]万?)?"
AMOUNT = rf"(?P<minus>{MINUS})?{FREE}(?P<first>{NUMBER})"
LAST = rf"(?P<last_minus>-)?(?P<last>{NUMBER})"


def _money(match: Match) -> str:
    ends = [_without_cents_of_nought(end) for end in (match["first"], match["last"]) if end]
    sign = "负" if match["minus"] else ""
    return f"{sign}{'到'.join(map(zh_counted, ends))}{match['myriads'] or ''}{CURRENCIES[match['currency']]}"


def _without_cents_of_nought(written: str) -> str:
    return written.rstrip("0").rstrip(".") if "." in written else written


def _share(match: Match) -> str:
    of = "百分之" if match["sign"] == "%" else "千分之"
    first = f"{'负' if match['minus'] else ''}{of}{zh_number(match['first'])}"
    if not match["last"]:
        return first
    return f"{first}到{'负' if match['last_minus'] else ''}{of}{zh_number(match['last'])}"


def _quantity(match: Match) -> str:
    unit = units.UNITS[match["unit"]].zh
    below = "零下" if unit.endswith("度") else "负"
    first = f"{below if match['minus'] else ''}{zh_counted(match['first'])}"
    if not match["last"]:
        return joined(first + (match["myriads"] or ""), unit)
    return joined(
        f"{first}到{below if match['last_minus'] else ''}{zh_counted(match['last'])}{match['myriads'] or ''}", unit
    )


MONEY: Final = (
    rule(
        rf"(?P<minus>{MINUS})?(?P<currency>US\$|HK\$|[¥$€£]) ?(?P<first>{NUMBER})(?:{TO}[¥$€£]?(?P<last>{NUMBER}))?"
        rf"{MYRIADS}(?:(?<=[\d万亿])元)?",
        _money,
    ),
    rule("(?<=[元块角分镑里米斤克升次])/(?=[年月周天日次人个位份晚秒]|小时|分钟|平方)", "每"),
)

SHARES: Final = (rule(rf"{AMOUNT}(?:[%‰]?{TO}{LAST})? ?(?P<sign>[%‰])", _share),)

UNITS: Final = (
    rule(PLUS, "正"),
    rule(units.MINUTES, lambda minutes: f"{minutes[1]}min"),
    rule(rf"{AMOUNT}(?:{TO}{LAST})?{MYRIADS} ?{units.UNIT}", _quantity),
    rule(rf"{MINUS}(?={NUMBER}度)", "零下"),
)
