"""What the tests of the whole assistant in the virtual room have beside the bench's household."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread

from jetson_voice.audio import Clip
from jetson_voice.backends import Builder
from jetson_voice.bench.probes import Overheard
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import ROOM_RATE_HZ
from jetson_voice.config import Config
from jetson_voice.protocols import LanguageModel


def overhear(build: Builder[LanguageModel], ears: list[Overheard]) -> Builder[LanguageModel]:
    """A builder of the same language model, overheard by the one who is put into `ears`."""

    @asynccontextmanager
    async def overheard(config: Config) -> AsyncIterator[LanguageModel]:
        async with build(config) as model:
            ears.append(Overheard(model))
            yield ears[-1]

    return overheard


async def heard_on(room: VirtualRoom, begin: float, end: float) -> Clip:
    """What the speaker played between two times."""
    samples, _ = await to_thread.run_sync(room.speaker.between, begin, end)
    return Clip(samples, ROOM_RATE_HZ)
