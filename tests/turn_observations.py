"""The corpus of turn_corpus.py as the assistant hears it: its speech, its pauses, and what is said of each pause."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import anyio

from jetson_voice.audio import Clip
from jetson_voice.backends.faster_whisper import FasterWhisper
from jetson_voice.backends.piper import loaded as voice_of
from jetson_voice.backends.silero import Silero
from jetson_voice.backends.smart_turn import SmartTurn
from jetson_voice.backends.whisper_model import loaded as whisper_of
from jetson_voice.command import Command
from jetson_voice.config import Listen, SpeechToText
from jetson_voice.endpointing import Endpoint
from jetson_voice.protocols import SpeechDetector, Transcriber, TurnDetector
from recordings import frames_of
from turn_corpus import PAUSES_SECONDS, Item, Studio, corpus

MODELS: Final = Path(__file__).parents[1] / "models"
LISTEN: Final = Listen()
STT: Final = SpeechToText(model="whisper-base", device="cpu")
LATER: Final = iter(range(1000, 10**9, 1000))
"""Audio times far apart."""


@dataclass(frozen=True)
class Judgement:
    """What Smart Turn and whisper say of a command when a frame, counted from 0, makes it a pause."""

    frame: int
    completeness: float
    text: str


@dataclass(frozen=True)
class Observation:
    """An item as it was heard: whether each frame is speech, when nothing follows and after each of the pauses."""

    kind: str
    said: str
    first_ends_at: float
    alone: list[bool]
    with_pauses: list[list[bool]]
    judgements: list[Judgement]


@dataclass(frozen=True)
class Listeners:
    """The models that hear the corpus."""

    speech_detector: SpeechDetector
    turn_detector: TurnDetector
    transcriber: Transcriber


def observe(kept: Path | None) -> list[Observation]:
    """Hear the whole corpus, and keep what was heard in a file; or take it from there, where it was kept."""
    if kept and kept.exists():
        return [read(each) for each in json.loads(kept.read_text(encoding="utf-8"))]
    heard = anyio.run(_observed)
    if kept:
        kept.write_text(json.dumps([asdict(each) for each in heard], ensure_ascii=False), encoding="utf-8")
    return heard


def read(record: dict[str, Any]) -> Observation:
    judgements = [Judgement(each["frame"], each["completeness"], each["text"]) for each in record["judgements"]]
    return Observation(**(record | {"judgements": judgements}))


async def _observed() -> list[Observation]:
    """Hear the whole corpus."""
    models = Path(os.environ.get("JETSON_VOICE_MODELS", MODELS))
    voice = voice_of(models / "piper-en_US-joe-medium" / "en_US-joe-medium.onnx", "tts.voices.en")
    async with (
        Silero.opened(LISTEN) as speech_detector,
        SmartTurn.opened(models) as turn_detector,
        FasterWhisper.opened(STT, models) as transcriber,
    ):
        listeners = Listeners(speech_detector, turn_detector, transcriber)
        return [each async for each in observations(corpus(Studio(voice, whisper_of(STT, models))), listeners)]


async def observations(items: Iterable[Item], listeners: Listeners) -> AsyncIterator[Observation]:
    for item in items:
        alone = await speech_in(item.alone, listeners)
        judgements = [each async for each in judged(item, alone, listeners)]
        with_pauses = [await speech_in(item.with_pause(each), listeners) for each in PAUSES_SECONDS if item.rest]
        print(item.kind, item.said, [(each.text, round(each.completeness, 2)) for each in judgements], flush=True)
        yield Observation(item.kind, item.said, item.first_ends_at, alone, with_pauses, judgements)


async def speech_in(clip: Clip, listeners: Listeners) -> list[bool]:
    """Whether each frame is speech; the detector begins anew."""
    return [await listeners.speech_detector.is_speech(frame) for frame in frames_of(clip, at=next(LATER))]


async def judged(item: Item, alone: list[bool], listeners: Listeners) -> AsyncIterator[Judgement]:
    """What is said of the command at each of its pauses."""
    patient = replace(LISTEN.rules, end_silence_seconds=9.0)
    command = Command(item.wake_phrase, [], patient, began_at=0.0)
    for number, (frame, is_speech) in enumerate(zip(frames_of(item.alone), alone, strict=True)):
        if command.after(frame, is_speech=is_speech) is Endpoint.PAUSED:
            utterance = command.utterance()
            completeness = await listeners.turn_detector.completeness(command.as_if_over())
            transcript = await listeners.transcriber.transcribe(utterance)
            yield Judgement(number, completeness, transcript.text)
