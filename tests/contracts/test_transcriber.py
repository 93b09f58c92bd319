"""What every transcriber does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import pytest
from anyio import move_on_after

from jetson_voice.config import SpeechToText
from jetson_voice.protocols import Transcriber, Transcript, Utterance
from recordings import recording, silence, utterance
from scripted import ScriptedTranscriber

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Case:
    """A backend that understands the words, then nothing, then the words again."""

    opening: AbstractAsyncContextManager[Transcriber]
    said: Utterance
    words: str


@pytest.fixture(params=["scripted", pytest.param("faster_whisper", marks=pytest.mark.models)])
def case(request: pytest.FixtureRequest) -> Case:
    said = utterance(recording("en_librispeech"))
    words = "It was the first great sorrow of his life."
    if request.param == "scripted":
        transcriber: Transcriber = ScriptedTranscriber([words, "", words])
        return Case(nullcontext(transcriber), said, words)
    from jetson_voice.backends.faster_whisper import FasterWhisper  # noqa: PLC0415

    models = request.getfixturevalue("models_directory")
    opening = FasterWhisper.opened(SpeechToText(model="whisper-base"), models)
    return Case(opening, said, words)


async def test_what_was_said_is_written_in_its_language(case: Case) -> None:
    async with case.opening as transcriber:
        transcript = await transcriber.transcribe(case.said)
    assert transcript.text.startswith(case.words)
    assert transcript.language == "en"


async def test_where_nothing_was_said_the_transcript_is_empty(case: Case) -> None:
    async with case.opening as transcriber:
        first = await transcriber.transcribe(case.said)
        nothing = await transcriber.transcribe(utterance(silence(2)))
        assert (nothing.text, nothing.is_unclear) == ("", False)
        assert await transcriber.transcribe(case.said) == first


def test_what_is_unclear_has_no_text() -> None:
    assert Transcript("", "en", is_unclear=True).is_unclear
    with pytest.raises(ValueError, match="no text"):
        Transcript("Maybe this.", "en", is_unclear=True)


async def test_one_that_was_cancelled_understands_the_next_command(case: Case) -> None:
    async with case.opening as transcriber:
        with move_on_after(0.05) as scope:
            await transcriber.transcribe(case.said)
        assert scope.cancelled_caught
        assert not (await transcriber.transcribe(utterance(silence(2)))).text
        assert (await transcriber.transcribe(case.said)).text.startswith(case.words)
