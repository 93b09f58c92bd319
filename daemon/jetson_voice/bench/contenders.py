"""The sentence splitters that are compared. Those of others are imported only when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final, TypeAlias

from jetson_voice.sentences import SentenceSplitter, split

Splitter: TypeAlias = Callable[[Iterable[str]], Iterator[str]]
"""Takes a text in chunks, and gives each piece as soon as it can."""


@dataclass(frozen=True)
class Contender:
    """A way to cut text."""

    name: str
    splitter: Splitter
    package: str = ""
    """The package it needs; empty for what is built in."""

    rules: str = ""
    """Those of its rules that are used."""

    is_streaming: bool = True
    """False for one that takes whole texts: it is run again on the growing text."""

    @property
    def label(self) -> str:
        """Its name, with the version of the package that is installed, and its rules."""
        name = f"{self.name} {version(self.package)}" if self.package and self.is_installed else self.name
        return f"{name}, {self.rules}" if self.rules else name

    @property
    def is_installed(self) -> bool:
        """Whether it can be run here."""
        try:
            return not self.package or bool(version(self.package))
        except PackageNotFoundError:
            return False


def at_first_clause(chunks: Iterable[str]) -> Iterator[str]:
    """Our own, as it is used for answers: the first piece may end with a clause."""
    splitter = SentenceSplitter(first_at_clause=True)
    for chunk in chunks:
        yield from (sentence.spoken for sentence in splitter.add(chunk))
    yield from (sentence.spoken for sentence in splitter.finish())


def plain_cut(chunks: Iterable[str]) -> Iterator[str]:
    """The cut of many a tutorial: right after every mark that may end a sentence, and at newlines."""
    rest = ""
    for chunk in chunks:
        *pieces, rest = re.split(r"(?<=[。！？.!?\n])", rest + chunk)
        yield from pieces
    yield rest


def sentence_stream(chunks: Iterable[str]) -> Iterator[str]:
    """Home Assistant's."""
    from sentence_stream import stream_to_sentences  # noqa: PLC0415

    return stream_to_sentences(chunks)


def stream2sentence(chunks: Iterable[str]) -> Iterator[str]:
    """With short sentences allowed, which are joined to the next otherwise, and as early as it can."""
    from stream2sentence import generate_sentences  # noqa: PLC0415

    yield from generate_sentences(chunks, minimum_sentence_length=1, minimum_first_fragment_length=1, auto_context=True)


def pysbd_english(chunks: Iterable[str]) -> Iterator[str]:
    """With the rules for English."""
    return _pysbd(chunks, "en")


def pysbd_chinese(chunks: Iterable[str]) -> Iterator[str]:
    """With the rules for Chinese."""
    return _pysbd(chunks, "zh")


def _pysbd(chunks: Iterable[str], language: str) -> Iterator[str]:
    """Run again on what is left of the growing text: a sentence is given when a later one has begun."""
    from pysbd import Segmenter  # noqa: PLC0415

    segmenter = Segmenter(language=language, clean=False)
    rest = ""
    for chunk in chunks:
        rest += chunk
        pieces = segmenter.segment(rest)
        if len(pieces) > 1:
            yield from pieces[:-1]
            rest = rest[rest.rindex(pieces[-1]) :]
    yield from segmenter.segment(rest)


OURS: Final = Contender("jetson-voice", split)
OURS_AT_FIRST_CLAUSE: Final = Contender("jetson-voice", at_first_clause, rules="first piece at a clause")
OTHERS: Final = (
    Contender("sentence-stream", sentence_stream, "sentence-stream"),
    Contender("stream2sentence", stream2sentence, "stream2sentence"),
    Contender("pysbd", pysbd_english, "pysbd", "English rules", is_streaming=False),
    Contender("pysbd", pysbd_chinese, "pysbd", "Chinese rules", is_streaming=False),
    Contender("a cut after every mark", plain_cut),
)
