"""A turn as a waterfall: how long after the user's last sound each thing came, work done ahead included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from jetson_voice.events import (
    CommandHeard,
    Event,
    NothingHeard,
    SentenceReady,
    SpeculationDropped,
    Transcribed,
    WorkedAhead,
)

Mode: TypeAlias = Literal["default", "sequential", "tutorial"]


@dataclass(frozen=True)
class TranscriptionBegun:
    """Speech to text has been given an utterance."""


@dataclass(frozen=True)
class FirstToken:
    """The language model has written the first piece of an answer."""


@dataclass(frozen=True)
class SpeechMade:
    """The voice has made a piece of an answer: from now on it can be played."""


Moment: TypeAlias = Event | TranscriptionBegun | FirstToken | SpeechMade
Moments: TypeAlias = Sequence[tuple[Moment, float]]
"""What happened, and the seconds at which it did, all of one clock."""


@dataclass(frozen=True)
class Waterfall:
    """Seconds from the last sound of the question; what is made ahead comes before the endpoint."""

    transcription_begun: float
    transcript: float
    first_token: float
    first_sentence: float
    first_sample_made: float
    endpoint: float
    first_sample_heard: float

    @property
    def is_ahead(self) -> bool:
        """Whether the answer was begun before it was certain that the command was over."""
        return self.transcription_begun < self.endpoint

    @property
    def was_ready(self) -> bool:
        """Whether there was sound to be played by the time it was certain."""
        return self.first_sample_made <= self.endpoint

    @property
    def after_endpoint(self) -> float:
        """Seconds from the endpoint to the first sound."""
        return self.first_sample_heard - self.endpoint


@dataclass(frozen=True)
class Turn:
    """One question and its answer in one of the modes; without a waterfall it was not answered, or not heard."""

    mode: Mode
    question: str
    outcome: str
    transcript: str
    answer: str
    waterfall: Waterfall | None
    speculations_dropped: int
    wasted_seconds: float
    """Of work for an end of the command that was none, until its last thread had ended."""

    cpu_seconds: float
    """From the question's begin to the answer's end, all cores."""


def waterfall_of(happened: Moments, *, ended_at: float, heard_at: float) -> Waterfall | None:
    """The waterfall of a turn; None where a moment is missing."""
    made = after_the_last((SpeculationDropped, NothingHeard), happened)
    moments = {
        "transcription_begun": first_of(made, TranscriptionBegun),
        "transcript": first_of(made, Transcribed, ahead="transcribe"),
        "first_token": first_of(made, FirstToken),
        "first_sentence": first_of(made, SentenceReady, ahead="think"),
        "first_sample_made": first_of(made, SpeechMade),
        "endpoint": first_of(made, CommandHeard),
        "first_sample_heard": heard_at,
    }
    known = {name: at - ended_at for name, at in moments.items() if at is not None}
    return Waterfall(**known) if len(known) == len(fields(Waterfall)) else None


def wasted_seconds(happened: Moments) -> list[float]:
    """Of each speculation that was begun and dropped, until whisper had ended: it cannot be broken off."""
    begun_at: float | None = None
    wasted = []
    for moment, at in happened:
        if isinstance(moment, TranscriptionBegun):
            begun_at = at
        elif isinstance(moment, SpeculationDropped) and begun_at is not None:
            wasted.append(at - begun_at)
            begun_at = None
    return wasted


def after_the_last(kinds: tuple[type, ...], happened: Moments) -> Moments:
    """What came after the last of these; all of it where there is none."""
    ends = [index for index, (moment, _) in enumerate(happened, start=1) if isinstance(moment, kinds)]
    return happened[ends[-1] if ends else 0 :]


def first_of(happened: Moments, kind: type, *, ahead: str = "") -> float | None:
    """When the first of a kind came; a stage that worked ahead tells of it only later, and by WorkedAhead at once."""
    return next(
        (
            at
            for moment, at in happened
            if isinstance(moment, kind) or (isinstance(moment, WorkedAhead) and moment.stage == ahead)
        ),
        None,
    )


def schedule(modes: Sequence[Mode], questions: Sequence[str], turns: int) -> list[tuple[Mode, str]]:
    """The modes turn by turn, so many turns of each: no mode is asked what the one before it was asked just now.

    Else it would find that question in the language model's prompt cache. After as many turns as there are questions
    each mode has been asked all of them.
    """
    step = max(1, len(questions) // len(modes))
    return [
        (mode, questions[(turn + step * place) % len(questions)])
        for turn in range(turns)
        for place, mode in enumerate(modes)
    ]
