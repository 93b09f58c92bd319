"""What every turn detector does, scripted or real."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from jetson_voice.audio import Clip
from jetson_voice.protocols import TurnDetector
from recordings import one_after_another, recording, silence
from scripted import ScriptedTurnDetector, sound_of, speech

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Case:
    """A backend, and how a command sounds to it."""

    opening: AbstractAsyncContextManager[TurnDetector]
    command: Clip


@pytest.fixture(params=["scripted", "off", pytest.param("smart-turn", marks=pytest.mark.models)])
def case(request: pytest.FixtureRequest) -> Case:
    if request.param == "scripted":
        detector: TurnDetector = ScriptedTurnDetector()
        return Case(nullcontext(detector), sound_of([speech(0, 3)]))
    command = recording("zh_opening_hours")
    if request.param == "off":
        from jetson_voice.backends.undecided import Undecided  # noqa: PLC0415

        undecided: TurnDetector = Undecided()
        return Case(nullcontext(undecided), command)
    from jetson_voice.backends.smart_turn import SmartTurn  # noqa: PLC0415

    models: Path = request.getfixturevalue("models_directory")
    return Case(SmartTurn.opened(models), command)


@pytest.mark.parametrize("seconds", [0.1, 3, 8, 20])
async def test_a_command_of_any_length_is_judged_by_a_probability(case: Case, seconds: float) -> None:
    repeated = one_after_another(*[case.command] * 8)
    command = Clip(repeated.samples[: round(seconds * repeated.rate_hz)], repeated.rate_hz)
    async with case.opening as detector:
        assert 0 <= await detector.completeness(command) <= 1


async def test_what_was_judged_before_makes_no_difference(case: Case) -> None:
    async with case.opening as detector:
        first = await detector.completeness(case.command)
        await detector.completeness(one_after_another(case.command, silence(0.5), case.command))
        assert await detector.completeness(case.command) == first
