"""Lists within one line, which have no full stops to tell their items apart: "1) open it 2) pour"."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

BULLETS = frozenset("•⁃")

NUMBER = re.compile(r"[*_#]{0,3}(?:(\d{1,2})|([A-Za-z]))(\.\)|[.)、．）])\s*")
"""The number of an item, with the space after it: "1.", "2) ", "3.)", "4、", "**a. "."""

NEEDS_NO_SPACE = frozenset("、．）")
LONGEST_NUMBER = 8
"""Characters, and more than it has: what is longer is no number."""

Item: TypeAlias = tuple[int, str]
"""The number of an item, and how it is written: "2.)" is (2, ".)"), and "b." is (2, "a.")."""

Position: TypeAlias = Literal["first", "next"]


class ListItems:
    """Counts the items of one line."""

    def __init__(self) -> None:
        self._last: Item | None = None

    def begins_with(self, word: str, before: str, character: str) -> Position | None:
        """Whether a word is the number of an item; `before` and `character` stand before and after it.

        An item follows nothing, a colon, or the text of the item before it: nothing is between "J. K.".
        """
        item = _item_of(word)
        if not item:
            return None
        number, style = item
        letters = sum(map(str.isalnum, before))
        if not letters or before[-1] in ":：":
            position: Position = "first"
            is_item = number == 1 or not style[0].isalpha()  # "J. Smith" begins no list
        else:
            position = "next"
            is_small = style.endswith(".") and character.islower()  # "1. add 2. eggs" may be one sentence
            is_item = self._last == (number - 1, style) and letters > 1 and not is_small
        if is_item:
            self._last = item
        return position if is_item else None

    def end(self) -> None:
        """The line has ended."""
        self._last = None


def _item_of(word: str) -> Item | None:
    match = NUMBER.fullmatch(word)
    if not match:
        return None
    digits, letter, style = match.groups()
    if digits:
        return int(digits), style
    first = "a" if letter.islower() else "A"
    return ord(letter) - ord(first) + 1, first + style
