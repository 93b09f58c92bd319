"""Dates, years and times of day in Chinese."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.figures import BETWEEN_CLOCKS, CLOCK, MONTH_AND_DAY, YEAR_FIRST
from jetson_voice.reading.numbers import zh_counted, zh_digits, zh_number
from jetson_voice.reading.rules import TO, Match, rule

SPAN = r"(?!前|以前|的?历史|来)"
"""What may not follow 年 in a year: 2000年前 are two thousand years."""

HALF_OF_DAY = r"(?: ?(?P<half>[AaPp])\.?[Mm](?!\w)\.?)?"


def _date(match: Match) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = match.groupdict().get("year")
    return (f"{zh_digits(year)}年" if year else "") + f"{zh_number(str(month))}月{zh_number(str(day))}日"


def _years(match: Match) -> str:
    return f"{zh_digits(match['first'])}到{zh_digits(match['last'])}"


def _time(match: Match) -> str:
    minute, second = match["minute"], match["second"]
    said = f"{zh_counted(str(int(match['hour'])))}点"
    if minute != "00" or second:
        said += f"{zh_number(minute)}分"
    if second:
        said += f"{zh_number(second)}秒"
    half = match["half"]
    return ("上午" if half in "Aa" else "下午") + said if half else said


DATES: Final = (
    rule(YEAR_FIRST, _date),
    rule(MONTH_AND_DAY, _date),
    rule(rf"(?<![\w.])(?P<first>[12]\d{{3}}){TO}(?P<last>[12]\d{{3}})(?=年)", _years),
    rule(rf"(?<![\w.$¥€£])(?P<first>(?:19|20)\d\d){TO}(?P<last>(?:19|20)\d\d)(?![\w.%°])", _years),
    rule(rf"(?<![\d.,])[12]\d{{3}}(?=年{SPAN})", lambda year: zh_digits(year.group())),
    rule(r"(?:(?<=公元)|(?<=公元前))\d{3}(?=年)", lambda year: zh_digits(year.group())),
    rule("(?<![\\w.,])[089][05](?=后(?![面续来者]))", lambda born: zh_digits(born.group())),
    rule(r"(?<![\w.,])\d{2}(?=年(?:出生|毕业|\d{1,2}月|[春夏秋冬初底]))", lambda year: zh_digits(year.group())),
)

TIMES: Final = (
    rule(BETWEEN_CLOCKS, "到"),
    rule(CLOCK + HALF_OF_DAY, _time),
)
