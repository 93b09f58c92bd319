"""What every wake word backend does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import pytest

from jetson_voice.audio import Clip
from jetson_voice.config import Wake, WakeWord
from jetson_voice.protocols import WakeWord as WakeWordProtocol
from recordings import heard, one_after_another, recording, silence
from scripted import FRAME_SECONDS, ScriptedWakeWord, sound_of, speech, wake

pytestmark = pytest.mark.anyio

PAUSE = silence(25 * FRAME_SECONDS)


@dataclass(frozen=True)
class Case:
    """A backend, how its wake word sounds, and other words."""

    opening: AbstractAsyncContextManager[WakeWordProtocol]
    wake_word: Clip
    other_words: Clip
    phrase: str = "alexa"


@pytest.fixture(
    params=[
        "scripted",
        pytest.param("openwakeword", marks=pytest.mark.models),
        pytest.param("micro", marks=pytest.mark.models),
    ]
)
def case(request: pytest.FixtureRequest) -> Case:
    if request.param == "scripted":
        listener: WakeWordProtocol = ScriptedWakeWord(("alexa",))
        return Case(nullcontext(listener), sound_of([wake(0)]), sound_of([speech(0, 3)]))
    models = request.getfixturevalue("models_directory")
    wanted = Wake(words=(WakeWord("alexa", "alexa"),))
    recordings = recording("alexa_test"), recording("en_librispeech")
    if request.param == "micro":
        from jetson_voice.backends.micro_wakeword import MicroWakeWord  # noqa: PLC0415

        return Case(MicroWakeWord.opened(wanted, models), *recordings)
    from jetson_voice.backends.openwakeword import OpenWakeWord  # noqa: PLC0415

    return Case(OpenWakeWord.opened(wanted, models), *recordings)


async def test_a_wake_word_is_heard_once_each_time_it_is_said(case: Case) -> None:
    said = one_after_another(PAUSE, case.wake_word, PAUSE, case.wake_word, PAUSE)
    async with case.opening as listener:
        wakes = await heard(listener, said)
    assert [each.word for each in wakes] == [case.phrase, case.phrase]
    assert wakes[0].at < wakes[1].at


async def test_it_is_heard_soon_after_it_was_said_in_audio_time(case: Case) -> None:
    said = one_after_another(PAUSE, case.wake_word)
    async with case.opening as listener:
        [wake_heard] = await heard(listener, one_after_another(said, PAUSE), at=100.0)
    begun_at, ended_at = 100.0 + PAUSE.seconds, 100.0 + said.seconds
    assert begun_at < wake_heard.at < ended_at + 0.5
    assert 0 < wake_heard.score <= 1


async def test_neither_other_words_nor_silence_are_a_wake_word(case: Case) -> None:
    async with case.opening as listener:
        assert not await heard(listener, one_after_another(PAUSE, case.other_words, PAUSE))


async def test_a_wake_word_in_the_middle_of_other_words_is_heard(case: Case) -> None:
    said = one_after_another(PAUSE, case.other_words, case.wake_word, case.other_words)
    async with case.opening as listener:
        assert len(await heard(listener, said)) == 1
