"""A rule is a pattern and how its match is said; what rules say is set apart from the letters beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

Match: TypeAlias = re.Match[str]

INTEGER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
NUMBER = rf"{INTEGER}(?:\.\d+)?"
START = r"(?<![\d^])(?<!\d[.,])"
"""Where a number may begin: never inside another one. With it a pattern scans a run of digits only once."""

FREE = r"(?<![\w^.])(?<!\d,)"
"""Where a number may begin that is no part of a name, as it is in `MP3`."""

MINUS = r"(?<![\w)\]-])-"
"""A sign; the hyphen of `GPT-4` and of `3-5` is none."""

PLUS = r"(?<![\w)])\+(?=\d)"

TO = r"(?:[-–—]| ?[~～] ?)"
"""What stands between the ends of a range."""

RUN_OF_SPACES = re.compile(" {2,}")


@dataclass(frozen=True)
class Rule:
    """What is recognised, and how it is said."""

    pattern: re.Pattern[str]
    say: Callable[[Match], str | None]
    """None when the match turns out to be something else; then it is left to the next rules."""


def rule(pattern: str, say: Callable[[Match], str | None] | str) -> Rule:
    """A rule from its pattern, in which hanzi are no word characters, and from what is said or how to find it."""
    return Rule(re.compile(pattern, re.ASCII), (lambda _: say) if isinstance(say, str) else say)


def applied(rules: Iterable[Rule], text: str) -> str:
    """The text after each rule in turn: an earlier rule decides what a later one gets to see."""
    for each in rules:
        text = each.pattern.sub(partial(_said, each), text)
    return RUN_OF_SPACES.sub(" ", text).strip(" ")


def _said(rule: Rule, match: Match) -> str:
    said = rule.say(match)
    if said is None or said == match.group():
        return match.group()
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return _gap(before, said[:1]) + said + _gap(said[-1:], after)


def joined(*pieces: str) -> str:
    """The pieces as one text, with a space wherever letters would touch what was not written together."""
    text = ""
    for piece in pieces:
        text += _gap(text[-1:], piece[:1]) + piece
    return text


def _gap(before: str, after: str) -> str:
    """A space between a letter and a letter, hanzi or digit; hanzi stand together."""
    touching = before.isalnum() and after.isalnum()
    return " " if touching and (_is_letter(before) or _is_letter(after)) else ""


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
