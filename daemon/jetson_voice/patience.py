"""How long a pause must last to end a command: shorter where the command seems complete, longer where it does not."""

from __future__ import annotations

from dataclasses import dataclass

from jetson_voice.endings import Ending, ending_of

SOUNDS_COMPLETE = 0.9


@dataclass(frozen=True)
class Patience:
    """Silences that end a command, in seconds."""

    shortest_seconds: float
    """Its words and its sound say that it is complete."""

    seconds: float
    """They do not agree."""

    longest_seconds: float
    """It cannot be complete, or its words are not known yet: without them nothing could be answered."""

    @classmethod
    def fixed(cls, seconds: float) -> Patience:
        """The same, whatever is said."""
        return cls(seconds, seconds, seconds)

    def needed(self, completeness: float, text: str | None) -> float:
        """The silence in seconds, by how complete it sounds, from 0 to 1, and by what was understood so far."""
        if not text:
            return self.longest_seconds
        match ending_of(text):
            case Ending.UNFINISHED:
                return self.longest_seconds
            case Ending.FINISHED if completeness >= SOUNDS_COMPLETE:
                return self.shortest_seconds
        return self.seconds
