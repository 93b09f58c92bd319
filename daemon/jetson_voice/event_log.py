"""What an observer does with events: lines of the log for a person, lines of a file for a program."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import TextIO

from jetson_voice.events import (
    CommandHeard,
    Event,
    Interrupted,
    NothingHeard,
    Ready,
    Requested,
    Silenced,
    SpeakingStarted,
    Transcribed,
    TurnFailed,
    WakeHeard,
    WakeNearlyHeard,
    record_of,
)
from jetson_voice.notices import notice
from jetson_voice.turn_summary import Turns, TurnSummary

log = logging.getLogger("jetson_voice")


def logged(*, transcripts: bool, turns: Turns | None = None) -> Callable[[Event, float], None]:
    """An observer that logs what a person wants to follow: what it hears, and a line a turn.

    What was said is logged only with `transcripts`, and then marked: `journalctl JV_TRANSCRIPT=yes`. Whoever changes
    the observer in mid-life hands the `turns` on, so that their numbers go on.
    """
    turns = turns or Turns()

    def observe(event: Event, at: float) -> None:
        number = turns.number
        summary = turns.after(event, at)
        if summary:
            log_turn(summary)
        else:
            log_event(event, number, transcripts=transcripts)

    return observe


def log_turn(summary: TurnSummary) -> None:
    """One line, with all that is known as fields."""
    level = logging.WARNING if summary.failure else logging.INFO
    notice("turn_complete", summary.line, level=level, **summary.fields)
    for name, milliseconds in summary.waits_ms.items():
        fields = {"JV_TURN": summary.number, "JV_STAGE": name, "JV_MS": milliseconds}
        log.debug("turn %d: %s %d ms", summary.number, name, milliseconds, extra=fields)


def log_event(event: Event, turn: int, *, transcripts: bool) -> None:  # noqa: C901  one case for each event
    """The lines within a turn, and between two."""
    match event:
        case Ready():
            log.info("listening for the wake word")
        case WakeHeard(word, score):
            notice("wake_heard", f"heard “{word}” ({score:.2f})", word=word, score=round(score, 3))
        case WakeNearlyHeard(word, score):
            notice("wake_nearly_heard", f"nearly heard “{word}” ({score:.2f})", word=word, score=round(score, 3))
        case Requested(kind, text):
            log.info("asked by a program to %s %d characters", kind, len(text), extra={"JV_TURN": turn})
            log_words("program", text, turn, transcripts=transcripts)
        case Interrupted(word):
            notice("interrupted", f"interrupted by {f'“{word}”' if word else 'speech'}", turn=turn, word=word)
        case Silenced(text):
            notice("silenced", "a stop word ended the answer", turn=turn)
            log_words("user", text, turn, transcripts=transcripts)
        case TurnFailed(stage, reason):
            log.debug("turn %d failed at %s: %s", turn, stage, reason)
        case Transcribed(text, language):
            log_words("user", text, turn, transcripts=transcripts)
            log.debug("turn %d: transcribed %d characters (%s)", turn, len(text), language)
        case SpeakingStarted(spoken):
            log_words("assistant", spoken, turn, transcripts=transcripts)
        case CommandHeard(seconds):
            log.debug("turn %d: command of %.1f s", turn, seconds)
        case NothingHeard():
            log.debug("turn %d: no words heard", turn)
        case _:  # the rest is in the turn's summary
            pass


def log_words(who: str, words: str, turn: int, *, transcripts: bool) -> None:
    """What was said, if it may be logged."""
    if transcripts:
        log.info("%s: %s", who, words, extra={"JV_TURN": turn, "JV_TRANSCRIPT": "yes", "JV_WHO": who})


def written_to(file: TextIO) -> Callable[[Event, float], None]:
    """An observer that writes each event as a line of JSON, at once."""

    def observe(event: Event, at: float) -> None:
        file.write(json.dumps(record_of(event, at), ensure_ascii=False) + "\n")
        file.flush()

    return observe
