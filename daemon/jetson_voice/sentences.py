"""Cut a stream of text into sentences, each given as soon as it is complete."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetson_voice.sentence_ends import (
    CLOSERS,
    ENDS,
    LOOK_BACK,
    TWO_FACED,
    Proof,
    is_proven,
    proof_needed,
)
from jetson_voice.spoken_text import UnspokenBlocks, spoken_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator

LONG = 200.0
"""Latin letters: about 15 seconds of speech. It must not wait for ever for a full stop."""

HANZI_LENGTH = 2.5
"""Latin letters: 80 hanzi take about as long to say as 200 letters."""

ENDLESS = 1000.0
"""Latin letters without so much as a space: no language, but it must not pile up."""

NEWLINES = frozenset("\n\u2028\u2029")


@dataclass(frozen=True)
class Sentence:
    """One piece of an answer: what the model wrote, and how it is spoken."""

    written: str
    """Exactly as streamed, with its white space and the unspoken text before it."""

    spoken: str
    """Without markdown and emoji; it always holds a letter or a digit."""


def split(chunks: Iterable[str]) -> Iterator[str]:
    """Give the sentences of a stream as they are spoken, each as soon as it is complete."""
    splitter = SentenceSplitter()
    for chunk in chunks:
        yield from (sentence.spoken for sentence in splitter.add(chunk))
    yield from (sentence.spoken for sentence in splitter.finish())


async def split_async(chunks: AsyncIterable[str]) -> AsyncGenerator[str, None]:
    """Do what `split` does, for an asynchronous stream."""
    async with aclosing(sentences_of(chunks)) as sentences:
        async for sentence in sentences:
            yield sentence.spoken


async def sentences_of(
    chunks: AsyncIterable[str], splitter: SentenceSplitter | None = None
) -> AsyncGenerator[Sentence, None]:
    """The sentences of a stream; give a new splitter to read its `rest` afterwards."""
    splitter = splitter or SentenceSplitter()
    async for chunk in chunks:
        for sentence in splitter.add(chunk):
            yield sentence
    for sentence in splitter.finish():
        yield sentence


class SentenceSplitter:
    """Reads character by character, so that where a chunk ends cannot matter.

    At any time what was `written` in the sentences given, and then `rest`, is the whole stream.
    """

    def __init__(self) -> None:
        self._blocks = UnspokenBlocks()
        self._given: list[Sentence] = []
        self._written: list[str] = []
        self._visible: list[str] = []  # what was written, less the unspoken blocks
        self._length = 0.0  # of what is visible, in Latin letters
        self._proof = Proof.NONE
        self._open: set[str] = set()  # the two-faced marks that wait for their partner
        self._clause: _Clause | None = None

    @property
    def rest(self) -> str:
        """Streamed, but in no sentence yet; after `finish`, text with nothing to speak."""
        return "".join(self._written) + self._blocks.held

    def add(self, chunk: str) -> list[Sentence]:
        """Give the sentences this chunk completes; no generator: unread it would read nothing."""
        for character in chunk.encode("utf-8", "replace").decode():  # half a surrogate pair is no text
            self._read_all(self._blocks.add(character))
            if self._blocks.held:
                self._cut_if_proven_by(self._blocks.held[0])
        return self._take()

    def finish(self) -> list[Sentence]:
        """Give the last sentence, if there is anything left to speak."""
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
        self._cut_if_proven_by(character)
        self._cut_if_too_long_before(character)
        is_over = character in NEWLINES or self._is_proven_by(character)
        self._proof = self._proof_needed_after(character)
        if character in TWO_FACED and character != self._last:
            self._open ^= {character}
        last = self._last
        self._append(character)
        if is_over:
            self._cut()
        elif self._length >= LONG / 2:
            self._note_clause(last, character)
        if character in NEWLINES:
            self._open.clear()

    def _append(self, character: str) -> None:
        self._written.append(character)
        self._visible.append(character)
        self._length += _length(character)

    def _cut_if_proven_by(self, character: str) -> None:
        """White space belongs to the sentence it follows; everything else begins the next one."""
        if not character.isspace() and self._is_proven_by(character):
            self._cut()

    def _is_proven_by(self, character: str) -> bool:
        if self._proof is Proof.NONE or self._is_closing(character):
            return False
        return is_proven(self._proof, self._tail, character)

    def _is_closing(self, character: str) -> bool:
        """Whether it still belongs to the end seen before it: "?!", "。”", "!**"."""
        if self._proof is Proof.NONE or self._last.isspace():
            return False
        if character in TWO_FACED and self._proof is Proof.ANYTHING:
            return character in self._open or character == self._last
        return character in ENDS or character in CLOSERS or character in TWO_FACED

    def _proof_needed_after(self, character: str) -> Proof:
        if character in ENDS and self._proof is not Proof.ANYTHING:
            return proof_needed(self._tail, character)
        return self._proof if self._is_closing(character) or character.isspace() else Proof.NONE

    def _cut_if_too_long_before(self, character: str) -> None:
        """Only before a word: what ends the word before it may be the better place."""
        is_at_word = self._proof is Proof.NONE and character.isalnum()
        if self._length >= ENDLESS or (self._clause and self._length >= LONG and is_at_word):
            self._cut(self._clause)

    def _note_clause(self, last: str, character: str) -> None:
        """Remember the best place to cut a long sentence; a semicolon is good at once."""
        is_space = character.isspace()
        if character == "；" or (is_space and last == ";"):
            self._cut()
            return
        is_comma = character in "，：、" or (is_space and last in {",", ":"})
        is_word_end = is_space or (_is_wide(character) and character.isalpha())
        if is_comma or (is_word_end and not (self._clause and self._clause.is_comma)):
            self._clause = _Clause(len(self._written), len(self._visible), is_comma)

    def _cut(self, clause: _Clause | None = None) -> None:
        """Give what was read, up to the clause; with nothing to speak it joins what follows."""
        written = clause.written if clause else len(self._written)
        visible = clause.visible if clause else len(self._visible)
        spoken = spoken_text("".join(self._visible[:visible]))
        if spoken:
            self._given.append(Sentence("".join(self._written[:written]), spoken))
            del self._written[:written]
        del self._visible[:visible]
        self._length = sum(map(_length, self._visible))
        self._proof = Proof.NONE
        self._clause = None

    @property
    def _last(self) -> str:
        return self._visible[-1] if self._visible else ""

    @property
    def _tail(self) -> str:
        return "".join(self._visible[-LOOK_BACK:])


@dataclass(frozen=True)
class _Clause:
    """Where a clause ends, in what was written and in what is visible."""

    written: int
    visible: int
    is_comma: bool


def _length(character: str) -> float:
    return HANZI_LENGTH if _is_wide(character) else 1.0


def _is_wide(character: str) -> bool:
    return character >= "\u2e80"
