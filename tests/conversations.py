"""Whole conversations on scripted backends, in virtual time: a minute of talk takes milliseconds and never varies."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
from trio.testing import MockClock

from jetson_voice.assembly import nothing
from jetson_voice.assistant import Assistant
from jetson_voice.audio import Echo
from jetson_voice.concurrency import together
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.conversation import Conversation
from jetson_voice.delivery import Mind
from jetson_voice.endpointing import EndpointRules, FollowUp
from jetson_voice.events import Event, record_of
from jetson_voice.exit_phrases import InterruptedBy
from jetson_voice.listening import Ears, Listener
from jetson_voice.patience import Patience
from jetson_voice.protocols import Message, StageError
from jetson_voice.reply import Reply
from jetson_voice.requests import BusyError, Requests
from scripted import (
    Answer,
    Said,
    ScriptedLanguageModel,
    ScriptedMicrophone,
    ScriptedSpeaker,
    ScriptedSpeechDetector,
    ScriptedTranscriber,
    ScriptedTurnDetector,
    ScriptedVoice,
    ScriptedWakeWord,
    sound_of,
)

NO_SPECULATION = EndpointRules(
    start_timeout_seconds=4.0,
    end_silence_seconds=0.8,
    speculate_after_seconds=9.0,
    min_speech_seconds=0.24,
    max_seconds=10.0,
)
SPECULATION = replace(NO_SPECULATION, speculate_after_seconds=0.2)
IMPARTIAL = Patience.fixed(0.8)
NO_FOLLOW_UP = FollowUp(0, after_question_seconds=0)
GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Program:
    """At a time in seconds a program asks for something; "stop" asks for silence."""

    at: float
    wants: Ask | Say | Literal["stop"]


@dataclass(frozen=True)
class Scenario:
    """What is said in the room, and what the backends will do about it."""

    said: Sequence[Said]
    transcripts: Sequence[str | StageError] = ()
    answers: Sequence[Answer] = ()
    seconds: float = 20.0
    language: str = "en"
    voice: ScriptedVoice = field(default_factory=ScriptedVoice)
    speaker_fails: bool = False
    programs: Sequence[Program] = ()
    transcribe_seconds: float = 0.4
    follow_up: FollowUp = NO_FOLLOW_UP
    rules: EndpointRules = NO_SPECULATION
    prepares: bool = False
    completeness: float = 1.0
    patience: Patience = IMPARTIAL
    interrupted_by: InterruptedBy = "wake-word"
    echo: Echo = Echo.NONE
    own_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Told:
    """What a program was told at last, and when: an outcome, a refusal, whether there was something to stop."""

    at: float
    what: str | bool


@dataclass
class Performance:
    """What happened."""

    events: list[dict[str, Any]] = field(default_factory=list)
    history: Sequence[Message] = ()
    heard_seconds: float = 0.0
    ducked: Sequence[tuple[float, bool]] = ()
    """When the answer became soft, and when it was no longer."""

    open_streams: int = 0
    requests: Sequence[Sequence[Message]] = ()
    told: list[Told] = field(default_factory=list)

    def named(self, name: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event for event in self.events if event["event"] == name]


def perform(scenario: Scenario, *, strict: bool = True) -> Performance:
    """Play the scenario in virtual time; with `strict` every line of every script must have been used."""
    clock = MockClock(autojump_threshold=0)
    return anyio.run(partial(_perform, scenario, strict), backend="trio", backend_options={"clock": clock})


async def _perform(scenario: Scenario, strict: bool) -> Performance:
    opened_at = anyio.current_time()
    performance = Performance()

    def observe(event: Event) -> None:
        performance.events.append(record_of(event, anyio.current_time() - opened_at))

    transcriber = ScriptedTranscriber(scenario.transcripts, scenario.transcribe_seconds, scenario.language)
    language_model = ScriptedLanguageModel(scenario.answers)
    speaker = ScriptedSpeaker(fails=scenario.speaker_fails)
    conversation = Conversation("Be brief.", history_tokens=1000, forget_after_seconds=300)
    reply = Reply(
        Mind(transcriber, language_model, scenario.voice, speaker),
        conversation,
        language="en",
        observe=observe,
    )
    requests = Requests()

    async def run(program: Program) -> None:
        await anyio.sleep_until(opened_at + program.at)
        what = await told(requests, program.wants)
        performance.told.append(Told(anyio.current_time() - opened_at, what))

    assistant = Assistant(
        Listener(
            Ears(
                ScriptedMicrophone(sound_of(scenario.said), scenario.echo, scenario.own_words),
                ScriptedWakeWord(),
                ScriptedSpeechDetector(),
                ScriptedTurnDetector(scenario.completeness),
                transcriber,
            ),
            rules=scenario.rules,
            patience=scenario.patience,
            pre_roll_seconds=1.5,
            interrupted_by=scenario.interrupted_by,
            duck=speaker.duck,
            observe=observe,
        ),
        answer=reply.answer,
        prepare=reply.prepare if scenario.prepares else nothing,
        requests=requests,
        follow_up=scenario.follow_up,
        observe=observe,
    )
    with anyio.move_on_after(scenario.seconds):
        await together(assistant.run, *(partial(run, program) for program in scenario.programs))
    performance.history = conversation.history
    performance.heard_seconds = speaker.position
    performance.ducked = [(round(at - opened_at, 3), is_soft) for at, is_soft in speaker.ducked]
    performance.open_streams = language_model.open_streams
    performance.requests = language_model.requests
    if strict:
        transcriber.assert_finished()
        language_model.assert_finished()
    return performance


async def told(requests: Requests, wants: Ask | Say | Literal["stop"]) -> str | bool:
    """What a program that wants this is told at last."""
    if wants == "stop":
        return requests.stop()
    try:
        ended = await requests.put(wants).end()
    except BusyError as refusal:
        return str(refusal)
    return ended.outcome


def assert_golden(name: str, performance: Performance) -> None:
    """The events are those of the golden file, to the millisecond; JETSON_VOICE_GOLDEN=write makes the file anew."""
    lines = [json.dumps(event, ensure_ascii=False) for event in performance.events]
    path = GOLDEN / f"{name}.jsonl"
    if os.environ.get("JETSON_VOICE_GOLDEN") == "write":
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == path.read_text(encoding="utf-8").splitlines()
