"""Addresses, telephone numbers, abbreviations, codes and names with digits in English; signs that have a name."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading import names
from jetson_voice.reading.numbers import en_code, en_digits, en_number
from jetson_voice.reading.rules import Match, rule

SAID_IN_ADDRESSES: Final = {".": "dot", "@": "at", "_": "underscore", "-": "dash", "+": "plus"}
TITLES: Final = {"Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Mt": "Mount"}
NUMBERED: Final = {
    "No": "number", "no": "number", "Nos": "numbers", "p": "page", "pp": "pages", "Fig": "figure", "fig": "figure",
    "Vol": "volume", "vol": "volume", "Ch": "chapter", "ch": "chapter", "Sec": "section", "Eq": "equation",
    "Op": "opus",
}  # fmt: skip
CALLED = r"(\b(?:[Cc]all|[Dd]ial|[Tt]ext|[Pp]hone) )"
CODED = (
    r"(\b(?:[Cc]ode|PIN|[Pp]assword|ID|[Ee]xtension|[Ss]erial number|[Aa]ccount number|[Rr]oom|[Ss]uite|[Aa]partment)"
    r"(?: is|:)? #?)"
)
VERSIONED = (
    r"\b(?:[Vv]ersion|[Rr]elease|Python|Ubuntu|Debian|Android|iOS|macOS|CUDA|JetPack|Java|Node|Ruby|Linux|kernel) "
)


def _address(match: Match) -> str:
    pieces = names.address_pieces(match.group())
    return " ".join(SAID_IN_ADDRESSES.get(piece) or _digit(piece) for piece in pieces)


def _digit(piece: str) -> str:
    return en_digits(piece) if piece.isdigit() else piece


def _et_cetera(match: Match) -> str:
    return "et cetera" if match["goes_on"] is not None else "et cetera."


def _phone(match: Match) -> str:
    plus = "plus " if match.group().startswith("+") else ""
    return plus + ", ".join(map(en_digits, names.phone_groups(match.group())))


def _version(match: Match) -> str:
    return f"{match['name']}{' point '.join(map(en_number, match['version'].split('.')))}"


def _beside_letters(match: Match) -> str:
    # "A four" would be read as "a four" is.
    return ("-" if match["a"] is not None else "") + en_code(match["digits"])


ADDRESSES: Final = (
    rule(names.EMAIL, _address),
    rule(names.HOST, _address),
    rule(names.IP_ADDRESS, lambda match: " dot ".join(map(en_digits, match.group().split(".")))),
)

BEFORE_NUMBERS: Final = (
    rule(rf"\b({'|'.join(NUMBERED)})\. ?(?=\d)", lambda match: f"{NUMBERED[match[1]]} "),
    rule(r"(?<!\w)# ?(?=\d)", "number "),
    rule(r"§ ?(?=\d)", "section "),
)

PHONES: Final = (
    rule(names.PHONE, _phone),
    rule(rf"{CALLED}(\d{{3,6}})(?![\w/-]|[.,:]\d| [a-z])", lambda match: match[1] + en_digits(match[2])),
    rule(r"\b[159]11(?= (?:call|operator|dispatcher))", lambda match: en_digits(match.group())),
)

CODES: Final = (
    rule(names.CARBON_OXIDE, "C-O"),
    rule(rf"{CODED}(\d{{3,}})(?![\w]|[.,:]\d)", lambda match: match[1] + en_digits(match[2])),
    rule(rf"(?P<name>{VERSIONED})(?P<version>\d+(?:\.\d+)+)(?!\w)", _version),
    rule(r"(?P<name>\b)v(?P<version>\d+(?:\.\d+)+)(?!\w)", lambda match: f"version {_version(match)}"),
    rule(r"(?<![\w.])(?P<name>)(?P<version>\d+(?:\.\d+){2,})(?!\w)", _version),
    rule(names.HYPHEN_BEFORE_DIGIT, " "),
    rule(r"(?P<a>(?<=\bA))?(?<=[A-Za-z])(?P<digits>\d{1,4})(?!\d|[.,]\d)", _beside_letters),
    rule(r"(?:(?<=[A-Z]{2} )|(?<=Boeing )|(?<=Airbus ))\d{3,4}(?!\w|[.,]\d)", lambda match: en_code(match.group())),
    rule(r"(?<![\w.,])\d{3,4}(?=[pP](?!\w))", lambda match: en_code(match.group())),
)

WORDS: Final = (
    # A full stop would be a pause for the voice.
    rule(rf"\b({'|'.join(TITLES)})\.(?= \w)", lambda match: TITLES[match[1]]),
    rule(r"(?<![\w.])e\.g\.", "for example"),
    rule(r"(?<![\w.])i\.e\.", "that is"),
    rule(r"\bvs\.", "versus"),
    rule(r"\bapprox\.", "approximately"),
    rule(r"\betc\.(?P<goes_on>(?= ?[a-z,;:)]))?", _et_cetera),
    rule(names.ACRONYM, names.letters_of),
    rule(r"\bC\+\+", "C plus plus"),
    rule(r"\b([CF])#(?!\w)", lambda match: f"{match[1]} sharp"),
    rule(r" *(?:→|⇒|->) *", " to "),
    rule(r" & ", " and "),
    rule("[™®©]", ""),
)
