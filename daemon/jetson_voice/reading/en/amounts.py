"""Money, shares and units in English."""

from __future__ import annotations

from typing import Final, NamedTuple

from jetson_voice.reading import units
from jetson_voice.reading.numbers import en_number
from jetson_voice.reading.rules import FREE, MINUS, NUMBER, PLUS, TO, Match, rule


class Currency(NamedTuple):
    """The names of a note and a coin; no coin where decimals are read as such."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


CURRENCIES: Final = {
    "$": Currency("dollar", "dollars", "cent", "cents"),
    "US$": Currency("US dollar", "US dollars", "cent", "cents"),
    "HK$": Currency("Hong Kong dollar", "Hong Kong dollars", "cent", "cents"),
    "€": Currency("euro", "euros", "cent", "cents"),
    "£": Currency("pound", "pounds", "penny", "pence"),
    "¥": Currency("yuan", "yuan"),
}
SCALES: Final = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "B": "billion", "bn": "billion"}
SCALE = rf"(?: ?(?P<scale>thousand|million|billion|trillion|{'|'.join(SCALES)})\b)?"
AMOUNT = rf"(?P<minus>{MINUS})?{FREE}(?P<first>{NUMBER})"
LAST = rf"(?P<last>{NUMBER})"


def _money(match: Match) -> str:
    currency = CURRENCIES[match["currency"]]
    amounts = " to ".join(en_number(_without_cents_of_nought(end)) for end in (match["first"], match["last"]) if end)
    sign = "minus " if match["minus"] else ""
    if match["scale"]:
        amounts += f" {SCALES.get(match['scale'], match['scale'])}"
    if match["article"]:
        return f"{match['article']}{sign}{amounts} {currency.one}"
    if match["last"] or match["scale"]:
        return f"{sign}{amounts} {currency.many}"
    return sign + _coins(match["first"], currency)


def _coins(written: str, currency: Currency) -> str:
    whole, _, cents = written.partition(".")
    if len(cents) != 2 or not currency.cent:
        return _of(_without_cents_of_nought(written), currency.one, currency.many)
    of_cents = _of(str(int(cents)), currency.cent, currency.cents)
    if whole == "0":
        return of_cents
    of_notes = _of(whole, currency.one, currency.many)
    return of_notes if cents == "00" else f"{of_notes} and {of_cents}"


def _without_cents_of_nought(written: str) -> str:
    return written.removesuffix(".00")


def _of(written: str, one: str, many: str) -> str:
    return f"{en_number(written)} {one if written == '1' else many}"


def _share(match: Match) -> str:
    of = " percent" if match["sign"] == "%" else " per mille"
    first = ("minus " if match["minus"] else "") + en_number(match["first"]) + (of if match["between"] else "")
    if not match["last"]:
        return first + of
    return f"{first} to {en_number(match['last'])}{of}"


def _quantity(match: Match) -> str:
    unit = units.UNITS[match["unit"]]
    sign = "minus " if match["minus"] else ""
    if match["last"]:
        return f"{sign}{en_number(match['first'])} to {en_number(match['last'])} {unit.many}"
    if match["hyphen"]:
        return f"{en_number(match['first'])}-{unit.one}"
    return sign + _of(match["first"], unit.one, unit.many)


MONEY: Final = (
    rule(
        rf"(?P<article>\b[Aa] (?=\S+ (?:million |billion )?[a-z]))?(?P<minus>{MINUS})?(?P<currency>US\$|HK\$|[¥$€£]) ?"
        rf"(?P<first>{NUMBER})(?:{TO}[¥$€£]?{LAST})?{SCALE}",
        _money,
    ),
    rule(r"(?:(?<=s)|(?<=yuan))/(?=(?:hour|day|week|month|year|person|night)\b)", " per "),
)

SHARES: Final = (rule(rf"{AMOUNT}(?:(?P<between>[%‰])?{TO}{LAST})? ?(?P<sign>[%‰])", _share),)

UNITS: Final = (
    rule(PLUS, "plus "),
    rule(units.MINUTES, lambda minutes: f"{minutes[1]}min"),
    rule(
        r"(?<![\w.])(\d)['′](\d{1,2})(?:[\"″]|'')?(?!\w)",
        lambda match: f"{en_number(match[1])} foot {en_number(match[2])}",
    ),
    rule(rf"{AMOUNT}(?:{TO}{LAST})?(?: ?|(?P<hyphen>-)){units.UNIT}(?!['’])", _quantity),
)
