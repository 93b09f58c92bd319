"""Cut a stream of text into sentences, each given as soon as it is complete."""

from __future__ import annotations

import re
import unicodedata
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from jetson_voice.spoken_text import UnspokenBlocks, spoken_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator

# Speech must not wait for ever for a full stop: 200 Latin letters or 80 hanzi last about 15 seconds.
LONG = 200.0
LETTERS_PER_HANZI = 2.5
# Not even for a clause to end: by then it is no language that anybody speaks.
ENDLESS = 1000.0

CHINESE_ENDS = frozenset("。！？｡…⋯‥")
ENDS = CHINESE_ENDS | frozenset(".!?．")
NEWLINES = frozenset("\n\u2028\u2029")
CLOSERS = frozenset("”’」』）》】〕〉｝］＂＇»)]}~～")
TWO_FACED = frozenset("\"'*_`")  # they open as well as close
LOOK_BACK = 24  # characters: room for the longest abbreviation

NEVER_LAST = frozenset(
    "Mr Mrs Ms Mx Messrs Mme Dr Prof St Mt Gen Col Lt Sgt Capt Rev Hon Gov Sen Rep Pres "
    "e.g E.g i.e I.e eg ie vs cf viz approx".split()
)
MAYBE_LAST = frozenset(
    "etc al a.m p.m A.M P.M Ph.D M.D Inc Ltd Co Corp Jr Sr Ave Blvd Rd Dept".split()
)
BEFORE_A_NUMBER = frozenset(
    "No no Nos nos Fig fig Figs Vol vol Ch Sec Eq p pp "
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec".split()
)
INITIALS = re.compile(r"(?!I$)[A-Z](?:\.[A-Z])*|[a-z](?:\.[a-z])+")
LIST_NUMBER = re.compile(r"[\s>*_#+(\"“-]*(?:\d{1,3}(?:[.．]\d{1,3})*|[A-Za-z]|[ivx]+)")
LAST_WORD = re.compile(r"(?<![\w.&'’-])[A-Za-z][A-Za-z.]*$", re.ASCII)
RANGE_OF_NUMBERS = re.compile(r"\d[…⋯‥]+$")


@dataclass(frozen=True)
class Sentence:
    """One piece of an answer: what the model wrote, and how it is spoken."""

    written: str
    """Exactly as streamed, with its white space and the unspoken text before it."""

    spoken: str
    """Without markdown and emoji; it always holds a letter or a digit."""


def split(chunks: Iterable[str]) -> Iterator[str]:
    """The sentences of a stream as they are spoken, each as soon as it is complete."""
    splitter = SentenceSplitter()
    for chunk in chunks:
        yield from (sentence.spoken for sentence in splitter.add(chunk))
    yield from (sentence.spoken for sentence in splitter.finish())


async def split_async(chunks: AsyncIterable[str]) -> AsyncGenerator[str, None]:
    """The asynchronous twin of `split`."""
    async with aclosing(sentences_of(chunks)) as sentences:
        async for sentence in sentences:
            yield sentence.spoken


async def sentences_of(
    chunks: AsyncIterable[str], splitter: SentenceSplitter | None = None
) -> AsyncGenerator[Sentence, None]:
    """The sentences of a stream; bring a `splitter` of your own to read its `rest` afterwards."""
    splitter = splitter or SentenceSplitter()
    async for chunk in chunks:
        for sentence in splitter.add(chunk):
            yield sentence
    for sentence in splitter.finish():
        yield sentence


class SentenceSplitter:
    """Reads character by character, so that where a chunk ends cannot matter.

    At any time all that was `written` in the sentences given, and then `rest`, is the stream.
    """

    def __init__(self) -> None:
        self._blocks = UnspokenBlocks()
        self._given: list[Sentence] = []
        self._written: list[str] = []
        self._visible: list[str] = []  # what was written, less the unspoken blocks
        self._length = 0.0  # of what is visible, in Latin letters
        self._proof = _Proof.NONE
        self._open: set[str] = set()  # the two-faced marks that wait for their partner
        self._clause: _Clause | None = None

    @property
    def rest(self) -> str:
        """Streamed but in no sentence yet; after `finish`, a rest in which nothing is spoken."""
        return "".join(self._written) + self._blocks.held

    def add(self, chunk: str) -> list[Sentence]:
        """The sentences this chunk completes. Not a generator: one left unread would lose text."""
        for character in chunk:
            if not self._blocks.held:
                self._settle(character)
            self._read_all(self._blocks.add(character))
        return self._take()

    def finish(self) -> list[Sentence]:
        """The last sentence, if there is anything left to speak."""
        self._read_all(self._blocks.finish())
        self._cut()
        return self._take()

    def _take(self) -> list[Sentence]:
        given, self._given = self._given, []
        return given

    def _read_all(self, characters: list[tuple[str, bool]]) -> None:
        for character, is_visible in characters:
            if is_visible:
                self._read(character)
            else:
                self._written.append(character)
                if character in NEWLINES:
                    self._cut()

    def _read(self, character: str) -> None:
        self._settle(character)
        if self._is_too_long_before(character):
            self._cut_at_clause()
        last, is_proof = self._last, self._is_end_proven_by(character)
        self._proof = self._proof_needed_after(character)
        self._append(character)
        if is_proof or character in NEWLINES:
            self._cut()
        elif self._length >= LONG / 2:
            self._note_clause(last, character)
        if character in NEWLINES:
            self._open.clear()

    def _settle(self, character: str) -> None:
        """Cut before `character` if it proves an end; white space belongs to what it follows."""
        if not character.isspace() and self._is_end_proven_by(character):
            self._cut()

    def _is_end_proven_by(self, character: str) -> bool:
        after_space = self._last.isspace()
        if self._proof is _Proof.NONE or (not after_space and self._belongs_to_end(character)):
            return False
        if self._proof is _Proof.ANYTHING:
            is_link = self._last == "]" and character == "("
            return not is_link and not (character.isdigit() and RANGE_OF_NUMBERS.search(self._tail))
        if self._proof is _Proof.SPACE:
            return character.isspace() or _needs_no_space(character)
        if self._proof is _Proof.CAPITAL:
            return _needs_no_space(character) or (after_space and character.isupper())
        return after_space and not (character.isspace() or character.isdigit() or character == "#")

    def _belongs_to_end(self, character: str) -> bool:
        if character in TWO_FACED and self._proof is _Proof.ANYTHING:
            return character in self._open or character == self._last
        return character in ENDS or character in CLOSERS or character in TWO_FACED

    def _proof_needed_after(self, character: str) -> _Proof:
        """What has to follow `character` so that the sentence is over."""
        if character in ENDS:
            return self._proof_needed_after_end(character)
        waits = self._belongs_to_end(character) or character.isspace()
        return self._proof if waits and self._proof is not _Proof.NONE else _Proof.NONE

    def _proof_needed_after_end(self, end: str) -> _Proof:
        if end in CHINESE_ENDS or self._proof is _Proof.ANYTHING:
            return _Proof.ANYTHING
        if end in "!?" or self._last in ENDS:
            return _Proof.SPACE
        if len(self._visible) < LOOK_BACK and LIST_NUMBER.fullmatch(self._tail):
            return _Proof.NONE
        word = LAST_WORD.search(self._tail)
        return _proof_needed_after_word(word.group()) if word else _Proof.SPACE

    def _append(self, character: str) -> None:
        if character in TWO_FACED and character != self._last:
            self._open ^= {character}
        self._written.append(character)
        self._visible.append(character)
        self._length += _length(character)

    def _is_too_long_before(self, character: str) -> bool:
        if self._length >= ENDLESS:
            return True
        return self._length >= LONG and self._proof is _Proof.NONE and character.isalnum()

    def _cut_at_clause(self) -> None:
        if self._clause or self._length >= ENDLESS:
            self._cut(self._clause)

    def _note_clause(self, last: str, character: str) -> None:
        """Remember the best place to cut. The first half is no such place: pieces stay long."""
        is_space = character.isspace()
        if character == "；" or (is_space and last == ";"):
            self._cut()
            return
        is_comma = character in "，：、" or (is_space and last in {",", ":"})
        is_word_end = is_space or (_is_wide(character) and character.isalpha())
        if is_comma or (is_word_end and not (self._clause and self._clause.is_comma)):
            self._clause = _Clause(len(self._written), len(self._visible), is_comma)

    def _cut(self, clause: _Clause | None = None) -> None:
        """Give what was read, up to the `clause`; with nothing to speak it joins what follows."""
        end = clause or _Clause(len(self._written), len(self._visible), is_comma=False)
        spoken = spoken_text("".join(self._visible[: end.visible]))
        if spoken:
            self._given.append(Sentence("".join(self._written[: end.written]), spoken))
            del self._written[: end.written]
        del self._visible[: end.visible]
        self._length = sum(map(_length, self._visible))
        self._proof = _Proof.NONE
        self._clause = None

    @property
    def _last(self) -> str:
        return self._visible[-1] if self._visible else ""

    @property
    def _tail(self) -> str:
        return "".join(self._visible[-LOOK_BACK:])


class _Proof(Enum):
    """What has to follow so that the text before is a whole sentence."""

    NONE = auto()
    """Nothing does: no end was seen."""
    ANYTHING = auto()
    """Any character but a closing one."""
    SPACE = auto()
    """White space, or a script written without it."""
    CAPITAL = auto()
    """A new beginning: "etc." may be the last word."""
    NO_DIGIT = auto()
    """Something other than the number that makes an abbreviation of "No."."""


@dataclass(frozen=True)
class _Clause:
    """Where a clause ends, in what was written and in what is visible."""

    written: int
    visible: int
    is_comma: bool


def _proof_needed_after_word(word: str) -> _Proof:
    if word in NEVER_LAST:
        return _Proof.NONE
    if word in MAYBE_LAST:
        return _Proof.CAPITAL
    if word in BEFORE_A_NUMBER:
        return _Proof.NO_DIGIT
    if INITIALS.fullmatch(word):
        return _Proof.NONE if word[0].isupper() else _Proof.CAPITAL
    return _Proof.SPACE


def _needs_no_space(character: str) -> bool:
    """Whether it begins a sentence right after a full stop: hanzi, emoji, Chinese brackets."""
    return not character.isascii() and unicodedata.category(character) in {"Lo", "So", "Ps", "Pi"}


def _length(character: str) -> float:
    return LETTERS_PER_HANZI if _is_wide(character) else 1.0


def _is_wide(character: str) -> bool:
    return character >= "\u2e80"
