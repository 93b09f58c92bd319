from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from anyio import current_time, move_on_after, sleep
from trio.testing import MockClock

from jetson_voice.deadlines import with_deadlines
from jetson_voice.protocols import StageError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


@dataclass
class Words:
    """Words, each after its own pause."""

    pauses: Sequence[float]
    open: bool = False

    async def spoken(self) -> AsyncGenerator[str, None]:
        self.open = True
        try:
            for number, pause in enumerate(self.pauses):
                await sleep(pause)
                yield f"{number} "
        finally:
            self.open = False


def limited(words: Words) -> AsyncGenerator[str, None]:
    return with_deadlines(words.spoken(), server="the server", first_seconds=90.0, next_seconds=10.0)


async def test_words_that_come_in_time_come_through() -> None:
    words = Words([89.0, 9.0, 9.0])

    async with aclosing(limited(words)) as heard:
        assert [word async for word in heard] == ["0 ", "1 ", "2 "]
    assert not words.open


async def test_a_server_that_never_begins_to_answer_has_stalled() -> None:
    words = Words([1000.0])

    async with aclosing(limited(words)) as heard:
        with pytest.raises(StageError, match=r"^think: the server stalled: no word for 90 s$"):
            await anext(heard)
    assert current_time() == pytest.approx(90.0)
    assert not words.open


async def test_a_server_that_stops_in_the_middle_has_stalled() -> None:
    words = Words([60.0, 11.0])

    async with aclosing(limited(words)) as heard:
        assert await anext(heard) == "0 "
        with pytest.raises(StageError, match=r"^think: the server stalled: no word for 10 s$"):
            await anext(heard)
    assert not words.open


async def test_a_slow_speaker_is_not_the_servers_fault() -> None:
    words = Words([1.0, 1.0, 1.0])
    heard = []

    async with aclosing(limited(words)) as answer:
        async for word in answer:
            heard.append(word)
            await sleep(1000.0)
    assert len(heard) == 3


async def test_an_answer_that_nobody_wants_any_more_is_closed() -> None:
    words = Words([1.0, 1.0, 1.0])

    async with aclosing(limited(words)) as answer:
        await anext(answer)
        assert words.open
    assert not words.open


async def test_an_interruption_while_waiting_is_not_taken_for_a_stall() -> None:
    words = Words([1000.0])

    with move_on_after(5.0) as turn:
        async with aclosing(limited(words)) as answer:
            await anext(answer)
    assert turn.cancelled_caught
    assert not words.open
