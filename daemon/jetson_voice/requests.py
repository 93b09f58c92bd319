"""What a program may ask of the running assistant, and how whoever asked learns the end.

Requests wait in a short line until the assistant is free: they never cut off an answer. Only `stop` does.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, TypeAlias

from anyio import Event
from typing_extensions import assert_never

from jetson_voice.command import Command
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.events import Requested, TurnEnded
from jetson_voice.protocols import Wake

if TYPE_CHECKING:
    from typing_extensions import Self

REQUESTS_WAITING: Final = 4
"""More are refused: nobody expects an answer to the fifth."""


class BusyError(Exception):
    """Too many requests wait already; one line that says so."""


class Pending:
    """A request on its way; answered inside `with`, it is ended on exit, whatever happened."""

    def __init__(self, request: Ask | Say) -> None:
        self.request = request
        self.ended = TurnEnded("interrupted")
        self._is_over = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()

    async def end(self) -> TurnEnded:
        """How it ended; waits for it."""
        await self._is_over.wait()
        return self.ended


Cue: TypeAlias = Wake | Pending | Command
"""What a turn begins with; a command that has begun is a follow-up, which needs no wake word."""


class Requests:
    """The line in which requests wait, and the wish for silence. One assistant takes from it."""

    def __init__(self) -> None:
        self._waiting: deque[Pending] = deque()
        self._one_waits = Event()
        self._stop: Event | None = None

    def put(self, request: Ask | Say) -> Pending:
        """Let a request wait for its turn; BusyError when the line is full."""
        if len(self._waiting) >= REQUESTS_WAITING:
            raise BusyError(f"busy: {REQUESTS_WAITING} requests wait already")
        pending = Pending(request)
        self._waiting.append(pending)
        self._one_waits.set()
        return pending

    def stop(self) -> bool:
        """Silence what is being answered and let go what waits; False when there is neither."""
        dropped, self._waiting = self._waiting, deque()
        for pending in dropped:
            with pending:
                pending.ended = TurnEnded("stopped")
        if self._stop:
            self._stop.set()
        return bool(dropped or self._stop)

    @property
    def one_waits(self) -> bool:
        """Whether a request waits."""
        return bool(self._waiting)

    async def until_one_waits(self) -> None:
        """Wait for a request, and leave it in the line: cancelled, nothing is lost."""
        while not self._waiting:
            self._one_waits = Event()
            await self._one_waits.wait()

    def take(self) -> Pending | None:
        """The one that has waited longest, if it still waits."""
        return self._waiting.popleft() if self._waiting else None

    async def until_stopped(self) -> None:
        """Wait for the wish for silence; while nobody waits here there is nothing to stop."""
        stop = self._stop = Event()
        try:
            await stop.wait()
        finally:
            self._stop = None


def requested(request: Ask | Say) -> Requested:
    """The event that a request begins with."""
    match request:
        case Ask(text):
            return Requested("ask", text)
        case Say(text):
            return Requested("say", text)
        case _:
            assert_never(request)
