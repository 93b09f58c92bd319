"""What an observer does with events: lines of the log for a person, lines of a file for a program."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TextIO

from typing_extensions import assert_never

from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    NothingHeard,
    Ready,
    Requested,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    TurnFailed,
    WakeHeard,
    record_of,
)

log = logging.getLogger("jetson_voice")


def logged(*, transcripts: bool) -> Callable[[Event, float], None]:
    """An observer that logs what a person wants to follow; what was said only with `transcripts`."""

    def observe(event: Event, at: float) -> None:
        line = line_of(event, transcripts=transcripts)
        if line:
            level = logging.WARNING if isinstance(event, TurnFailed) else logging.INFO
            log.log(level, "%8.2f s  %s", at, line)

    return observe


def line_of(event: Event, *, transcripts: bool) -> str | None:  # noqa: C901, PLR0911  one case for each event
    """The event in words; None when it is of no interest to a person."""
    match event:
        case Ready():
            return "listening for the wake word"
        case WakeHeard(word, score):
            return f"heard “{word}” ({score:.2f})"
        case Requested(kind, text):
            return f"asked to {kind}: {text}" if transcripts else f"asked to {kind} {len(text)} characters"
        case CommandHeard(seconds):
            return f"command of {seconds:.1f} s"
        case NothingHeard():
            return "no words heard"
        case Transcribed(text, language):
            return f"user: {text}" if transcripts else f"transcribed {len(text)} characters ({language})"
        case SpeakingStarted(spoken):
            return f"assistant: {spoken}" if transcripts else f"speaking {len(spoken)} characters"
        case SpeakingEnded() | SentenceReady():
            return None
        case Interrupted(word):
            return f"interrupted by “{word}”"
        case TurnFailed(stage, reason):
            return f"turn failed at {stage}: {reason}"
        case TurnEnded(outcome):
            return f"turn over: {outcome}"
        case _:
            assert_never(event)


def written_to(file: TextIO) -> Callable[[Event, float], None]:
    """An observer that writes each event as a line of JSON, at once."""

    def observe(event: Event, at: float) -> None:
        file.write(json.dumps(record_of(event, at), ensure_ascii=False) + "\n")
        file.flush()

    return observe
