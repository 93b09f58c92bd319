"""When does a wake word count as heard? Scores in audio time; no clock, no sound."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from typing_extensions import assert_never

from jetson_voice import config
from jetson_voice.audio import Echo, Frame
from jetson_voice.endpointing import reached
from jetson_voice.protocols import StartError, Wake, WakeRising
from jetson_voice.scores import Scored, unwatched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


LEAST_SCORE: Final = 0.08
LESS_CLEAR: Final = 0.16
"""Of openWakeWord's threshold, but not less than LEAST_SCORE: over an echo 10 dB louder than the caller three frames at
0.08 find 76 of the 79 calls that are found in silence, at 0.125 72, at 0.5 64; with a clock 30 ppm off 72, 72 and 60
(docs/echo.md has the first of each). At 0.07 its own voice began to wake it: once in two hours. Others, who talk over
it and do not call it, interrupt it 10 times in 14 minutes of speech, and never at the threshold."""


@dataclass(frozen=True)
class WakeRule:
    """When one word counts as heard."""

    word: str
    """The phrase as one says it."""

    threshold: float
    """The score from which it is heard."""

    refractory_seconds: float
    """Once heard, it is not heard again for this long."""

    frames_while_speaking: int = 3
    """So many frames in a row must reach what counts while the assistant speaks: what is left of its own voice may be
    like the word for one or two, a person for eight (at the threshold, with an echo 10 dB louder than the person).
    """

    less_clear: float = LESS_CLEAR
    """So much of the threshold counts where a canceller is at work."""

    def threshold_over(self, echo: Echo) -> float:
        """The score that counts; less where a canceller has made the word less clear, and tells when nobody speaks."""
        if echo in (Echo.ALONE, Echo.CANCELLED):
            return min(self.threshold, max(LEAST_SCORE, self.less_clear * self.threshold))
        return self.threshold

    def frames_needed(self, echo: Echo) -> int | None:
        """How many frames in a row must reach it, one more while the room is not known yet; None: nobody is there."""
        match echo:
            case Echo.NONE:
                return 1
            case Echo.ALONE:
                return None
            case Echo.CANCELLED | Echo.DEVICE:
                return self.frames_while_speaking
            case Echo.RAW:
                return self.frames_while_speaking + 1
            case _:
                assert_never(echo)


def rules_for(wake: config.Wake, scored: Scored = unwatched, *, less_clear: float = LESS_CLEAR) -> WakeRules:
    """The configured words as rules; StartError when two are the same phrase."""
    phrases: set[str] = set()
    for index, word in enumerate(wake.words, start=1):
        if word.spoken in phrases:
            raise StartError(f'wake.words#{index}.phrase: "{word.spoken}" is there twice')
        phrases.add(word.spoken)
    frames = wake.frames_while_speaking
    return WakeRules(
        [WakeRule(word.spoken, word.threshold, word.refractory_seconds, frames, less_clear) for word in wake.words],
        scored,
    )


class WakeRules:
    """Turns the scores of every frame into wake words, each once for each time it is said."""

    def __init__(self, rules: Sequence[WakeRule], scored: Scored = unwatched) -> None:
        self._scored = scored
        self._watches = {rule.word: WordWatch(rule) for rule in rules}

    def heard(self, scores: Mapping[str, float], frame: Frame) -> Wake | WakeRising | None:
        """The word that was heard at the end of the frame, or may be; of several the one with the highest score."""
        heard = self._heard(scores, frame)
        self._scored(scores, frame, heard.word if isinstance(heard, Wake) else "")
        return heard

    def _heard(self, scores: Mapping[str, float], frame: Frame) -> Wake | WakeRising | None:
        rises = {word: self._watches[word].rise(score, frame) for word, score in scores.items()}
        likeliest = sorted(scores, key=lambda each: scores[each], reverse=True)
        for word in likeliest:
            if rises[word] is Rise.HEARD:
                return Wake(word, frame.ends_at, scores[word])
        return next((WakeRising(word) for word in likeliest if rises[word] is Rise.UNSURE), None)


class Rise(Enum):
    """What is known of a word after a frame."""

    NONE = auto()
    UNSURE = auto()
    HEARD = auto()


class WordWatch:
    """Follows the score of one word; it fires on the way up, never while it stays up."""

    def __init__(self, rule: WakeRule) -> None:
        self._rule = rule
        self._fired_at = float("-inf")
        self._has_fallen = True
        self._frames_up = 0
        self._was_alone = False

    def rise(self, score: float, frame: Frame) -> Rise:
        """Whether the word has been said by the end of the frame; call it for every frame.

        A rise of the score in which the assistant itself says the word is its own, to its end.
        """
        if score < self._rule.threshold_over(frame.echo):
            self._has_fallen = True
            self._frames_up = 0
            self._was_alone = False
            return Rise.NONE
        if self._rule.word in frame.own_words:
            self._has_fallen = False
        rested = reached(frame.ends_at - self._fired_at, self._rule.refractory_seconds)
        needed = self._rule.frames_needed(frame.echo)
        if needed is None:
            self._was_alone = self._was_alone or self._frames_up == 0
            return Rise.NONE
        self._frames_up += 1
        # What was a rest of its own voice stays one where no canceller tells whether somebody has joined in.
        is_rest = self._was_alone and frame.echo is not Echo.CANCELLED
        if is_rest or not (self._has_fallen and rested):
            return Rise.NONE
        if self._frames_up < needed:
            return Rise.UNSURE
        self._fired_at = frame.ends_at
        self._has_fallen = False
        return Rise.HEARD
