"""Which quotes, brackets and marks of emphasis are open."""

from __future__ import annotations

from itertools import islice

PAIRS = {
    "“": "”", "‘": "’", "„": "“”", "«": "»", "「": "」", "『": "』",
    "（": "）)", "(": ")）", "[": "]", "{": "}", "【": "】", "〔": "〕", "《": "》", "〈": "〉",
}  # fmt: skip
BRACKETS = frozenset("（([{【〔")
TITLES = frozenset("《〈")
EMPHASIS = frozenset("*_`")
QUOTES = frozenset("\"'")

NESTED = 8
"""As deep as anybody nests; it bounds the time that a closing mark takes to find its partner."""


class OpenMarks:
    """Reads a text character by character; the end of a line closes everything."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._asides: list[bool] = []  # of each, whether what it holds is no sentence of its own

    def __bool__(self) -> bool:
        """Whether any is open."""
        return bool(self._open)

    @property
    def in_aside(self) -> bool:
        """In the title of a book, or in a bracket that was opened within a sentence."""
        return any(self._asides[-NESTED:])

    def has_partner(self, character: str) -> bool:
        """Whether the character closes what is open."""
        return self._partner_of(character) is not None

    def read(self, character: str, before: str, *, in_sentence: bool) -> None:
        """Open or close; `before` is the character before it, `in_sentence` tells whether it has words before it."""
        if character in EMPHASIS and character == before:
            return
        partner = self._partner_of(character)
        if partner is not None:
            del self._open[partner:], self._asides[partner:]
        elif character in PAIRS or (character in EMPHASIS | QUOTES and _may_open(character, before)):
            self._open.append(character)
            self._asides.append(character in TITLES or (character in BRACKETS and in_sentence))
        elif character.isspace() and before in EMPHASIS and self._open[-1:] == [before]:
            del self._open[-1], self._asides[-1]  # an asterisk with a space after it opens nothing

    def close_all(self) -> None:
        """What a line leaves open stays so no longer."""
        self._open.clear()
        self._asides.clear()

    def _partner_of(self, character: str) -> int | None:
        innermost_first = enumerate(reversed(self._open), start=1)
        for depth, opening in islice(innermost_first, NESTED):
            if character in PAIRS.get(opening, opening):
                return len(self._open) - depth
        return None


def _may_open(character: str, before: str) -> bool:
    """No apostrophe, no snake_case, no product: these have a letter or a digit before them."""
    if character in '"`':
        return True
    return not (before.isalnum() and (before.isascii() or character == "'"))
