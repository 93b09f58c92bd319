"""Dates, years and times of day in English."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.figures import BETWEEN_CLOCKS, CLOCK, MONTH_AND_DAY, NO_MORE, YEAR_FIRST
from jetson_voice.reading.numbers import en_number, en_ordinal, en_year, spelled
from jetson_voice.reading.rules import TO, Match, rule

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = rf"(?P<month>{'|'.join(MONTHS)}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
TH = "(?:st|nd|rd|th)"

HALF_OF_DAY = (
    rf"(?<![\d:.,$€£¥])(?:(?P<from>\d{{1,2}})(?:[:.](?P<from_minute>[0-5]\d))?{TO})?"
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))? ?(?P<half>[AaPp])\.?[Mm](?!\w)\.?"
)
ON = "(?:(?<=[Oo]n )|(?<=[Bb]y )|(?<=until )|(?<=[Ss]ince )|(?<=before )|(?<=after ))"
BEFORE_YEAR = "(?:(?<=[Ii]n )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Yy]ear )|(?<=[Ff]rom )|(?<=circa ))"
WHOSE = "(?:the|her|his|my|their|your|our|its|early|mid|late)"


def _month_first(match: Match) -> str | None:
    return _date(match, "{month} {day}")


def _day_first(match: Match) -> str | None:
    return _date(match, "The {day} of {month}" if match.group().startswith("The") else "the {day} of {month}")


def _date(match: Match, order: str) -> str | None:
    parts = match.groupdict()
    if not 1 <= int(parts["day"]) <= 31:
        return None
    day = en_ordinal(parts["day"]) + (f" to {en_ordinal(parts['last'])}" if parts.get("last") else "")
    month = next(month for month in MONTHS if month.startswith(parts["month"]))
    year = f", {en_year(parts['year'])}" if parts.get("year") else ""
    return order.format(month=month, day=day) + year


def _in_figures(match: Match) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = match.groupdict().get("year")
    return f"{MONTHS[month - 1]} {en_ordinal(str(day))}" + (f", {en_year(year)}" if year else "")


def _half_of_day(match: Match) -> str | None:
    if int(match["hour"]) > 24:
        return None
    first = f"{_short(match['from'], match['from_minute'])} to " if match["from"] else ""
    return f"{first}{_short(match['hour'], match['minute'])} {match['half'].lower()}.m."


def _short(hour: str, minute: str | None) -> str:
    said = spelled(int(hour), "en")
    if minute in (None, "00"):
        return said
    return f"{said} oh {en_number(minute[1])}" if minute[0] == "0" else f"{said} {en_number(minute)}"


def _time(match: Match) -> str:
    hour, minute, second = int(match["hour"]), match["minute"], match["second"]
    said = _short(match["hour"], minute)
    if second:
        return f"{said} and {spelled(int(second), 'en')} second{'s' * (int(second) != 1)}"
    if minute != "00":
        return said
    if hour == 0:
        return "midnight"
    return f"{said} o'clock" if hour <= 12 else f"{said} hundred"


def _years(match: Match) -> str:
    last = match["last"]
    return f"{en_year(match['first'])} to {en_year(last) if len(last) == 4 else en_number(last)}"


def _decade(match: Match) -> str:
    digits = match["decade"]
    said = en_year(digits) if len(digits) == 4 else spelled(int(digits), "en")
    return (match.groupdict().get("whose") or "") + (said[:-1] + "ies" if said.endswith("y") else said + "s")


DATES: Final = (
    rule(YEAR_FIRST, _in_figures),
    rule(r"(?<![\w/.])(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})(?![\w/])", _in_figures),
    rule(rf"{ON}(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){NO_MORE}", _in_figures),
    rule(rf"(?!(\d\d)/\1){MONTH_AND_DAY}", _in_figures),
    rule(
        rf"\b{MONTH} (?P<day>\d{{1,2}}){TH}?(?:{TO}(?P<last>\d{{1,2}}){TH}?)?(?![\w:]|[.,]\d)"
        r"(?:,? (?P<year>\d{4})\b)?",
        _month_first,
    ),
    rule(
        rf"(?:\b[Tt]he )?(?<![.,:$-])\b(?P<day>\d{{1,2}}){TH}?(?: of)? {MONTH}(?:,? (?P<year>\d{{4}})\b)?",
        _day_first,
    ),
)

# Before units: the seconds of "30s" are no decade, but those of "the 30s" are.
DECADES: Final = (
    rule(r"(?<![\w.,])(?P<decade>(?:1\d|20)\d0)'?s\b", _decade),
    rule(rf"(?P<whose>\b{WHOSE}[ -]|\bin )?['’](?P<decade>[1-9]0)s\b", _decade),
    rule(rf"(?P<whose>\b{WHOSE}[ -])(?P<decade>[1-9]0)s\b", _decade),
)

TIMES: Final = (
    rule(HALF_OF_DAY, _half_of_day),
    rule(BETWEEN_CLOCKS, " to "),
    rule(CLOCK, _time),
)

YEARS: Final = (
    rule(rf"(?<![\w.$])(?P<first>1[1-9]\d\d|20\d\d){TO}(?P<last>1[1-9]\d\d|20\d\d|\d\d)(?![\w%°-]|[.,]\d)", _years),
    rule(
        rf"(?:(?<![\w.,:/])(?:19|20)\d\d|{BEFORE_YEAR}1[0-8]\d\d)(?![\w:/]|[.,]\d)", lambda year: en_year(year.group())
    ),
)
