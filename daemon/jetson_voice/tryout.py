"""One conversation turn without a sound card: a spoken question goes in as a WAV file, the answer comes out as one.

Nothing is faked: the question is made by the voice, and the answer is checked by letting whisper listen to it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import anyio
import numpy as np

from jetson_voice import app, backends
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, read_wav, write_wav
from jetson_voice.config import Config
from jetson_voice.event_log import written_to
from jetson_voice.events import (
    CommandHeard,
    Event,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnFailed,
    WakeHeard,
)
from jetson_voice.protocols import Utterance
from jetson_voice.sentences import Sentence

QUESTION: Final = "Hey Jarvis, what is water?"
ENOUGH: Final = 0.8
"""How alike what was written and what whisper hears must be; it mishears one or another name."""


def one_turn(config: Config, folder: Path) -> int:
    """Ask, answer, listen to the answer, print the timeline; 0 when what was heard is what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    question, answer, events = (
        folder / "question.wav",
        folder / "answer.wav",
        folder / "events.jsonl",
    )

    print(f"Making the question   {question}: “{QUESTION}”", flush=True)
    write_wav(question, anyio.run(spoken, config, QUESTION))

    print(f"Holding the turn      {answer}, in real time", flush=True)
    happened: list[tuple[Event, float]] = []
    with events.open("w", encoding="utf-8") as file:
        observers = [written_to(file), lambda event, at: happened.append((event, at))]
        anyio.run(app.replay, config, read_wav(question), answer, observers)
    print("\n".join(timeline(happened)))

    written = " ".join(event.spoken for event, _ in happened if isinstance(event, SentenceReady))
    if not written:
        print("There was no answer: the timeline above shows how far the turn came.")
        return 1
    heard = anyio.run(transcribed, config, read_wav(answer))
    likeness = likeness_of(written, heard)
    print(f"The answer as written {written}\nThe answer as heard   {heard}")
    print(f"They agree to {likeness:.0%}. Listen to {answer}; what happened is in {events}")
    return 0 if likeness >= ENOUGH else 1


async def spoken(config: Config, text: str) -> Clip:
    """The text in the assistant's own voice, with a second of silence before it."""
    async with backends.voice(config) as voice:
        speech = await voice.synthesize(Sentence(written=text, spoken=text))
    clip = speech.clip.at_rate(SAMPLE_RATE_HZ)
    silence = np.zeros(SAMPLE_RATE_HZ, np.int16)
    return Clip(np.concatenate([silence, clip.samples]), SAMPLE_RATE_HZ)


async def transcribed(config: Config, clip: Clip) -> str:
    """What whisper hears in the clip."""
    async with backends.transcriber(config) as transcriber:
        utterance = Utterance(clip.at_rate(SAMPLE_RATE_HZ), wake_phrase="", ended_at=clip.seconds)
        return (await transcriber.transcribe(utterance)).text


def likeness_of(written: str, heard: str) -> float:
    """The share of letters, digits and hanzi that agree, in order: "France is" and "Francis" sound the same."""
    ours, theirs = (re.sub(r"[\W_]", "", text.lower()) for text in (written, heard))
    return difflib.SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def timeline(happened: Sequence[tuple[Event, float]]) -> list[str]:
    """The turn as a table: audio time, what happened, and how long after the end of the question."""
    lines = [f"{'at s':>8} {'after the question':>19}  what"]
    question_ended_at: float | None = None
    for event, at in happened:
        if isinstance(event, CommandHeard):
            question_ended_at = event.speech_ended_at
            lines.append(f"{question_ended_at:8.2f} {'0 ms':>19}  last word of the question")
        text = row_of(event)
        if text:
            since = "" if question_ended_at is None else f"{(at - question_ended_at) * 1000:+.0f} ms"
            lines.append(f"{at:8.2f} {since:>19}  {text}")
    return lines


def row_of(event: Event) -> str | None:  # noqa: PLR0911  one case for each event
    """The event as the timeline tells it."""
    match event:
        case WakeHeard(word, score):
            return f"wake word “{word}” heard, score {score:.2f}"
        case CommandHeard(seconds):
            return f"end of the question known, {seconds:.1f} s of sound"
        case Transcribed(text):
            return f"transcribed: {text}"
        case SentenceReady(_, spoken):
            return f"written: {spoken}"
        case SpeakingStarted(spoken):
            return f"first sound of: {spoken}"
        case SpeakingEnded(_, seconds):
            return f"spoken in {seconds:.1f} s"
        case TurnFailed(stage, reason):
            return f"failed at {stage}: {reason}"
        case _:
            return None
