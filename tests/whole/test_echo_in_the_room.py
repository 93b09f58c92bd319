"""The assistant in a room in which it hears itself. How often it is heard over itself: tests/echo_calls.py."""

from __future__ import annotations

import os
from typing import Final

import anyio
import pytest

from echo_calls import storyteller
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config
from jetson_voice.events import TurnEnded, WakeHeard

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.room]

LISTENED_SECONDS: Final = 20.0 * int(os.environ.get("JETSON_VOICE_ANSWERS", "20"))
"""As many long answers, to nobody."""


async def test_its_own_voice_does_not_interrupt_it(room: VirtualRoom, starter: Config) -> None:
    async with storyteller(room, starter) as (home, _):
        await anyio.sleep(LISTENED_SECONDS)
        assert len(home.of(WakeHeard)) == 1
        assert home.of(TurnEnded) == []
