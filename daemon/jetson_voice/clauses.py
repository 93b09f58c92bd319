"""Where a clause ends, and how long it takes to say: the first sound need not wait for a whole sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable

HANZI_LENGTH = 2.5
"""Latin letters: 80 hanzi take about as long to say as 200 letters."""

FIRST_CLAUSE = 12.0
"""Latin letters, about three words or four hanzi and a comma: nearly a second of speech, in which the next piece is
made. Shorter ones ("Well,", "好的，") would be followed by a silence."""

FIRST_ENUMERATION = 2 * FIRST_CLAUSE
"""The same for a clause that ends with "、": an enumeration is not cut after its first item."""

FIRST_GROUP = 26.0
"""The same where no mark comes: about two seconds, and then before a word at which a speaker may breathe."""

LONG_FIRST_GROUP = 40.0
"""About three seconds: then before any small word."""

# No words that may belong to the verb before them ("turn on", "look at"), none that may be the last ("of that"), and
# not the "and" of "Romeo and Juliet".
GROUP_BEGINS = re.compile(
    r"(?:\b[a-z]+\s(?P<joined>(?:and|or)\s)"
    r"|[^\W\d_]\s(?P<word>(?:but|because|which|who|whose|where|when|while|if|although|though|unless|until|since|whereas"
    r"|(?<!\s\w\w\s)that|than|in|with|from|for|into|through|between|during|without|before|after)\s)"
    r"|[\u3400-\u9fff](?P<hanzi>以及|并且|而且|因为|所以|但是|然后|或者|如果|由于|同时))$"
)
SMALL_WORD = re.compile(r"[^\W\d_]\s(?P<word>(?:and|or|to|of|by|on|at|as|about|that|is|are|was|were)\s)$")

# Never after a digit or a dot: "1,299", "8:30", "3、", "March 5, 2024", "e.g., this".
OVER = re.compile(r"(?:(?<!\d)[，；：、]|(?<![\d.\s])[,;:]\s|(?<![\d\s])\s?[—–]\s)$")
OVER_BEFORE_HANZI = re.compile(r"(?<![\d.\s])[,;:]$")
OVER_BEFORE_WORD = re.compile(r"(?<![\d—])—{1,2}$")


def is_over(text: str) -> bool:
    """Whether the text ends with a clause, whatever may follow."""
    return (text[-1:].isspace() or text[-1:] in "，；：、") and OVER.search(text) is not None


def is_over_before(text: str, character: str) -> bool:
    """Whether the character, a letter or a digit, proves the text to end with a clause."""
    if is_wide(character) and OVER_BEFORE_HANZI.search(text):
        return True
    return OVER_BEFORE_WORD.search(text) is not None


def is_long_enough(spoken: str) -> bool:
    """Whether a clause may be the first that is heard."""
    return spoken_length(spoken) >= (FIRST_ENUMERATION if spoken.endswith("、") else FIRST_CLAUSE)


def begin_of_word_group(text: str, length: float) -> int:
    """How many characters at the end of a text of this length are a word with which a group of words begins."""
    begin = GROUP_BEGINS.search(text) or (SMALL_WORD.search(text) if length >= LONG_FIRST_GROUP else None)
    return len(begin[begin.lastgroup or 0]) if begin else 0


def spoken_length(text: Iterable[str]) -> float:
    """How long it takes to say, in Latin letters."""
    return sum(map(length_of, text))


def length_of(character: str) -> float:
    """How long a character takes to say, in Latin letters."""
    return HANZI_LENGTH if is_wide(character) else 1.0


def is_wide(character: str) -> bool:
    """Whether it is a hanzi, or a sign as wide."""
    return character >= "\u2e80"
