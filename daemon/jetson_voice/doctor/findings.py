"""What the doctor found, and how it is told: a line each, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, Literal, TypeAlias

Level: TypeAlias = Literal["ok", "warn", "fail"]

COLOURS: Final[Mapping[Level, str]] = {"ok": "\033[32m", "warn": "\033[33m", "fail": "\033[31m"}
PLAIN: Final = "\033[0m"

TOPIC_WIDTH: Final = len("language model")
LONGEST: Final = 400


@dataclass(frozen=True)
class Finding:
    """One line: what it is about, how bad it is, what was found, and what to do about it, or empty."""

    topic: str
    level: Level
    text: str
    fix: str = ""


def ok(topic: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(topic, "ok", text)


def warn(topic: str, text: str, fix: str) -> Finding:
    """It works, but not as well as it could, or not for long."""
    return Finding(topic, "warn", text, fix)


def fail(topic: str, text: str, fix: str) -> Finding:
    """It cannot work like this."""
    return Finding(topic, "fail", text, fix)


def as_line(finding: Finding, *, colours: bool) -> str:
    """The finding on one line, for a person."""
    level = finding.level.ljust(len("warn"))
    if colours:
        level = f"{COLOURS[finding.level]}{level}{PLAIN}"
    advice = f" → {one_line(finding.fix)}" if finding.fix else ""
    return f"{level}  {finding.topic:{TOPIC_WIDTH}}  {one_line(finding.text)}{advice}"


def as_json(findings: Iterable[Finding]) -> str:
    """The findings as a list of objects, for a program."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1)


def in_sum(findings: Iterable[Finding]) -> str:
    """How many there are of each level."""
    levels = [finding.level for finding in findings]
    return ", ".join(f"{levels.count(level)} {level}" for level in COLOURS)


def one_line(text: str) -> str:
    """Without line breaks, and of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
