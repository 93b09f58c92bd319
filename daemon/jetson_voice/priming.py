"""A language model answers sooner when it has read all that comes before the question already."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from jetson_voice.protocols import LanguageModel, Message

NO_QUESTION: Final = "Hi"
"""The chat templates of some models refuse a conversation without a user's line."""


async def warm_up(model: LanguageModel, system_prompt: str) -> None:
    """Have the model loaded and the system prompt in its cache; StageError when it cannot be had."""
    await prime(model, [Message("system", system_prompt)] if system_prompt else [])


async def prime(model: LanguageModel, conversation: Sequence[Message]) -> None:
    """Have the conversation so far in the model's cache, so that only what is said next is new to it; StageError.

    It is an answer like any other, with the same options, that is closed after its first word.
    """
    async with aclosing(model.reply([*conversation, Message("user", NO_QUESTION)])) as words:
        async for _ in words:
            return
