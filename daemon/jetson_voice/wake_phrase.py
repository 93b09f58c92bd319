"""Take the wake phrase off the beginning of what was said."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

# What whisper makes of a wake phrase by mistake ("Hey Jervis", "Jarvis", "Hey, Mikroft") is at least this like it.
SIMILAR: Final = 0.75
# Where words precede it, or it is said again, a wrong guess would cost words of the command: a letter may differ.
SAME: Final = 0.9
# The pre-roll has room for about this many words before the wake phrase.
WORDS_BEFORE: Final = 4

WORD: Final = re.compile(r"[^\W_\u3007\u3400-\u9FFF\uF900-\uFAFF]+(?:['’][^\W_]+)*|[\u3007\u3400-\u9FFF\uF900-\uFAFF]")
"""A word of letters, or one hanzi."""

SEPARATORS: Final = re.compile(r"(?:[\s,.!?;:…—–~，。！？；：、]|-(?!\d))*")
"""What parts the phrase from the command; the sign of a number belongs to the command."""


def without_wake_phrase(text: str, phrase: str) -> str:
    """The command in `text`: what follows the wake phrase near its beginning, or all of it where there is none.

    What whisper mis-heard counts too ("Hey, Jervis."); a phrase later in a sentence does not.
    """
    if is_phrase_alone(text, phrase):
        return ""
    end = end_of_phrase(text, phrase, first_words=WORDS_BEFORE + 1)
    if end is None:
        return text.strip()
    while again := end_of_phrase(text[end:], phrase, first_words=1, similarity=SAME):
        end += again
    command = SEPARATORS.sub("", text[end:], count=1).strip()
    return command[:1].upper() + command[1:]


def is_phrase_alone(text: str, phrase: str) -> bool:
    """Whether it ends as the phrase does, and has no more words: a door made "Hey Jarvis" sound like "Paid Jarvis"."""
    words, name = WORD.findall(text), WORD.findall(phrase)
    return bool(name) and 0 < len(words) <= len(name) and likeness(words[-1], name[-1]) >= SAME


def end_of_phrase(text: str, phrase: str, *, first_words: int, similarity: float = SIMILAR) -> int | None:
    """Where the phrase ends in `text` that has it at one of the first words; None where it has not."""
    words = list(WORD.finditer(text))
    length = len(WORD.findall(phrase))
    if not length:
        return None
    # Whisper joins words ("heyjarvis") and parts them ("hey jar vis"), but a hanzi it writes as another hanzi.
    counts = [length] if length == len(letters(phrase)) else range(1, length + 2)
    best: tuple[float, int] | None = None
    for first in range(min(first_words, len(words))):
        enough = similarity if first == 0 else SAME
        for count in counts:
            candidate = words[first : first + count]
            ratio = likeness(" ".join(word.group() for word in candidate), phrase)
            if ratio >= enough and (best is None or ratio > best[0]):
                best = ratio, candidate[-1].end()
    return None if best is None else best[1]


def likeness(heard: str, phrase: str) -> float:
    """From 0 to 1: how much the letters of two phrases have in common, in order."""
    return SequenceMatcher(None, letters(heard), letters(phrase), autojunk=False).ratio()


def letters(text: str) -> str:
    """Its words without what separates them, in lower case."""
    return "".join(WORD.findall(text.casefold()))
