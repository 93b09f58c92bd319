"""How long a pause must last to end a command: shorter where the command seems complete, longer where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import assert_never

from jetson_voice.endings import Ending, ending_of

SOUNDS_COMPLETE = 0.983
SOUNDS_DOUBTFUL = 0.92
SOUNDS_INCOMPLETE = 0.5
"""Completeness from which on it is certain, up to which it tells nothing, and below which more must come: chosen by
tests/measure_turns.py."""


@dataclass(frozen=True)
class Patience:
    """Silences that end a command, in seconds."""

    shortest_seconds: float
    """Its words and its sound say that it is complete; the more its sound leaves a doubt, the nearer to `seconds`."""

    seconds: float
    """They do not tell, or do not agree."""

    longest_seconds: float
    """It sounds or reads incomplete, or its answer is not ready: then to wait costs nothing."""

    @classmethod
    def fixed(cls, seconds: float) -> Patience:
        """The same, whatever is said."""
        return cls(seconds, seconds, seconds)

    @property
    def judged_by_seconds(self) -> float:
        """A pause of this length is judged by its sound, even if its words are not known yet: the judgement takes a
        moment, and the shortest wait is near.
        """
        return 0.75 * self.shortest_seconds

    def needed(self, completeness: float, text: str, *, is_answered: bool) -> float:
        """The silence in seconds, by how complete it sounds, from 0 to 1, and by what was understood.

        `is_answered`: the answer is ready to be heard.
        """
        if not is_answered or not text or completeness < SOUNDS_INCOMPLETE:
            return self.longest_seconds
        match ending_of(text):
            case Ending.UNFINISHED:
                return self.longest_seconds
            case Ending.FINISHED:
                return self.shortest_seconds + doubt_about(completeness) * (self.seconds - self.shortest_seconds)
            case Ending.OPEN:
                return self.seconds
            case _ as never:
                assert_never(never)


def doubt_about(completeness: float) -> float:
    """How little the sound tells for the end of the command, from 0 to 1."""
    return min(1.0, max(0.0, (SOUNDS_COMPLETE - completeness) / (SOUNDS_COMPLETE - SOUNDS_DOUBTFUL)))
