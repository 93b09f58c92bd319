"""Cut a stream of text into sentences, each given as soon as it is certain to be complete."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetson_voice.clauses import (
    FIRST_CLAUSE,
    FIRST_GROUP,
    begin_of_word_group,
    is_long_enough,
    is_over,
    is_over_before,
    is_wide,
    length_of,
    spoken_length,
)
from jetson_voice.list_items import BULLETS, LONGEST_NUMBER, NEEDS_NO_SPACE, ListItems
from jetson_voice.open_marks import OpenMarks
from jetson_voice.sentence_ends import ENDS, LOOK_BACK, PossibleEnd, Verdict, proof_needed
from jetson_voice.spoken_text import UnspokenBlocks, spoken_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator

LONG = 200.0
"""Latin letters: about 15 seconds of speech. It must not wait for ever for a full stop."""

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


@dataclass(frozen=True)
class _Place:
    """A place in what is not yet given: in what was written, and in what is visible of it."""

    written: int = 0
    visible: int = 0


class SentenceSplitter:
    """Reads character by character, so that where a chunk ends cannot matter.

    At any time what was `written` in the sentences given, and then `rest`, is the whole stream.

    With `first_at_clause` the first piece may end with a clause, so that the first sound comes early: with a comma,
    a colon, a semicolon or a dash, once FIRST_CLAUSE is spoken (clauses.py); where none comes with a group of words,
    once FIRST_GROUP is, and is spoken as if a comma came. All the others are whole sentences.
    """

    def __init__(self, *, first_at_clause: bool = False) -> None:
        self._blocks = UnspokenBlocks()
        self._given: list[Sentence] = []
        self._written: list[str] = []
        self._visible: list[str] = []  # what was written, less the unspoken blocks
        self._length = 0.0  # of what is visible, in Latin letters
        self._has_words = False  # whether a letter or a digit is visible
        self._marks = OpenMarks()
        self._end: PossibleEnd | None = None
        self._end_place = _Place()
        self._word_place = _Place()
        self._items = ListItems()
        self._clause: _Place | None = None
        self._is_comma_clause = False
        self._may_end_at_clause = first_at_clause

    @property
    def rest(self) -> str:
        """Streamed, but in no sentence yet; after `finish`, text with nothing to speak."""
        return "".join(self._written) + self._blocks.held

    def add(self, chunk: str) -> list[Sentence]:
        """Give the sentences this chunk completes; no generator: unread it would read nothing."""
        for character in chunk.encode("utf-8", "replace").decode():  # half a surrogate pair is no text
            self._read_all(self._blocks.add(character))
            if self._blocks.held:
                self._cut_if_ended_before(self._blocks.held[0])
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
        self._cut_if_item_begins_before(character)
        self._cut_if_ended_before(character)
        self._cut_if_too_long_before(character)
        self._cut_if_clause_ended_before(character)
        before = self._last
        self._look_for_end_at(character)
        self._marks.read(character, before, in_sentence=self._has_words)
        if character in NEWLINES or (self._end and self._end.is_certain(is_enclosed=bool(self._marks))):
            self._cut()
        self._cut_if_clause_is_over()
        self._cut_if_word_group_is_over()
        if self._length >= LONG / 2:
            self._note_clause(before, character)
        if character in NEWLINES:
            self._marks.close_all()
            self._items.end()

    def _cut_if_item_begins_before(self, character: str) -> None:
        if character.isspace() or not self._visible:
            return
        after_space = self._last.isspace()
        after_escape = self._visible[-2:] == ["\\", "n"] and not character.islower()  # a newline, escaped twice
        if after_escape or (character in BULLETS and after_space):
            self._cut()
        elif after_space or self._last in NEEDS_NO_SPACE:
            self._cut_if_number_was_read_before(character)

    def _cut_if_number_was_read_before(self, character: str) -> None:
        place = self._word_place.visible
        word = "".join(self._visible[place : place + LONGEST_NUMBER])
        before = "".join(self._visible[max(0, place - LOOK_BACK) : place]).rstrip()
        position = self._items.begins_with(word, before, character)
        if position == "next":
            self._cut(self._word_place)
        if position:
            self._end = None

    def _cut_if_ended_before(self, character: str) -> None:
        if self._end and self._verdict_on(self._end, character) is Verdict.ENDS:
            self._cut(self._end_place)

    def _verdict_on(self, end: PossibleEnd, character: str) -> Verdict:
        return end.verdict(character, is_closing=self._marks.has_partner(character))

    def _cut_if_too_long_before(self, character: str) -> None:
        """Only before a word: what ends the word before it may be the better place."""
        is_at_word = not self._end and character.isalnum()
        if self._length >= ENDLESS or (self._clause and self._length >= LONG and is_at_word):
            self._cut(self._clause)

    def _look_for_end_at(self, character: str) -> None:
        """Read the character, and whether it may end the sentence, or what it tells about the end before it."""
        verdict = self._verdict_on(self._end, character) if self._end else Verdict.GOES_ON
        if verdict is not Verdict.GOES_ON and self._end:
            self._end.read(character, verdict)
        else:
            self._end = self._possible_end_at(character)
        self._append(character)
        if self._end and verdict is not Verdict.WAITS:
            self._end_place = self._here

    def _possible_end_at(self, character: str) -> PossibleEnd | None:
        if character not in ENDS and character != ";":
            return None
        marks = self._marks
        proof = proof_needed(self._tail, character, in_aside=marks.in_aside, is_enclosed=bool(marks))
        return PossibleEnd(proof) if proof else None

    def _append(self, character: str) -> None:
        if not character.isspace() and (not self._last or self._last.isspace()):
            self._word_place = self._here
        self._written.append(character)
        self._visible.append(character)
        self._length += length_of(character)
        self._has_words = self._has_words or character.isalnum()

    def _cut_if_clause_ended_before(self, character: str) -> None:
        if self._may_end_at_clause and not self._end and character.isalnum() and is_over_before(self._tail, character):
            self._cut_if_speakable()

    def _cut_if_clause_is_over(self) -> None:
        if self._may_end_at_clause and is_over(self._tail):
            self._cut_if_speakable()

    def _cut_if_speakable(self) -> None:
        """Not within quotes, brackets and emphasis, nor in the row of a table: half of them sounds odd."""
        if self._marks or self._length < FIRST_CLAUSE or self._visible[0] == "|":
            return
        if is_long_enough(spoken_text("".join(self._visible))):
            self._cut()

    def _cut_if_word_group_is_over(self) -> None:
        """A first piece without a mark would be heard late: the whole of it must be written, and its sound be made."""
        if not self._may_end_at_clause or self._end or self._marks or self._length < FIRST_GROUP:
            return
        begun = begin_of_word_group(self._tail, self._length)
        if not begun or self._visible[0] == "|" or self._written[-begun:] != self._visible[-begun:]:
            return  # the last: an unspoken block within the word
        group = spoken_text("".join(self._visible[:-begun]))
        if spoken_length(group) >= FIRST_GROUP:
            place = _Place(len(self._written) - begun, len(self._visible) - begun)
            self._cut(place, mark="，" if is_wide(group[-1]) else ",")

    def _note_clause(self, before: str, character: str) -> None:
        """Remember the best place to cut a long sentence; a semicolon is good at once."""
        is_space = character.isspace()
        if character == "；" or (is_space and before == ";"):
            self._cut()
            return
        is_comma = character in "，：、" or (is_space and before in {",", ":"})
        is_word_end = is_space or (is_wide(character) and character.isalpha())
        if is_comma or (is_word_end and not (self._clause and self._is_comma_clause)):
            self._clause, self._is_comma_clause = self._here, is_comma

    def _cut(self, place: _Place | None = None, *, mark: str = "") -> None:
        """Give what was read, up to the place, spoken with this mark; with nothing to speak it joins what follows."""
        place = place or self._here
        spoken = spoken_text("".join(self._visible[: place.visible]))
        if spoken:
            self._given.append(Sentence("".join(self._written[: place.written]), spoken + mark))
            self._may_end_at_clause = False
            del self._written[: place.written]
        del self._visible[: place.visible]
        self._length = spoken_length(self._visible)
        self._has_words = any(map(str.isalnum, self._visible))
        self._end = self._clause = None
        self._word_place = self._here

    @property
    def _here(self) -> _Place:
        return _Place(len(self._written), len(self._visible))

    @property
    def _last(self) -> str:
        return self._visible[-1] if self._visible else ""

    @property
    def _tail(self) -> str:
        return "".join(self._visible[-LOOK_BACK:])
