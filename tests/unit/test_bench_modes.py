"""The two baselines of the bench: what they do, and in which order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from anyio import create_task_group, wait_all_tasks_blocked

from jetson_voice.assembly import conversation_of
from jetson_voice.audio import Clip
from jetson_voice.bench.modes import MODES, answering_of, cut_at_stops, settings_of, whole
from jetson_voice.bench.waterfall import Mode
from jetson_voice.config import Config
from jetson_voice.delivery import Mind
from jetson_voice.events import Event, name_of
from jetson_voice.hold import Hold
from jetson_voice.protocols import Message, Speech, Transcript, Utterance
from jetson_voice.sentences import Sentence

pytestmark = pytest.mark.anyio

UTTERANCE = Utterance(Clip(np.zeros(16_000, np.int16), 16_000), "hey jarvis", 1.0)
ANSWER = ["Paris. It has", " 2.2 million peo", "ple!好。真的？"]


async def stream(chunks: list[str]) -> AsyncIterator[str]:
    for chunk in chunks:
        yield chunk


async def pieces_of(cut: AsyncGenerator[str, None]) -> list[str]:
    return [piece async for piece in cut]


async def test_the_tutorial_cuts_right_after_every_stop() -> None:
    assert await pieces_of(cut_at_stops(stream(ANSWER))) == [
        "Paris.",
        " It has 2.",
        "2 million people!",
        "好。",
        "真的？",
    ]
    assert await pieces_of(cut_at_stops(stream(["no", " stop"]))) == ["no stop"]


async def test_the_sequential_mode_waits_for_all_of_it() -> None:
    assert await pieces_of(whole(stream(ANSWER))) == ["".join(ANSWER)]


@dataclass
class Parts:
    """All the parts of an answer in one: what was done, in order."""

    done: list[str] = field(default_factory=list)
    text: str = "France?"
    position: float = 0.0

    async def transcribe(self, _: Utterance) -> Transcript:
        return Transcript(self.text, "en")

    async def reply(self, messages: list[Message]) -> AsyncGenerator[str, None]:
        assert messages[-1] == Message("user", self.text)
        for chunk in ("Paris.", " Yes", ".", "…"):
            self.done.append(f"write {chunk}")
            yield chunk

    async def synthesize(self, sentence: Sentence) -> Speech:
        self.done.append(f"make {sentence.spoken}")
        return Speech(sentence, UTTERANCE.clip)

    async def play(self, _: Clip) -> None:
        self.done.append("play")

    def observe(self, event: Event) -> None:
        self.done.append(name_of(event))


def mind_of(parts: Parts) -> Mind:
    return Mind(parts, parts, parts, parts)  # type: ignore[arg-type]


async def answered(mode: Mode, parts: Parts) -> str:
    answering = answering_of(mode, Config(), mind_of(parts), parts.observe)
    return (await answering.answer(UTTERANCE, Hold.none())).outcome


async def test_the_tutorial_does_one_thing_after_another_sentence_by_sentence() -> None:
    parts = Parts()
    assert await answered("tutorial", parts) == "answered"
    spoken = ["sentence_ready", "make {}", "speaking_started", "play", "speaking_ended"]
    assert parts.done == [
        "transcribed",
        "write Paris.",
        *(each.format("Paris.") for each in spoken),
        "write  Yes",
        "write .",
        *(each.format("Yes.") for each in spoken),
        "write …",
    ]


async def test_the_sequential_mode_writes_then_makes_then_plays() -> None:
    parts = Parts()
    assert await answered("sequential", parts) == "answered"
    assert parts.done[-6:] == [
        "write …", "sentence_ready", "make Paris. Yes.…", "speaking_started", "play", "speaking_ended",
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["sequential", "tutorial"])
async def test_without_words_a_baseline_says_nothing(mode: Mode) -> None:
    parts = Parts(text="")
    assert await answered(mode, parts) == "nothing heard"
    assert parts.done == ["nothing_heard"]


@pytest.mark.parametrize("mode", ["sequential", "tutorial"])
async def test_a_baseline_does_nothing_before_the_command_is_over(mode: Mode) -> None:
    parts, hold = Parts(), Hold()
    async with create_task_group() as life:
        life.start_soon(answering_of(mode, Config(), mind_of(parts), parts.observe).answer, UTTERANCE, hold)
        await wait_all_tasks_blocked()
        assert parts.done == []
        hold.release()
    assert parts.done[0] == "transcribed"


def test_the_daemons_pauses_are_the_daemons_and_a_baseline_waits_for_a_fixed_silence() -> None:
    listen = {mode: settings_of(mode, Config()).listen for mode in MODES}
    assert listen["sequential"] == replace(listen["default"], turn_detector="off")
    assert listen["default"].rules == Config().listen.rules
    assert listen["tutorial"].turn_detector == "off"
    assert listen["tutorial"].end_silence_seconds == listen["tutorial"].speculate_after_seconds == 0.8
    assert {each.follow_up_seconds for each in listen.values()} == {0.0}
    assert conversation_of(settings_of("default", Config())).history == ()
