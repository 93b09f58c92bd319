"""What `status` and `monitor` show: from what the service tells to lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from jetson_voice.control_protocol import Answer, Happened, Heard, Missed, Report
from jetson_voice.live import Status, Turn

BAR_CELLS: Final = 40
EVENTS_SHOWN: Final = 8


@dataclass(frozen=True)
class View:
    """What is known: the last status, the last scores, the last events in words."""

    status: Status | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    events: tuple[str, ...] = ()

    def after(self, news: Answer) -> View:
        """What is known once something was told."""
        match news:
            case Report(status):
                return replace(self, status=status)
            case Heard(scores):
                return replace(self, scores=scores)
            case Happened() | Missed():
                return replace(self, events=(*self.events, *lines_of(news))[-EVENTS_SHOWN:])
            case _:
                return self


def screen_of(view: View, width: int) -> list[str]:
    """The live picture, no line longer than the terminal is wide."""
    if view.status is None:
        return ["waiting for the service …"]
    lines = status_lines(view.status)
    meter = [meter_of(word, view.scores.get(word, 0.0), mark) for word, mark in view.status.wake_thresholds.items()]
    lines += ["", *meter, "", *view.events]
    return [line[: max(1, width - 1)] for line in lines]


def status_lines(status: Status) -> list[str]:
    """How the assistant is, in lines."""
    sound = "muted: no wake word can be heard" if status.is_muted else "not muted"
    lines = [
        f"state      {status.state}",
        f"sound      {sound}, volume {status.volume_percent} %",
        f"turns      {status.turns}",
    ]
    return lines + (turn_lines(status.last_turn) if status.last_turn else [])


def turn_lines(turn: Turn) -> list[str]:
    """The last turn: how it ended, where its time went, what was said if that is told."""
    lines = [f"last turn  {turn.outcome}" + (f" ({turn.failure})" if turn.failure else "")]
    stages = ", ".join(f"{stage} {milliseconds} ms" for stage, milliseconds in turn.stages_ms.items())
    if turn.first_sound_ms is not None:
        lines.append(f"           first sound after {turn.first_sound_ms} ms: {stages}")
    elif stages:
        lines.append(f"           {stages}")
    lines += [f"           user: {turn.said}"] * bool(turn.said)
    lines += [f"           assistant: {turn.answer.strip()}"] * bool(turn.answer)
    return lines


def meter_of(word: str, score: float, threshold: float) -> str:
    """A bar from 0 to 1 with a mark where the word counts as heard: `hey jarvis  ██████░░░|░░  0.61`."""
    filled = round(min(1.0, max(0.0, score)) * BAR_CELLS)
    mark = min(BAR_CELLS - 1, int(threshold * BAR_CELLS))
    cells = ["█" if cell < filled else "░" for cell in range(BAR_CELLS)]
    cells[mark] = "┃"
    return f"{word:<16} {''.join(cells)} {score:.2f}{'  heard' if score >= threshold else ''}"


def lines_of(news: Answer) -> list[str]:
    """What was told, in lines; scores are for the picture only."""
    match news:
        case Happened(record):
            return [event_line(record)]
        case Missed(count):
            return [f"({count} lines were missed)"]
        case Report(status):
            return [f"{'':11}  state            {status.state}"]
        case _:
            return []


def event_line(record: Mapping[str, Any]) -> str:
    """`   12.34 s  transcribed  text: What is water?, language: en`."""
    fields = {key: value for key, value in record.items() if key not in ("event", "at")}
    told = ", ".join(f"{key.replace('_', ' ')}: {in_words(key, value)}" for key, value in fields.items())
    return f"{record.get('at', 0.0):9.2f} s  {str(record.get('event', '')).replace('_', ' '):<17}{told}".rstrip()


def in_words(key: str, value: object) -> str:
    """A value; the length that stands for a text that is not told says so."""
    if isinstance(value, int) and key in ("text", "written", "spoken", "heard"):
        return f"({value} characters)"
    return str(value).strip()
