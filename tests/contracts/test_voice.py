"""What every voice does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

import pytest
from anyio import CancelScope, create_task_group

from jetson_voice.config import TextToSpeech, Voices
from jetson_voice.protocols import Speech, Voice
from jetson_voice.sentences import Sentence
from scripted import ScriptedVoice

pytestmark = pytest.mark.anyio

SHORT = Sentence("Hello.", "Hello.")
LONG = Sentence("The capital of *France* is Paris. ", "The capital of France is Paris, and it lies on the Seine.")


@pytest.fixture(params=["scripted", pytest.param("piper", marks=pytest.mark.models)])
def opening(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Voice]:
    if request.param == "scripted":
        voice: Voice = ScriptedVoice()
        return nullcontext(voice)
    from jetson_voice.backends.piper import Piper  # noqa: PLC0415

    voices = Voices(zh="", en="piper-en_US-joe-medium")
    return Piper.opened(TextToSpeech(voices=voices), request.getfixturevalue("models_directory"))


async def test_a_sentence_comes_back_with_its_sound(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    async with opening as voice:
        speech = await voice.synthesize(LONG)
    assert speech.sentence is LONG
    assert speech.clip.samples.any()
    assert 1 < speech.clip.seconds < 10


async def test_a_longer_sentence_is_longer_to_hear(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    async with opening as voice:
        short, long = await voice.synthesize(SHORT), await voice.synthesize(LONG)
    assert short.clip.seconds < long.clip.seconds


async def test_two_sentences_at_once_are_both_spoken(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    spoken: list[Speech] = []
    async with opening as voice:

        async def speak(sentence: Sentence) -> None:
            spoken.append(await voice.synthesize(sentence))

        async with create_task_group() as tasks:
            tasks.start_soon(speak, SHORT)
            tasks.start_soon(speak, LONG)
    assert {speech.sentence for speech in spoken} == {SHORT, LONG}


async def test_one_that_was_cut_off_speaks_the_next_sentence(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    async with opening as voice:
        with CancelScope() as cancelled:
            async with create_task_group() as tasks:
                tasks.start_soon(voice.synthesize, LONG)
                cancelled.cancel()
        assert (await voice.synthesize(SHORT)).clip.samples.any()
