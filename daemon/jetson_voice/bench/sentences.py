"""`jetson-voice bench sentences`: our cut beside that of others, on the same texts, as a table in markdown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, TypeVar

from jetson_voice.bench.cases import Case, CaseSet, case_sets
from jetson_voice.bench.contenders import OTHERS, OURS, OURS_AT_FIRST_CLAUSE, Contender, Splitter
from jetson_voice.sentence_ends import ENDS
from jetson_voice.spoken_text import spoken_text

T = TypeVar("T")

CHUNK_SIZES: Final = (1, 2, 3, 5, 7)
TOKEN: Final = 4
"""Characters in a chunk of a language model, about."""

TIMED: Final = {
    "English, 100 kB": "This is a sentence of the usual length, with a comma in it. " * 1_700,
    "Chinese, 100 kB": "今天天气很好，我们一起去公园散步吧。" * 1_900,
    "no end, 10 kB": "word " * 2_000,
    "no end, 40 kB": "word " * 8_000,
}
"""Texts by their size in UTF-8; two are without a single end of a sentence."""

HEAD: Final = """\
# Sentences: our cut beside that of others

Made by `jetson-voice bench sentences --out docs/sentences.md`, with the test extras installed. What is in the sets, and
where they come from, is told at the top of each file of `daemon/jetson_voice/bench/`. Our own sets were written before
our rules were made to pass them, and in part come from our unit tests: the sets of others say more.
"""
EXACT: Final = """
## Exact

Texts cut into exactly the pieces that are expected, given as one chunk. Every contender's pieces are cleaned by our
`spoken_text` before they are compared, so that it is the cut that counts: none of the others cleans markdown. White
space, and the marks that end a piece, are not compared: "！" given apart from "？" is nothing to hear.
"""
INVARIANT: Final = f"""
## Chunk-invariant

Texts cut into the same pieces in chunks of {", ".join(map(str, CHUNK_SIZES))} characters as in one chunk.
"""
DELAY: Final = """
## Delay

Characters that are streamed after the end of a piece until it is given: median / worst, of the pieces that are right,
and how many of all these are. The last piece of a text comes with the text's end, and is not counted. What follows a
piece and is not spoken counts: "](https://…)", "</summary>", "！！！". The cut after every mark waits for nothing: that
is why it is early, and why it is wrong.
"""
FIRST: Final = """
## First piece

Characters of a text until the first piece is given, be it right or wrong: median.
"""
SECONDS: Final = f"""
## Time

CPU seconds, in chunks of {TOKEN} characters. pysbd takes whole texts, and is given each as one chunk; in the tables
above it is run again on what is left of the growing text, and a sentence counts as given when a later one has begun.
"""


def report(others: Sequence[Contender] = OTHERS) -> str:
    """Every table; a contender that is not installed is named as such."""
    sets = {f"{case_set.title} ({len(case_set.cases)})": case_set for case_set in case_sets()}
    contenders = [OURS, *others]
    parts = (
        HEAD,
        EXACT + _table(contenders, sets, exact),
        INVARIANT + _table(contenders, sets, invariant),
        DELAY + _table(contenders, sets, delay),
        FIRST + _table([OURS_AT_FIRST_CLAUSE, *contenders], sets, first),
        SECONDS + _table(contenders, TIMED, seconds),
    )
    return "".join(parts)


def exact(contender: Contender, case_set: CaseSet) -> int:
    """How many texts are cut as expected."""
    return sum(_as_heard(contender.splitter([case.text])) == _as_heard(case.pieces) for case in case_set.cases)


def invariant(contender: Contender, case_set: CaseSet) -> int:
    """How many texts are cut the same way in chunks of every size."""
    return sum(_is_invariant(contender.splitter, case.text) for case in case_set.cases)


def _is_invariant(splitter: Splitter, text: str) -> bool:
    whole = list(splitter([text]))
    return all(list(splitter(_in_chunks(text, size))) == whole for size in CHUNK_SIZES)


def delay(contender: Contender, case_set: CaseSet) -> str:
    """Median / worst delay in characters, and how many of the pieces it is known of."""
    delays: list[int] = []
    for case in case_set.cases:
        delays += _delays(contender.splitter, case)
    pieces = sum(len(case.pieces) - 1 for case in case_set.cases)
    return f"{median(delays):g} / {max(delays)} ({len(delays)} of {pieces})" if delays else f"none of {pieces}"


def _delays(splitter: Splitter, case: Case) -> Iterator[int]:
    """Of each piece that is right, but the last."""
    given = _given(splitter, case.text)
    end = 0
    for piece in case.pieces[:-1]:
        end = _end_of(piece, case.text, end)
        places = [place for place, (_, heard) in enumerate(given) if [heard] == _as_heard([piece])]
        if places:
            yield max(0, given[places[0]][0] - end)
            del given[: places[0] + 1]


def _given(splitter: Splitter, text: str) -> list[tuple[int, str]]:
    """Each piece, and how many characters were read when it was given."""
    read = 0

    def characters() -> Iterator[str]:
        nonlocal read
        for character in text:
            read += 1
            yield character

    return [(read, heard) for piece in splitter(characters()) for heard in _as_heard([piece])]


def _end_of(piece: str, text: str, begin: int) -> int:
    """Where the piece ends in the text, which may have marks between its characters that are not spoken."""
    end = begin
    for character in piece:
        place = -1 if character.isspace() else text.find(character, end)
        end = place + 1 if place >= 0 else end
    return end


def first(contender: Contender, case_set: CaseSet) -> str:
    """After how many characters the first piece is given."""
    given = [_given(contender.splitter, case.text) for case in case_set.cases]
    return f"{median(pieces[0][0] for pieces in given if pieces):g}"


def seconds(contender: Contender, text: str) -> str:
    """The CPU time for a text."""
    began = time.process_time()
    for _ in contender.splitter(_in_chunks(text, TOKEN) if contender.is_streaming else [text]):
        pass
    return f"{time.process_time() - began:.2f}"


def _as_heard(pieces: Iterable[str]) -> list[str]:
    spoken = ("".join(spoken_text(piece).split()).strip("".join(ENDS)) for piece in pieces)
    return [piece for piece in spoken if piece]


def _in_chunks(text: str, size: int) -> Iterator[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def _table(contenders: Sequence[Contender], columns: Mapping[str, T], cell: Callable[[Contender, T], object]) -> str:
    lines = [["", *columns], ["---"] * (len(columns) + 1)]
    for contender in contenders:
        cells = (cell(contender, column) if contender.is_installed else "not installed" for column in columns.values())
        lines.append([contender.label, *map(str, cells)])
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
