"""Addresses, telephone numbers and acronyms, which are written alike in both languages."""

from __future__ import annotations

import re

from jetson_voice.reading.rules import Match

EMAIL = r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
ENDINGS = (
    "com|org|net|edu|gov|io|ai|cn|dev|app|co|uk|tv|info|xyz|html?|py|js|ts|json|toml|ya?ml|txt|md|pdf|csv|xml"
    "|jpe?g|png|gif|mp[34]|wav|zip|exe|sh|conf|log|ini|docx?|xlsx?"
)
HOST = rf"(?<![\w@.-])(?:[\w-]+\.)+(?:{ENDINGS})(?![\w-])"
"""A host's name, or a file's: what ends like one."""

IP_ADDRESS = r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)"
HYPHEN_BEFORE_DIGIT = r"(?:(?<=[A-Za-z]{2})|(?<=[A-Z]))-(?=\d)"
"""The one of GPT-4; x-1 is a difference."""

PIECE = re.compile(r"[A-Za-z]+|[\d_.@+-]", re.ASCII)

NO_CODE_AFTER = r"(?![\w-]|\.\d)"
PHONE = (
    r"(?<![\w.+/-])(?:"
    r"\+\d{1,3}(?:[ -]\(?\d{2,4}\)?){2,4}"  # international
    r"|1[3-9]\d[- ]?\d{4}[- ]?\d{4}"  # a Chinese mobile
    r"|0\d{2,3}-\d{7,8}"  # a Chinese line at home
    r"|(?:1-)?(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}|\d{3} \d{3} \d{4}"
    r"|[2-9]\d{2}-\d{2}(?!00)\d{2}"  # local; 500-1000 is a range
    rf"){NO_CODE_AFTER}"
)
MOBILE = re.compile(r"(\d{3})(\d{4})(\d{4})")

# espeak-ng 1.52 reads these as words ("led", "iot" as "ee-oh-t"); GPU, USB, AI and most others it spells by itself.
SPELLED = "LED|EV|IoT|AWS|ETA|ASR|CLI|UX|QA|IDE|AAC|EQ|IQ|IMF|ICU|UAE|IC|VIP"
ACRONYM = rf"(?<![\w-])(?P<letters>{SPELLED})(?P<plural>s?)(?![\w-])"
CARBON_OXIDE = r"\bCO(?=2(?!\w))"


def address_pieces(address: str) -> list[str]:
    """Words, single digits and signs."""
    return PIECE.findall(address)


def phone_groups(phone: str) -> list[str]:
    """The digits of a telephone number in the groups that are said without a pause."""
    groups = re.findall(r"\d+", phone)
    mobile = MOBILE.fullmatch(groups[0]) if len(groups) == 1 else None
    return list(mobile.groups()) if mobile else groups


def letters_of(acronym: Match) -> str:
    """Each letter stressed: after a space, espeak would say "a" as in "a book"."""
    return "-".join(acronym["letters"].upper()) + acronym["plural"]
