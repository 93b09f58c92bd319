"""Is the command over? Speech and silence in audio seconds; no clock, no sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto


@dataclass(frozen=True)
class EndpointRules:
    """When a command counts as begun, finished or missing; all in audio seconds."""

    start_timeout_seconds: float
    """Nobody has begun to speak for this long after the wake word: give up."""

    end_silence_seconds: float
    """A pause of this length after speech ends the command, unless the pause itself tells more (patience.py)."""

    speculate_after_seconds: float
    """A pause of this length may be the end: what was said so far is worth an answer that can be thrown away."""

    min_speech_seconds: float
    """Less speech than this is not a command: the tail of the wake word, a click, a cough."""

    max_seconds: float
    """The command ends here whatever is heard, so that noise cannot hold a turn for ever."""

    def beginning_within(self, seconds: float) -> EndpointRules:
        """The rules for a command that may begin this late, and then be as long as any."""
        return replace(self, start_timeout_seconds=seconds, max_seconds=self.max_seconds + seconds)


@dataclass(frozen=True)
class FollowUp:
    """For how many seconds after an answer a command may begin without the wake word; 0: never."""

    seconds: float
    after_question_seconds: float

    def after(self, *, question: bool) -> float:
        """The seconds after an answer that ends in a question, or does not."""
        return self.after_question_seconds if question else self.seconds


class Endpoint(Enum):
    """What is known about the command after a frame."""

    OPEN = auto()
    """The user has not begun, or is still speaking."""

    PAUSED = auto()
    """The user has just paused, and may have finished; told once for each pause."""

    COMPLETE = auto()
    """The user has finished, or has used all the time there is."""

    NOTHING_SAID = auto()
    """The user said nothing."""


class Endpointer:
    """Follows one command from the wake word to its end."""

    def __init__(self, rules: EndpointRules) -> None:
        self._rules = rules
        self._elapsed = 0.0
        self._speech = 0.0
        self._silence = 0.0
        self._last_speech_at = 0.0
        self._end_silence = self._usual_end_silence

    def end_pause_after(self, silence: Callable[[], float]) -> None:
        """Let this pause end the command when it comes to so many seconds; asked after each frame, it may change."""
        self._end_silence = silence

    def after(self, seconds: float, *, is_speech: bool) -> Endpoint:
        """What is known once `seconds` more of speech or silence have been heard."""
        self._elapsed += seconds
        if is_speech:
            self._speech += seconds
            self._silence = 0.0
            self._last_speech_at = self._elapsed
            self._end_silence = self._usual_end_silence
        else:
            self._silence += seconds
        return self._verdict(seconds)

    @property
    def is_command(self) -> bool:
        """Whether there was enough speech for a command."""
        return reached(self._speech, self._rules.min_speech_seconds)

    @property
    def last_speech_at(self) -> float:
        """Seconds from the wake word to the end of the last speech."""
        return self._last_speech_at

    @property
    def silence_seconds(self) -> float:
        """For how long nobody has spoken."""
        return self._silence

    def _verdict(self, seconds: float) -> Endpoint:
        paused = reached(self._silence, self._end_silence())
        out_of_time = reached(self._elapsed, self._rules.max_seconds)
        if self.is_command:
            if paused or out_of_time:
                return Endpoint.COMPLETE
            return Endpoint.PAUSED if self._has_just_paused(seconds) else Endpoint.OPEN
        if paused:
            self._speech = 0.0  # a click or a cough: clicks must not add up to a command
        timed_out = reached(self._elapsed, self._rules.start_timeout_seconds) and not self._speech
        return Endpoint.NOTHING_SAID if timed_out or out_of_time else Endpoint.OPEN

    def _usual_end_silence(self) -> float:
        return self._rules.end_silence_seconds

    def _has_just_paused(self, seconds: float) -> bool:
        may_be_over = self._rules.speculate_after_seconds
        return reached(self._silence, may_be_over) and not reached(self._silence - seconds, may_be_over)


def reached(total_seconds: float, limit_seconds: float) -> bool:
    """Whether a sum of frame lengths has come to a limit, forgiving the rounding of adding them up."""
    return total_seconds > limit_seconds - 1e-6
