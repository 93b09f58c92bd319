"""A turn in one line: what began it, how it ended, and how long each stage let the user wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, TypeAlias, TypeVar

from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    Requested,
    SentenceReady,
    Silenced,
    SpeakingEnded,
    SpeakingStarted,
    SpeculationDropped,
    Transcribed,
    TurnEnded,
    TurnFailed,
    WakeHeard,
    WorkedAhead,
)

Happened: TypeAlias = Sequence[tuple[Event, float]]
"""Events, and the seconds at which they came, all of one clock."""

E = TypeVar("E", bound=Event)

WAITS: Final = {"transcribe": Transcribed, "think": SentenceReady, "synthesize": SpeakingStarted}
"""After the endpoint, one after the other, they are the wait for the first sound; each ends with the first of these."""


@dataclass(frozen=True)
class TurnSummary:
    """A turn that is over; its number counts from the daemon's start."""

    number: int
    outcome: str
    wake: WakeHeard | None
    command_seconds: float
    waits_ms: Mapping[str, int]
    """`endpoint`: the silence until the command counted as over; then those of WAITS."""

    first_sound_ms: int | None
    """From the last speech of the command, or a request, to the first sound of the answer: the sum of the waits."""

    was_ahead: bool
    """The answer was begun before it was certain that the command was over."""

    dropped: int
    """Answers that were begun before the command was over and thrown away, `dropped_seconds` of work in all."""

    dropped_seconds: float
    spoken_seconds: float
    interrupted_by: str
    """As a person is told it."""

    failure: TurnFailed | None

    @property
    def line(self) -> str:
        """For a person."""
        parts = [f"turn {self.number}: {self.outcome}"]
        if self.interrupted_by:
            parts[0] += f" by {self.interrupted_by}"
        if self.failure:
            parts[0] += f" at {self.failure.stage} ({self.failure.reason})"
        if self.command_seconds:
            parts.append(f"command of {self.command_seconds:.1f} s")
        if self.first_sound_ms is not None:
            waits = ", ".join(f"{name} {ms}" for name, ms in self.waits_ms.items())
            parts.append(f"first sound after {self.first_sound_ms} ms ({waits})")
        if self.dropped:
            parts.append(f"{self.dropped} dropped beginnings of an answer")
        if self.spoken_seconds:
            parts.append(f"spoke {self.spoken_seconds:.1f} s")
        return "; ".join(parts)

    @property
    def fields(self) -> dict[str, str | float]:
        """For the journal, without `JV_`: `ms` is the wait for the first sound, `stage` the one that failed."""
        values: dict[str, str | float | None] = {
            "turn": self.number,
            "outcome": self.outcome,
            "word": self.wake.word if self.wake else None,
            "score": round(self.wake.score, 3) if self.wake else None,
            "ms": self.first_sound_ms,
            **{f"{name}_ms": ms for name, ms in self.waits_ms.items()},
            "ahead": "yes" if self.was_ahead else None,
            "dropped": self.dropped or None,
            "dropped_ms": round(1000 * self.dropped_seconds) or None,
            "spoken_seconds": round(self.spoken_seconds, 2),
            "stage": self.failure.stage if self.failure else None,
            "reason": self.failure.reason if self.failure else None,
        }
        return {name: value for name, value in values.items() if value is not None}


class Turns:
    """Collects what happens, turn by turn, and counts the turns."""

    def __init__(self) -> None:
        self._happened: list[tuple[Event, float]] = []
        self.number = 1
        """Of the turn that goes on, or comes next."""

    def after(self, event: Event, at: float) -> TurnSummary | None:
        """The summary of the turn that ends with this event; `at` in seconds."""
        if not isinstance(event, TurnEnded):
            self._happened.append((event, at))
            return None
        happened, self._happened = self._happened, []
        if event.outcome != "nothing heard":
            # The wake word of the next turn is heard before this one is over.
            self._happened = [each for each in after_the_command(happened) if isinstance(each[0], WakeHeard)]
        summary = summary_of(self.number, event, happened)
        self.number += 1
        return summary


def summary_of(number: int, ended: TurnEnded, happened: Happened) -> TurnSummary:
    """All that is worth knowing of a turn, from its events."""
    answer = after_the_command(happened)
    before = happened[: len(happened) - len(answer)]
    wakes = of(WakeHeard, before or happened)
    commands = of(CommandHeard, before)
    waits = waits_of(before, answer)
    dropped = of(SpeculationDropped, before)
    return TurnSummary(
        number=number,
        outcome=ended.outcome,
        wake=wakes[-1] if wakes else None,
        command_seconds=commands[-1].seconds if commands else 0.0,
        waits_ms={name: round(seconds * 1000) for name, seconds in waits.items()},
        first_sound_ms=round(sum(waits.values()) * 1000) if "synthesize" in waits else None,
        was_ahead=bool(of(WorkedAhead, after_last((SpeculationDropped,), before) or before)),
        dropped=len(dropped),
        dropped_seconds=sum(each.seconds for each in dropped),
        spoken_seconds=sum(each.heard_seconds for each in of(SpeakingEnded, answer)),
        interrupted_by=interrupted_by(answer),
        failure=next(iter(of(TurnFailed, answer)), None),
    )


def waits_of(before: Happened, answer: Happened) -> dict[str, float]:
    """The waits in seconds, as far as the answer came; an apology is no answer."""
    if not before:
        return {}
    begun, waited_since = before[-1]
    waits = {"endpoint": begun.silence_seconds} if isinstance(begun, CommandHeard) else {}
    answer = list(takewhile(lambda each: not isinstance(each[0], TurnFailed), answer))
    for name, kind in WAITS.items():
        came_at = next((at for event, at in answer if isinstance(event, kind)), None)
        if came_at is not None:
            waits[name] = came_at - waited_since
            waited_since = came_at
    return waits


def interrupted_by(answer: Happened) -> str:
    """What ended the answer before its end, if anything did."""
    if of(Silenced, answer):
        return "a stop word"
    return next((f"“{each.word}”" if each.word else "speech" for each in of(Interrupted, answer)), "")


def after_the_command(happened: Happened) -> Happened:
    """What came after the last command, or a program's request."""
    return after_last((CommandHeard, Requested), happened) or []


def after_last(kinds: tuple[type[Event], ...], happened: Happened) -> Happened | None:
    """What came after the last event of these kinds; None where there is none."""
    ends = [index for index, (event, _) in enumerate(happened, start=1) if isinstance(event, kinds)]
    return happened[ends[-1] :] if ends else None


def of(kind: type[E], happened: Happened) -> list[E]:
    """The events of one kind."""
    return [event for event, _ in happened if isinstance(event, kind)]
