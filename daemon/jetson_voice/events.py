"""What happened, for whoever watches. Events report; they never steer: without observers nothing changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from jetson_voice.protocols import Stage


@dataclass(frozen=True)
class Ready:
    """The microphone is open and the wake word listens."""


@dataclass(frozen=True)
class WakeHeard:
    """A wake word; `heard_at` is its audio time in seconds."""

    word: str
    score: float
    heard_at: float


@dataclass(frozen=True)
class WakeNearlyHeard:
    """Something like a wake word, not sure enough; `score` is the highest it came to."""

    word: str
    score: float


@dataclass(frozen=True)
class Requested:
    """A program asks for an answer to a text, or for the text to be spoken; a turn without a wake word begins."""

    kind: Literal["ask", "say"]
    text: str


@dataclass(frozen=True)
class CommandHeard:
    """The user has finished a command; `speech_ended_at` is the audio time of their last speech in seconds.

    `silence_seconds` is how long they had been silent by then. Audio time follows the sound card's clock and drifts
    from every other over days: only differences within one of them mean anything.
    """

    seconds: float
    speech_ended_at: float
    silence_seconds: float


@dataclass(frozen=True)
class NothingHeard:
    """The wake word was heard, but no command came after it."""


@dataclass(frozen=True)
class FollowUpAwaited:
    """After an answer the assistant listens on for so many seconds: what is said now needs no wake word."""

    seconds: float


@dataclass(frozen=True)
class FollowUpOver:
    """Nobody said more; from now on the wake word is needed again."""


@dataclass(frozen=True)
class WorkedAhead:
    """A stage is done with a piece of an answer before it is certain that the command is over.

    Its own event follows when that is certain; a command that goes on is told by SpeculationDropped instead.
    """

    stage: Stage


@dataclass(frozen=True)
class SpeculationDropped:
    """The command went on after all: what was made for it in `seconds` of work is thrown away unheard."""

    seconds: float


@dataclass(frozen=True)
class Transcribed:
    """The words of the command, wake word removed."""

    text: str
    language: str


@dataclass(frozen=True)
class SentenceReady:
    """The language model has written a sentence."""

    written: str
    spoken: str


@dataclass(frozen=True)
class SpeakingStarted:
    """A sentence begins to be heard."""

    spoken: str


@dataclass(frozen=True)
class SpeakingEnded:
    """A sentence is over; `heard` is the part of what was written that was heard, in `heard_seconds`."""

    heard: str
    heard_seconds: float


@dataclass(frozen=True)
class Interrupted:
    """Somebody ended the answer and goes on; `word` is the wake word, empty where they just spoke."""

    word: str


@dataclass(frozen=True)
class Silenced:
    """A stop word ended the answer; `text` is what was understood."""

    text: str


@dataclass(frozen=True)
class TurnFailed:
    """A stage failed; the user is told so."""

    stage: Stage
    reason: str


@dataclass(frozen=True)
class TurnEnded:
    """The turn is over.

    It was `stopped` by a program or a stop word, has `said` what a program wanted, was `dismissed` by an exit phrase.
    `asks` tells whether the assistant has ended with a question.
    """

    outcome: Literal[
        "answered", "said", "dismissed", "interrupted", "stopped", "failed", "not understood", "nothing heard"
    ]
    asks: bool = False


Event: TypeAlias = (
    Ready
    | WakeHeard
    | WakeNearlyHeard
    | Requested
    | CommandHeard
    | NothingHeard
    | FollowUpAwaited
    | FollowUpOver
    | WorkedAhead
    | SpeculationDropped
    | Transcribed
    | SentenceReady
    | SpeakingStarted
    | SpeakingEnded
    | Interrupted
    | Silenced
    | TurnFailed
    | TurnEnded
)
Observer: TypeAlias = Callable[[Event], None]


def name_of(event: Event) -> str:
    """The event's name in a log or file: `wake_heard`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def record_of(event: Event, at: float) -> dict[str, Any]:
    """The event as one flat JSON object, times to the millisecond; `at` is when it happened, in audio seconds."""
    fields = {"at": at, **asdict(event)}
    rounded = {key: round(value, 3) if isinstance(value, float) else value for key, value in fields.items()}
    return {"event": name_of(event), **rounded}
