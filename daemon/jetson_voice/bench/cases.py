"""The texts that are cut, and the pieces they are to be cut into: files of this folder, each with its source."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILES: Final = (
    "golden_english.toml",
    "golden_chinese.toml",
    "sentence_stream.toml",
    "our_chinese.toml",
    "our_english.toml",
    "our_mixed.toml",
    "our_markdown.toml",
)


@dataclass(frozen=True)
class Case:
    """A text and its pieces."""

    text: str
    pieces: tuple[str, ...]


@dataclass(frozen=True)
class CaseSet:
    """Cases of one kind."""

    title: str
    cases: tuple[Case, ...]


def case_sets() -> list[CaseSet]:
    """Every set, in the order of the table."""
    return [_case_set(tomllib.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))) for name in FILES]


def _case_set(document: dict[str, Any]) -> CaseSet:
    return CaseSet(document["title"], tuple(Case(text, tuple(pieces)) for text, pieces in document["cases"]))
