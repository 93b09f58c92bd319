"""How the assistant is at this moment, told from what has happened: a fold over events, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from typing_extensions import assert_never

from jetson_voice.events import (
    CommandHeard,
    Event,
    FollowUpAwaited,
    FollowUpOver,
    Interrupted,
    NothingHeard,
    Ready,
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
    WakeNearlyHeard,
    WorkedAhead,
)

Activity: TypeAlias = Literal["loading", "listening", "hearing", "thinking", "speaking"]
State: TypeAlias = Literal["loading", "listening", "muted", "hearing", "thinking", "speaking", "no microphone"]


@dataclass(frozen=True)
class Turn:
    """A turn that is over; each stage's milliseconds until the first sound of the answer, in order."""

    outcome: str
    said: str
    answer: str
    failure: str
    stages_ms: Mapping[str, int]
    first_sound_ms: int | None
    """From the last word of the command, or from a program's request, to the first sound."""


@dataclass(frozen=True)
class Status:
    """What a program is told when it asks how the assistant is."""

    state: State
    is_muted: bool
    volume_percent: int
    wake_thresholds: Mapping[str, float]
    turns: int
    last_turn: Turn | None


@dataclass(frozen=True)
class TurnSoFar:
    """A turn in progress: when each stage was over, in seconds, and what was said."""

    ends: Mapping[str, float] = field(default_factory=dict)
    said: str = ""
    answer: str = ""
    failure: str = ""

    def at_end_of(self, stage: str, at: float) -> TurnSoFar:
        """The turn after the first end of a stage; later ones (the second sentence's) do not count."""
        return self if stage in self.ends else replace(self, ends={**self.ends, stage: at})

    def over(self, outcome: str) -> Turn:
        """The turn as it is told afterwards."""
        times = list(self.ends.values())
        stages_ms = {
            stage: round(1000 * (end - begin))
            for stage, begin, end in zip(list(self.ends)[1:], times, times[1:], strict=False)
        }
        first_sound_ms = round(1000 * (times[-1] - times[0])) if "synthesize" in stages_ms else None
        return Turn(outcome, self.said, self.answer, self.failure, stages_ms, first_sound_ms)


@dataclass(frozen=True)
class Live:
    """What it does, the turn it is in, and the last one."""

    activity: Activity = "loading"
    turn: TurnSoFar = field(default_factory=TurnSoFar)
    last_turn: Turn | None = None
    turns: int = 0

    def after(self, event: Event, at: float) -> Live:  # noqa: C901, PLR0911  one case for each event
        """How it is once an event has happened, at its audio time in seconds."""
        turn = self.turn
        match event:
            case Ready() | FollowUpOver():
                return replace(self, activity="listening")
            case WakeHeard() | NothingHeard() | FollowUpAwaited():
                return replace(self, activity="hearing")
            case CommandHeard(_, _, silence_seconds):
                begun = TurnSoFar().at_end_of("speech", at - silence_seconds).at_end_of("endpoint", at)
                return replace(self, activity="thinking", turn=begun)
            case Requested(_, text):
                begun = replace(TurnSoFar().at_end_of("request", at), said=text)
                return replace(self, activity="thinking", turn=begun)
            case Transcribed(text):
                return replace(self, turn=replace(turn.at_end_of("transcribe", at), said=text))
            case SentenceReady(written):
                return replace(self, turn=replace(turn.at_end_of("think", at), answer=turn.answer + written))
            case SpeakingStarted():
                return replace(self, activity="speaking", turn=turn.at_end_of("synthesize", at))
            case TurnFailed(stage, reason):
                return replace(self, turn=replace(turn, failure=f"{stage}: {reason}"))
            case TurnEnded(outcome):
                return self._over(outcome)
            case (
                SpeakingEnded() | Interrupted() | Silenced() | WakeNearlyHeard() | WorkedAhead() | SpeculationDropped()
            ):
                return self
            case _:
                assert_never(event)

    def _over(self, outcome: str) -> Live:
        # The wake word that interrupted an answer has begun the next turn already.
        activity: Activity = "hearing" if outcome == "interrupted" else "listening"
        return Live(activity, TurnSoFar(), self.turn.over(outcome), self.turns + 1)

    def state(self, *, is_muted: bool, hears: bool) -> State:
        """What it does, as a person wants to know it; `hears` whether the microphone gives sound."""
        waits = self.activity in ("listening", "hearing")
        if waits and not hears:
            return "no microphone"
        return "muted" if is_muted and waits else self.activity
