"""Models that are called before they are there; in virtual time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import numpy as np
import pytest
from anyio import create_task_group, current_time, move_on_after, sleep
from trio.testing import MockClock

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.protocols import Message, Utterance
from jetson_voice.pulse import AttendedSpeaker, Pulse
from jetson_voice.sentences import Sentence
from jetson_voice.slots import LanguageModelSlot, TranscriberSlot, VoiceSlot
from scripted import Answer, ScriptedLanguageModel, ScriptedSpeaker, ScriptedTranscriber, ScriptedVoice

pytestmark = pytest.mark.anyio

COMMAND = Utterance(Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ), "hey jarvis", 1.0)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


async def test_a_command_said_while_whisper_loads_is_transcribed_when_it_is_there() -> None:
    slot = TranscriberSlot(Pulse())
    began_at = current_time()
    async with create_task_group() as group:

        async def load() -> None:
            await sleep(20)
            slot.fill(ScriptedTranscriber(["What time is it?"]))

        group.start_soon(load)
        transcript = await slot.transcribe(COMMAND)
    assert transcript.text == "What time is it?"
    assert current_time() - began_at == pytest.approx(20.4)


async def test_waiting_for_a_model_is_no_hang_and_working_on_it_is_seen() -> None:
    pulse = Pulse()
    slot = VoiceSlot(pulse)
    async with create_task_group() as group:
        group.start_soon(slot.synthesize, Sentence("Hello.", "Hello."))
        await sleep(1000)
        assert pulse.vitals.working == []
        slot.fill(ScriptedVoice(seconds=5))
        await sleep(2)
        [work] = pulse.vitals.working
        assert (work.stage, work.seconds) == ("synthesize", 2)
    assert pulse.vitals.working == []


async def test_an_answer_passes_through_and_is_work_only_while_a_word_is_waited_for() -> None:
    pulse = Pulse()
    slot = LanguageModelSlot(pulse)
    slot.fill(ScriptedLanguageModel([Answer(["It is ", "noon."])]))
    async with aclosing(slot.reply([Message("user", "What time is it?")])) as words:
        assert await anext(words) == "It is "
        await sleep(1000)
        assert pulse.vitals.working == [], "the reader takes its time"
        assert [word async for word in words] == ["noon."]


async def test_an_answer_that_is_closed_is_closed_at_the_model() -> None:
    model = ScriptedLanguageModel([Answer(["It is ", "noon."])])
    slot = LanguageModelSlot(Pulse())
    slot.fill(model)
    async with aclosing(slot.reply([Message("user", "What time is it?")])) as words:
        await anext(words)
        assert model.open_streams == 1
    assert model.open_streams == 0


async def test_work_that_is_cancelled_is_over() -> None:
    class Silent:
        async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
            await sleep(1000)
            yield str(messages)

    pulse = Pulse()
    slot = LanguageModelSlot(pulse)
    slot.fill(Silent())
    with move_on_after(5):
        async with aclosing(slot.reply([])) as words:
            await anext(words)
    assert pulse.vitals.working == []


async def test_a_long_sound_may_play_for_as_long_as_it_is() -> None:
    pulse = Pulse()
    speaker = AttendedSpeaker(ScriptedSpeaker(), pulse)
    async with create_task_group() as group:
        group.start_soon(speaker.play, Clip(np.ones(60 * SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ))
        await sleep(50)
        [work] = pulse.vitals.working
        assert work.longest_seconds == pytest.approx(90)
    assert speaker.position == pytest.approx(60)
