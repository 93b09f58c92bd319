"""Whether what was heard is the assistant's own voice, come back from the room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from jetson_voice.languages import HANZI, language_of
from jetson_voice.reading import reading_of
from jetson_voice.wake_phrase import WORD, letters

# Of an echo whisper gets this share of the letters wrong at most.
MISTAKES: Final = 0.25
# In a short text so many mistakes are another word ("The capital of Spain?"): that much must be free of them.
FREE_LETTERS: Final = 8
FREE_HANZI: Final = 4
# "Why Paris?" is a question about the answer: from less than three words or four hanzi nothing can be told.
LEAST_WORDS: Final = 3
LEAST_HANZI: Final = 4
# Who asks with a word that the assistant has not said is somebody else.
ASKING: Final = re.compile(
    r"\b(?:what|why|who|whose|which|where|when|how|tell|repeat|again|sorry|pardon)\b"
    r"|[吗呢吧哪谁几]|什么|怎么|多少|再说|不对"
)


def is_own_voice(heard: str, said: Sequence[str]) -> bool:
    """Whether nearly all of `heard` stands in one piece in what the assistant has just said, sentence by sentence.

    Letters are compared, of numbers those of their readings: whisper writes in digits what was said in words.
    """
    heard, spoken = as_read(heard), as_read(" ".join(said))
    words = WORD.findall(heard)
    hanzi = sum(bool(HANZI.match(word)) for word in words)
    if (len(words) - hanzi) / LEAST_WORDS + hanzi / LEAST_HANZI < 1:
        return False
    if not asks(heard) <= asks(spoken):
        return False
    echo = letters(heard)
    free = FREE_HANZI if hanzi else FREE_LETTERS
    return mistakes(echo, letters(spoken)) <= MISTAKES * max(0, len(echo) - free)


def as_read(text: str) -> str:
    """The text with its numbers as words."""
    return reading_of(text, language_of(text) or "zh")


def asks(text: str) -> set[str]:
    """The words in it with which people ask."""
    return set(ASKING.findall(text.casefold()))


def mistakes(piece: str, whole: str) -> int:
    """The least number of letters to change, to add or to leave out that makes `piece` a piece of `whole` (Sellers)."""
    columns = np.arange(len(whole) + 1)
    letters_of_whole = np.array([ord(letter) for letter in whole])
    row = np.zeros(len(whole) + 1, np.int64)
    for count, letter in enumerate(piece, start=1):
        diagonal = row[:-1] + (letters_of_whole != ord(letter))
        best = np.concatenate([[count], np.minimum(row[1:] + 1, diagonal)])
        row = np.minimum.accumulate(best - columns) + columns
    return int(row.min())
