"""What every voice does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

import pytest
from anyio import CancelScope, create_task_group

from jetson_voice import backends
from jetson_voice.config import Config, Models, TextToSpeech, Voices
from jetson_voice.protocols import Speech, Voice
from jetson_voice.sentences import Sentence
from scripted import ScriptedVoice

pytestmark = pytest.mark.anyio

SHORT = Sentence("Hello.", "Hello.")
LONG = Sentence("The capital of *France* is Paris. ", "The capital of France is Paris, and it lies on the Seine.")
CHINESE = Sentence("今天天气很好，我们去公园散步吧。", "今天天气很好，我们去公园散步吧。")

JOE = Voices(zh="", en="piper-en_US-joe-medium")
NONE = Voices(zh="", en="")


@pytest.fixture(params=["scripted", "espeak", pytest.param("piper", marks=pytest.mark.models)])
def opening(request: pytest.FixtureRequest) -> AbstractAsyncContextManager[Voice]:
    match request.param:
        case "scripted":
            voice: Voice = ScriptedVoice()
            return nullcontext(voice)
        case "espeak":
            return backends.voice(Config(tts=TextToSpeech(voices=NONE)))
        case _:
            models = Models(str(request.getfixturevalue("models_directory")))
            return backends.voice(Config(models=models, tts=TextToSpeech(voices=JOE)))


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


async def test_sentences_of_two_languages_at_once_are_all_spoken(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    spoken: list[Speech] = []
    async with opening as voice:

        async def speak(sentence: Sentence) -> None:
            spoken.append(await voice.synthesize(sentence))

        async with create_task_group() as tasks:
            for sentence in (SHORT, CHINESE, LONG):
                tasks.start_soon(speak, sentence)
    assert {speech.sentence for speech in spoken} == {SHORT, CHINESE, LONG}
    assert all(speech.clip.samples.any() for speech in spoken)


async def test_one_that_was_cut_off_speaks_the_next_sentence(
    opening: AbstractAsyncContextManager[Voice],
) -> None:
    async with opening as voice:
        with CancelScope() as cancelled:
            async with create_task_group() as tasks:
                tasks.start_soon(voice.synthesize, LONG)
                cancelled.cancel()
        assert (await voice.synthesize(SHORT)).clip.samples.any()
