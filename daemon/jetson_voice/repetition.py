"""Whisper's loops ("Stop. Stop. Stop. Stop. …") and what people really say again and again."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from jetson_voice.wake_phrase import WORD

# "Row, row, row", "no, no, no": three times is how people repeat themselves.
LOOP: Final = 4
LONGEST_UNIT_WORDS: Final = 12
# Text that can be compressed this much says the same again and again (openai/whisper, transcribe.py).
REPETITIVE: Final = 2.4
# A number may have the same digit many times, and these are said as often as one likes.
REPEATED_BY_PEOPLE: Final = frozenset("0123456789零〇一二三四五六七八九两幺百千万谢哈好对不是来快停等拜嗯喂呵嘿啦") | {
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "no", "yes", "bye", "row", "go", "ha", "la",
}  # fmt: skip


Loop: TypeAlias = Literal["none", "after words", "alone"]
"""Where there was one: alone, nothing stood before it."""


@dataclass(frozen=True)
class Unlooped:
    """A text in which every loop is cut to one round."""

    text: str
    loop: Loop


def unlooped(text: str) -> Unlooped:
    """The text with each loop cut to its first round, and other words after a loop left as they are."""
    words = list(WORD.finditer(text))
    plain = [word.group().casefold() for word in words]
    loop: Loop = "none"
    kept_until, result, first = 0, "", 0
    while first < len(words):
        unit, rounds = loop_at(plain, first)
        if not rounds:
            first += 1
            continue
        loop = "alone" if first == 0 else "after words" if loop == "none" else loop
        result += text[kept_until : words[first + unit - 1].end()]
        begun, first = first, first + unit * rounds
        if plain[first:] == plain[begun : begun + unit][: len(plain) - first]:  # the last round is cut short
            first = len(words)
        kept_until = words[first - 1].end()
    return Unlooped((result + text[kept_until:]).strip(), loop)


def loop_at(words: list[str], first: int) -> tuple[int, int]:
    """How many words the loop that begins here repeats, and how many times; no times where there is none."""
    for unit in range(1, min(LONGEST_UNIT_WORDS, (len(words) - first) // LOOP) + 1):
        said = words[first : first + unit]
        rounds = 1
        while words[first + rounds * unit : first + (rounds + 1) * unit] == said:
            rounds += 1
        if rounds >= LOOP and not may_be_said(said, rounds):
            return unit, rounds
    return 0, 0


def may_be_said(unit: list[str], rounds: int) -> bool:
    """Whether people repeat this: digits, laughter, 谢谢谢谢; but not for as long as a decoder does."""
    return set(unit) <= REPEATED_BY_PEOPLE and len(unit) * rounds <= 12


def is_stuck(text: str) -> bool:
    """Whether the text goes round in circles without a loop that could be cut."""
    written = text.encode()
    return len(written) > REPETITIVE * len(zlib.compress(written))
