"""How long the words of an answer may be waited for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from anyio import move_on_after

from jetson_voice.protocols import TooSlowError


async def with_deadlines(
    words: AsyncGenerator[str, None], *, server: str, first_seconds: float, next_seconds: float
) -> AsyncGenerator[str, None]:
    """The same words; TooSlowError("think") when the first or a later one does not come in time. Closes `words`."""
    seconds = first_seconds
    async with aclosing(words):
        while True:
            # The scope ends before the yield: it must never be open while the reader runs.
            with move_on_after(seconds) as deadline:
                word = await anext(words, None)
            if deadline.cancelled_caught:
                raise TooSlowError("think", f"{server} stalled: no word for {seconds:g} s")
            if word is None:
                return
            yield word
            seconds = next_seconds
