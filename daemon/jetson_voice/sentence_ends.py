"""Which full stops end a sentence: what has to follow them before that is certain."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

CHINESE_ENDS = frozenset("。！？｡…⋯‥")
ENDS = CHINESE_ENDS | frozenset(".!?．")
CLOSERS = frozenset("”’」』）》】〕〉｝］＂＇»)]}~～")
TWO_FACED = frozenset("\"'*_`")
"""Quotes and markdown marks that look the same where they open and where they close."""

LOOK_BACK = 24
"""Characters of text before a full stop that decide about it: more than any abbreviation has."""

TITLE = re.compile(
    r"Mr|Mrs|Ms|Mx|Messrs|Mme|Dr|Prof|St|Mt|Gen|Col|Lt|Sgt|Capt|Rev|Hon|Gov|Sen|Rep|Pres"
    r"|[Ee]\.g|[Ii]\.e|eg|ie|vs|cf|viz|approx"
)
MAYBE_LAST = re.compile(r"etc|al|[ap]\.m|[AP]\.M|Ph\.D|M\.D|Inc|Ltd|Co|Corp|Jr|Sr|Ave|Blvd|Rd|Dept|[a-z](?:\.[a-z])+")
BEFORE_NUMBER = re.compile(
    r"[Nn]os?|[Ff]igs?|[Vv]ol|Ch|Sec|Eq|pp?"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
INITIALS = re.compile(r"(?!I$)[A-Z](?:\.[A-Z])*")
LIST_NUMBER = re.compile(r"[\s>*_#+(\"“-]*(?:\d{1,3}(?:[.．]\d{1,3})*|[A-Za-z]|[ivx]+)\\?")
LAST_WORD = re.compile(r"(?<![\w.&'’-])[A-Za-z][A-Za-z.]*$", re.ASCII)
RANGE_OF_NUMBERS = re.compile(r"\d[…⋯‥]+$")


class Proof(Enum):
    """What has to follow so that the text before is a whole sentence."""

    NONE = auto()
    """Nothing would do: there was no end."""

    ANYTHING = auto()
    """Any character, after the closing ones."""

    SPACE = auto()
    """White space, or the beginning of text in a script written without it."""

    CAPITAL = auto()
    """The beginning of a new sentence, for "etc." may end one or not."""

    NO_DIGIT = auto()
    """Anything but the number that "No." may announce."""


def proof_needed(before: str, end: str) -> Proof:
    """Tell what makes `end` the end; `before` is the sentence so far, cut to LOOK_BACK."""
    if end in CHINESE_ENDS:
        return Proof.ANYTHING
    if end in "!?" or before[-1:] in ENDS:
        return Proof.SPACE
    if len(before) < LOOK_BACK and LIST_NUMBER.fullmatch(before):
        return Proof.NONE
    word = LAST_WORD.search(before)
    return _proof_after_word(word.group()) if word else Proof.SPACE


def _proof_after_word(word: str) -> Proof:
    if TITLE.fullmatch(word):
        return Proof.NONE
    if MAYBE_LAST.fullmatch(word):
        return Proof.CAPITAL
    if BEFORE_NUMBER.fullmatch(word):
        return Proof.NO_DIGIT
    return Proof.NONE if INITIALS.fullmatch(word) else Proof.SPACE


def is_proven(proof: Proof, before: str, following: str) -> bool:
    """Whether `following`, which closes nothing, proves the text before it to be a sentence."""
    after_space = before[-1:].isspace()
    if proof is Proof.ANYTHING:
        is_link = before.endswith("]") and following == "("
        return not is_link and not (following.isdigit() and RANGE_OF_NUMBERS.search(before))
    if proof is Proof.SPACE:
        return following.isspace() or needs_no_space(following)
    if proof is Proof.CAPITAL:
        return needs_no_space(following) or (after_space and following.isupper())
    if proof is Proof.NO_DIGIT:
        return after_space and not (following.isspace() or following.isdigit() or following == "#")
    return False


def needs_no_space(character: str) -> bool:
    """Whether it may begin a sentence right after a full stop: hanzi, emoji, opening quotes."""
    return not character.isascii() and unicodedata.category(character) in {"Lo", "So", "Ps", "Pi"}
