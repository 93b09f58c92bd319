"""How much of a sentence was heard when its sound was cut."""

from __future__ import annotations

import re

from jetson_voice.protocols import Speech


def text_heard(speech: Speech, heard_seconds: float) -> str:
    """The beginning of what was written that fits the sound heard: whole words, single characters in Chinese.

    Time is shared out by the characters of the text: the rate of speech within one sentence is nearly even.
    """
    written = speech.sentence.written
    speaking_seconds = speech.clip.seconds - speech.pause_seconds
    if heard_seconds >= speaking_seconds:
        return written
    share = max(0.0, heard_seconds) / speaking_seconds
    return whole_words(written, round(share * len(written)))


def whole_words(text: str, length: int) -> str:
    """The text's first characters, at most `length`, without a word that is cut in two."""
    ends = [match.end() for match in re.finditer(r"[A-Za-z0-9'’.-]+|\S", text)]
    return text[: max((end for end in ends if end <= length), default=0)]
