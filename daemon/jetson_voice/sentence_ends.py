"""Which marks end a sentence, and what has to follow them before that is certain."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

FULL_STOPS = frozenset("。｡")
CHINESE_ENDS = FULL_STOPS | frozenset("！？")
ELLIPSES = frozenset("…⋯‥")
OTHER_ENDS = frozenset("؟۔।॥։።။។៕།\u037e")
"""Arabic, Urdu, Hindi, Armenian, Ethiopic, Burmese, Khmer, Tibetan, Greek: they end a sentence and nothing else."""

DOTS = frozenset(".．")
ENDS = CHINESE_ENDS | OTHER_ENDS | ELLIPSES | DOTS | frozenset("!?")
CLOSERS = frozenset("”’」』）》】〕〉｝］＂＇»)]}~～")
TWO_FACED = frozenset("\"'*_`")
"""Quotes and markdown marks that look the same where they open and where they close."""

EMPHASIS = frozenset("*_`~～")
GOING_ON = frozenset("，、；：,;:")
BEGINNERS = TWO_FACED | frozenset("“‘„«「『¿¡[-–—")
"""What may stand before the first letter of a sentence. No bracket: an aside belongs to the sentence before it."""

PARTICLES = frozenset("的吗呢吧嘛么")
QUOTATIVES = frozenset("とっ")
"""Japanese: 「行こう！」と言った is one sentence."""

LOOK_BACK = 24
"""Characters of text before a full stop that decide about it: more than any abbreviation has."""

LONG_WORD = 5
"""Letters: what is shorter may be an abbreviation that no list here knows."""

TITLE = re.compile(
    r"Mr|Mrs|Ms|Mx|Messrs|Mme|Dr|Prof|Mt|Ft|Gen|Col|Lt|Maj|Adm|Sgt|Capt|Rev|Hon|Gov|Sen|Rep|Pres"
    r"|[Ee]\.g|[Ii]\.e|eg|ie|vs|cf|viz|approx|a\.k\.a"
)
MAYBE_LAST = re.compile(
    r"etc|al|[Cc]o|[ap]\.m|[AP]\.M|Ph\.D|M\.D|Inc|Ltd|Corp|Jr|Sr|Ave|Blvd|Rd|Dept|[a-z](?:\.[a-z])+"
)
NUMBERED = re.compile(
    r"St|[Ff]igs?|[Vv]ol|Ch|Sec|Eq|pp?|v|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[A-Z](?:\.[A-Z])*"
)
"""Followed by a name or a number it goes on, be it "St. James", "U.S. Army", "Albert I. Jones" or "Fig. A"."""

ANNOUNCES_NUMBER = re.compile(r"(?:\b[Nn]os?|N°|№)$")
# "At 5 a.m." has no verb yet.
HOUR = re.compile(r"\W*(?:(?:At|By|From|Until|Before|After|Since|Around)\s+)?\d{1,2}(?::\d\d)?\s*[AaPp]\.[Mm]")
LIST_NUMBER = re.compile(r"[\s>*_#+(\"“•⁃-]*(?:\d{1,3}(?:[.．]\d{1,3})*|[A-Za-z]|[ivx]+)\\?")
LAST_WORD = re.compile(r"(?<![\w.&'’-])[A-Za-z][A-Za-z.]*$", re.ASCII)
SMALL_NUMBER = re.compile(r"(?<![\d.,])\d{1,3}$")
SPACED_DOTS = re.compile(r"(?:\.\s){1,2}$")
GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]$")

OPENING_WORD = re.compile(
    r"A|An|The|This|That|These|Those|There|Here|I|You|He|She|It|We|They|My|Your|His|Her|Its|Our|Their|One"
    r"|Some|Many|Most|All|Both|Each|Every|Another|No|Not|Nobody|Nothing|How|What|When|Where|Which|Who|Whom"
    r"|Whose|Why|Is|Are|Was|Were|Am|Be|Do|Does|Did|Can|Could|Will|Would|Shall|Should|May|Might|Must|Have"
    r"|Has|Had|Let|And|But|Or|So|Yet|Nor|If|As|At|By|For|From|In|Into|Of|On|To|With|Without|Under|Over"
    r"|Until|Since|Before|After|During|While|Because|Although|Though|Unless|Once|Then|Now|Today|However"
    r"|Therefore|Also|Instead|Maybe|Perhaps|Please|Yes|Just|Only|Even|Still"
)
"""Words of English that begin sentences and are no names: after "the U.S." they tell a new sentence from a name."""


class Proof(Enum):
    """What has to follow so that the text before is a whole sentence."""

    NOTHING = auto()
    """It is one already."""

    ANYTHING = auto()
    """Any character, after the closing ones."""

    SPACE = auto()
    """White space, where no quote or bracket is open; the beginning of text in a script written without it."""

    NO_LOWER_CASE = auto()
    """A word that does not begin in lower case: "Yahoo! in", "min. order", "'Great.' she said" go on."""

    CAPITAL = auto()
    """A word in upper case, for "etc." may end a sentence or not."""

    OPENING_WORD = auto()
    """A word that OPENING_WORD matches."""

    NO_NUMBER = auto()
    """Any word, but not the number that "No." may announce."""


def proof_needed(before: str, end: str, *, in_aside: bool, is_enclosed: bool) -> Proof | None:
    """What makes `end` the end; None where it cannot be one.

    `before` is the sentence so far, cut to LOOK_BACK; `in_aside`: in a title or a bracket within the sentence;
    `is_enclosed`: in any quote or bracket.
    """
    if end == ";":
        return Proof.NO_LOWER_CASE if GREEK.search(before) else None
    if end in DOTS and len(before) < LOOK_BACK and (LIST_NUMBER.fullmatch(before) or HOUR.fullmatch(before)):
        return None
    if end in FULL_STOPS:
        return Proof.ANYTHING if is_enclosed else Proof.NOTHING
    if end in DOTS:
        return _proof_of_dot(before)
    if in_aside:
        return None
    is_latin = end in "!?" or (end in ELLIPSES and (before[-1:].isdigit() or before[-1:].isascii()))
    return Proof.NO_LOWER_CASE if is_latin else Proof.ANYTHING


def _proof_of_dot(before: str) -> Proof | None:
    if before[-1:].isspace():
        return None if SPACED_DOTS.search(before) and not before.endswith(". . . ") else Proof.NO_LOWER_CASE
    if ANNOUNCES_NUMBER.search(before):
        return Proof.NO_NUMBER
    word = LAST_WORD.search(before)
    if word:
        return _proof_after_word(word.group())
    is_plain_number = before[-1:].isdigit() and not SMALL_NUMBER.search(before)
    return Proof.SPACE if is_plain_number else Proof.NO_LOWER_CASE


def _proof_after_word(word: str) -> Proof | None:
    if TITLE.fullmatch(word):
        return None
    if MAYBE_LAST.fullmatch(word):
        return Proof.CAPITAL
    if NUMBERED.fullmatch(word):
        return Proof.OPENING_WORD
    return Proof.SPACE if len(word) >= LONG_WORD else Proof.NO_LOWER_CASE


class Verdict(Enum):
    """What a character tells about the possible end before it."""

    BELONGS = auto()
    """It still belongs to the sentence: a closing quote, white space."""

    WAITS = auto()
    """Should the sentence have ended, it belongs to the next one; more must be read."""

    ENDS = auto()
    """The sentence has ended."""

    GOES_ON = auto()
    """There was no end."""


class PossibleEnd:
    """The end of a sentence that is not yet proven, and what was read since."""

    def __init__(self, proof: Proof) -> None:
        self._proof = proof
        self._last = ""
        self._is_closed = False  # by a quote or a bracket
        self._is_spaced = False
        self._next = ""  # the first word of what may be the next sentence, or what stands before it

    def is_certain(self, *, is_enclosed: bool) -> bool:
        """Whether nothing more needs to follow."""
        if self._proof is Proof.NOTHING:
            return True
        if not self._is_spaced or self._next:
            return False
        is_plain = self._proof is Proof.SPACE and not self._is_closed and not is_enclosed
        return is_plain or self._proof is Proof.ANYTHING

    def verdict(self, character: str, *, is_closing: bool) -> Verdict:
        """What the next character tells; `is_closing`: it is the partner of an open quote, bracket or mark."""
        if not self._is_spaced and self._clings(character, is_closing=is_closing):
            return Verdict.BELONGS
        if character.isspace() and (not self._next or self._next in BEGINNERS):
            return Verdict.WAITS if self._next else Verdict.BELONGS
        if self._proof is Proof.ANYTHING:
            return self._verdict_in_chinese(character)
        if not self._is_spaced:
            goes_on = self._proof in {Proof.CAPITAL, Proof.OPENING_WORD} or character in PARTICLES
            return Verdict.ENDS if needs_no_space(character) and not goes_on else Verdict.GOES_ON
        if is_closing and not self._next and character not in EMPHASIS:
            return Verdict.BELONGS
        return self._verdict_on_word(character)

    def read(self, character: str, verdict: Verdict) -> None:
        """Take note of a character that BELONGS or WAITS."""
        if character.isspace():
            self._is_spaced = True
        elif verdict is Verdict.WAITS:
            self._next = character if self._next in BEGINNERS else self._next + character
        elif character in CHINESE_ENDS:
            self._proof = Proof.ANYTHING
        elif character in ENDS and self._proof is not Proof.ANYTHING:
            self._proof = Proof.NO_LOWER_CASE
        elif character not in EMPHASIS:
            self._is_closed = True
        self._last = character

    def _clings(self, character: str, *, is_closing: bool) -> bool:
        """Whether it belongs to the end, like the rest of "?!", "。”", "!**"."""
        if character in TWO_FACED and self._proof is Proof.ANYTHING:
            return is_closing or character == self._last
        return is_closing or character in ENDS or character in CLOSERS or character in TWO_FACED

    def _verdict_in_chinese(self, character: str) -> Verdict:
        is_particle = self._is_closed and (character in PARTICLES or (character in QUOTATIVES and self._last in "」』"))
        is_link = self._last == "]" and character == "("
        goes_on = character in GOING_ON or is_particle or is_link
        return Verdict.GOES_ON if goes_on else Verdict.ENDS

    def _verdict_on_word(self, character: str) -> Verdict:
        """After white space, in a script that has words."""
        if self._proof is Proof.OPENING_WORD:
            return self._verdict_on_whole_word(character)
        if character in BEGINNERS:
            return Verdict.WAITS
        if character in GOING_ON or character in ENDS or character in CLOSERS or character == "(":
            return Verdict.GOES_ON
        match self._proof:
            case Proof.CAPITAL:
                ends = character.isupper()
            case Proof.NO_NUMBER:
                ends = not character.isdigit() and character != "#"
            case _:
                ends = not character.islower() or (self._proof is Proof.SPACE and not self._is_closed)
        return Verdict.ENDS if ends else Verdict.GOES_ON

    def _verdict_on_whole_word(self, character: str) -> Verdict:
        if character.isascii() and character.isalpha() and len(self._next) < LOOK_BACK:
            return Verdict.WAITS
        if not self._next or self._next in BEGINNERS:
            if character in BEGINNERS:
                return Verdict.WAITS
            return Verdict.ENDS if needs_no_space(character) else Verdict.GOES_ON
        return Verdict.ENDS if OPENING_WORD.fullmatch(self._next) else Verdict.GOES_ON


def needs_no_space(character: str) -> bool:
    """Whether it may begin a sentence right after a full stop: hanzi, emoji, opening quotes."""
    return not character.isascii() and unicodedata.category(character) in {"Lo", "So", "Ps", "Pi"}
