"""What whisper wrote, weighed against what the sound says: words, nothing, or speech that was not understood.

The limits are those of docs/hearing.md, which tests/hearing_corpus.py measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

from jetson_voice.languages import HANZI
from jetson_voice.phantoms import are_hotwords, is_prompt, phantom
from jetson_voice.repetition import Unlooped, is_stuck, unlooped
from jetson_voice.wake_phrase import WORD, without_wake_phrase

Outcome: TypeAlias = Literal["words", "nothing", "unclear"]
"""Unclear: somebody surely spoke, and what whisper wrote of it cannot be trusted."""

# The two numbers are whisper's own (openai/whisper, transcribe.py).
NO_SPEECH: Final = 0.6
UNSURE: Final = -1.0
# Worth a second reading: so little sure is whisper-base of 3 in 124 utterances, and wrong in most of these.
GUESSED: Final = -0.7

# Nobody speaks faster than this: ten hanzi or eight words a second.
LEAST_SECONDS_A_HANZI: Final = 0.1
LEAST_SECONDS_A_WORD: Final = 0.12
# And a short text is not drawn out longer than this.
MOST_SECONDS_AROUND: Final = 0.6
MOST_SECONDS_A_HANZI: Final = 0.5
MOST_SECONDS_A_WORD: Final = 0.7
# One round of a loop was all that was said if it takes no longer than most people take (languages.py).
USUAL_SECONDS_A_HANZI: Final = 0.31
USUAL_SECONDS_A_WORD: Final = 0.36

# Where the likeliest next word was as sure as this all along, no other text is searched for: with this rule 0.7 % more
# words and hanzi are wrong than with the stock call, which always searches (docs/windows.md).
PLAIN: Final = -0.3

# So much speech, so surely speech, is no door, no music and no click; it is more than a wake phrase alone.
SPOKEN_SECONDS: Final = 1.2
SPOKEN_PROBABILITY: Final = 0.6


@dataclass(frozen=True)
class Limits:
    """The least evidence with which a text that whisper also invents counts as said."""

    no_speech_probability: float
    average_log_probability: float
    speech_probability: float


LIMITS: Final = {
    "credits": Limits(no_speech_probability=0.3, average_log_probability=-0.5, speech_probability=0.75),
    "courtesy": Limits(no_speech_probability=0.5, average_log_probability=-1.2, speech_probability=0.5),
}


@dataclass(frozen=True)
class Hearing:
    """What whisper wrote for an utterance, how sure it was, and how much speech there is in the sound."""

    written: str
    """All of it, the wake phrase included."""

    wake_phrase: str
    prompt: str
    """What it was shown before; with little to go by it repeats that."""

    hotwords: Sequence[str]
    no_speech_probability: float
    average_log_probability: float
    speech_seconds: float
    speech_probability: float
    """The speech detector's, on average over these seconds."""

    @property
    def outcome(self) -> Outcome:
        """What is to be made of it."""
        if self.text and self._is_trusted and not (self._is_unsure and self._somebody_spoke):
            return "words"
        return "unclear" if self._somebody_spoke and not self._is_explained else "nothing"

    @property
    def text(self) -> str:
        """The command, without the wake phrase and without loops."""
        return self._command.text if WORD.search(self._command.text) else ""

    @property
    def is_sure(self) -> bool:
        """Whether somebody said this, and probably just this."""
        return self.outcome == "words" and not self._is_unsure

    @property
    def is_plain(self) -> bool:
        """Whether this was read so easily that a longer search would find the same."""
        is_speech = self.speech_probability >= SPOKEN_PROBABILITY and not self.sounds_silent
        return self.outcome == "words" and is_speech and self.average_log_probability >= PLAIN

    @property
    def is_guess(self) -> bool:
        """Whether somebody spoke, and this may not be what they said."""
        return self.outcome == "unclear" or (self.outcome == "words" and self.average_log_probability < GUESSED)

    @property
    def sounds_silent(self) -> bool:
        """Whether the sound alone, before any word, is like silence to whisper."""
        return self.no_speech_probability > NO_SPEECH

    @property
    def is_prompt(self) -> bool:
        """Whether it wrote what it was shown."""
        return is_prompt(self.text, self.prompt)

    @cached_property
    def _command(self) -> Unlooped:
        return unlooped(without_wake_phrase(self.written, self.wake_phrase))

    @property
    def _is_trusted(self) -> bool:
        nobody_spoke = self.sounds_silent and self._is_unsure
        return not (nobody_spoke or self.is_prompt or self._is_lost or self._is_invented)

    @property
    def _is_unsure(self) -> bool:
        return self.average_log_probability < UNSURE

    @property
    def _is_lost(self) -> bool:
        """Whether the decoder went on without the sound: in circles, or faster than anybody speaks."""
        loop = self._command.loop
        if loop == "after words":  # the words are the command only if they are about all that was said
            return self._is_unsure or self._is_longer_than_its_text
        if loop == "alone" and (self._is_unsure or (self._is_longer_than_its_text and not self._is_one_word)):
            return True
        return self.speech_seconds < least_seconds(self.written) or is_stuck(self.text)

    @property
    def _is_longer_than_its_text(self) -> bool:
        hanzi, words = counted(f"{self.wake_phrase} {self.text}")
        once = MOST_SECONDS_AROUND + USUAL_SECONDS_A_HANZI * hanzi + USUAL_SECONDS_A_WORD * words
        return self.speech_seconds > once

    @property
    def _is_one_word(self) -> bool:
        """People say "stop" again and again."""
        return len(WORD.findall(self.text)) == 1

    @property
    def _is_invented(self) -> bool:
        """Whether whisper writes this by itself, and the sound does not speak for it."""
        kind = phantom(self.text) or ("courtesy" if are_hotwords(self.text, (*self.hotwords, self.prompt)) else None)
        if kind is None:
            return False
        limits = LIMITS[kind]
        is_likely = (
            self.no_speech_probability <= limits.no_speech_probability
            and self.average_log_probability >= limits.average_log_probability
            and self.speech_probability >= limits.speech_probability
            and least_seconds(self.written) <= self.speech_seconds <= most_seconds(self.written)
        )
        return not is_likely

    @property
    def _somebody_spoke(self) -> bool:
        return self.speech_seconds >= SPOKEN_SECONDS and self.speech_probability >= SPOKEN_PROBABILITY

    @property
    def _is_explained(self) -> bool:
        """Whether the wake phrase alone is all the speech there is."""
        return not self.text and self.speech_seconds < most_seconds(self.written) + SPOKEN_SECONDS


def least_seconds(text: str) -> float:
    """How long the text takes at least to be said."""
    hanzi, words = counted(text)
    return LEAST_SECONDS_A_HANZI * hanzi + LEAST_SECONDS_A_WORD * words


def most_seconds(text: str) -> float:
    """How long a short text takes at most to be said."""
    hanzi, words = counted(text)
    return MOST_SECONDS_AROUND + MOST_SECONDS_A_HANZI * hanzi + MOST_SECONDS_A_WORD * words


def counted(text: str) -> tuple[int, int]:
    """How many hanzi and how many other words there are in the text."""
    words = WORD.findall(text)
    hanzi = sum(bool(HANZI.match(word)) for word in words)
    return hanzi, len(words) - hanzi
