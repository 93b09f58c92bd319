"""A language model whose server comes and goes."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Final, NoReturn, Protocol, runtime_checkable

from anyio import Event, move_on_after, sleep

from jetson_voice.notices import notice
from jetson_voice.priming import warm_up
from jetson_voice.protocols import LanguageModel, Message, StageError
from jetson_voice.pulse import Pulse

LANGUAGE_MODEL: Final = "the language model"
FIRST_RETRY_SECONDS: Final = 2.0
LAST_RETRY_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 30.0
"""Between two looks at whether the model is still loaded; one is a request of a millisecond."""


@runtime_checkable
class MayUnload(Protocol):
    """A model of a server that may unload it."""

    async def is_loaded(self) -> bool:
        """Whether the server has it in memory; False, too, when the server is not there."""
        ...


class Primed:
    """Knows whether the model answers; when it is back after a loss, the system prompt is put into its cache again."""

    def __init__(self, model: LanguageModel, pulse: Pulse, *, system_prompt: Callable[[], str]) -> None:
        self._model = model
        self._pulse = pulse
        self._system_prompt = system_prompt
        self._lost = Event()

    @property
    def is_lost(self) -> bool:
        """Whether the last attempt to have an answer failed."""
        return self._lost.is_set()

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The model's answer."""
        try:
            async with aclosing(self._model.reply(messages)) as words:
                async for word in words:
                    self._found()
                    yield word
        except StageError as error:
            self._lose(error.reason)
            raise

    async def watch(self) -> NoReturn:
        """Have the model loaded and primed, now and whenever it was lost, for as long as that takes."""
        while True:
            retry_seconds = FIRST_RETRY_SECONDS
            while not await self._primes():
                await sleep(retry_seconds)
                retry_seconds = min(2 * retry_seconds, LAST_RETRY_SECONDS)
            await self._until_it_is_cold()
            await sleep(FIRST_RETRY_SECONDS)

    async def _until_it_is_cold(self) -> None:
        """Return when an answer has failed, or the server was restarted or has unloaded the model meanwhile."""
        while not self.is_lost:
            with move_on_after(LOOK_SECONDS):
                await self._lost.wait()
            if isinstance(self._model, MayUnload) and not await self._model.is_loaded():
                return

    async def _primes(self) -> bool:
        try:
            await warm_up(self._model, self._system_prompt())
        except StageError as error:
            self._lose(error.reason)
            return False
        self._found()
        return True

    def _lose(self, reason: str) -> None:
        if not self.is_lost:
            notice("language_model_lost", f"no language model: {reason}", level=logging.WARNING, reason=reason)
            self._pulse.lost.append(LANGUAGE_MODEL)
            self._lost.set()

    def _found(self) -> None:
        if self.is_lost:
            notice("language_model_back", "the language model answers again")
            self._pulse.lost.remove(LANGUAGE_MODEL)
            self._lost = Event()
