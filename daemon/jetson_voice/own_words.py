"""Where the assistant itself says what interrupts it: there it must not hear itself. Text and lengths; no sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from jetson_voice.audio import Span
from jetson_voice.wake_phrase import WORD, likeness

GREETINGS: Final = frozenset({"hey", "hi", "ok", "okay", "hello"})
"""The name alone is enough like the phrase: "Jarvis" like "hey jarvis"."""

ALIKE: Final = 0.77
"""So much alike in their letters, 0 to 1, sound alike, too: "Hey, Travis" and "hey jarvis" (0.78)."""

UNSURE_SECONDS: Final = 0.2
UNSURE_SHARE: Final = 0.05
"""Time is shared out by the characters of the text: how far a word may be from there, and more in a long sentence."""


def own_words(spoken: str, phrases: Sequence[str], seconds: float) -> tuple[Span, ...]:
    """The phrases, and what sounds like them, in a sentence that takes so many seconds to say."""
    unsure = UNSURE_SECONDS + UNSURE_SHARE * seconds
    each = seconds / max(1, len(spoken))
    return tuple(
        Span(phrase, max(0.0, begin * each - unsure), min(seconds, end * each + unsure))
        for phrase in phrases
        for begin, end in places_of(phrase, spoken)
    )


def places_of(phrase: str, spoken: str) -> Iterator[tuple[int, int]]:
    """The first character and the one after the last of each place that sounds like the phrase."""
    words = list(WORD.finditer(spoken))
    for name in names_of(phrase):
        length = len(WORD.findall(name))
        for first in range(len(words) - length + 1):
            said = words[first : first + length]
            if likeness(" ".join(word.group() for word in said), name) >= ALIKE:
                yield said[0].start(), said[-1].end()


def names_of(phrase: str) -> list[str]:
    """The phrase, and the name in it."""
    first, *rest = phrase.split() or [""]
    return [phrase, " ".join(rest)] if first.casefold() in GREETINGS and rest else [phrase]
