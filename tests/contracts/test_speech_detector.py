"""What every speech detector does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import pytest

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip
from jetson_voice.config import Listen
from jetson_voice.protocols import SpeechDetector
from recordings import frames_of, one_after_another, recording, silence
from scripted import ScriptedSpeechDetector, sound_of, speech

pytestmark = pytest.mark.anyio

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HZ
PAUSE = silence(25 * FRAME_SECONDS)


@dataclass(frozen=True)
class Case:
    """A backend, and how speech sounds to it."""

    opening: AbstractAsyncContextManager[SpeechDetector]
    speech: Clip


@pytest.fixture(params=["scripted", pytest.param("silero", marks=pytest.mark.models)])
def case(request: pytest.FixtureRequest) -> Case:
    if request.param == "scripted":
        detector: SpeechDetector = ScriptedSpeechDetector()
        return Case(nullcontext(detector), sound_of([speech(0, 3)]))
    from jetson_voice.backends.silero import Silero  # noqa: PLC0415

    return Case(Silero.opened(Listen()), recording("en_librispeech"))


async def verdicts(detector: SpeechDetector, clip: Clip, *, at: float = 0.0) -> list[bool]:
    return [await detector.is_speech(frame) for frame in frames_of(clip, at=at)]


async def test_somebody_who_speaks_is_heard_for_most_of_the_time(case: Case) -> None:
    async with case.opening as detector:
        spoken = await verdicts(detector, case.speech)
    assert sum(spoken) > 0.7 * len(spoken)


async def test_silence_is_not_speech(case: Case) -> None:
    async with case.opening as detector:
        assert not any(await verdicts(detector, PAUSE))


async def test_the_silence_after_speech_is_told_from_it_within_half_a_second(case: Case) -> None:
    said = one_after_another(case.speech, PAUSE)
    async with case.opening as detector:
        after = (await verdicts(detector, said))[-int((PAUSE.seconds - 0.5) / FRAME_SECONDS) :]
    assert not any(after)


async def test_the_next_command_is_heard_as_the_first_was(case: Case) -> None:
    async with case.opening as detector:
        first = await verdicts(detector, case.speech, at=10.0)
        assert await verdicts(detector, case.speech, at=60.0) == first
