from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bell:
    """Wakes the event loop from a device's thread, which must never wait for the event loop."""

    def __init__(self, ringing: socket.socket, hearing: socket.socket) -> None:
        self._ringing = ringing
        self._hearing = hearing

    @classmethod
    @contextlib.contextmanager
    def hung_up(cls) -> Iterator[Bell]:
        """A bell that is taken down on exit; ringing it afterwards does nothing."""
        ringing, hearing = socket.socketpair()
        with ringing, hearing:
            ringing.setblocking(False)
            hearing.setblocking(False)
            yield cls(ringing, hearing)

    def ring(self) -> None:
        """Wake the listener, now or when it comes; from any thread, at once."""
        # A full socket is a bell that rings already; a closed one has nobody left to hear it.
        with contextlib.suppress(OSError):
            self._ringing.send(b"!")

    async def rung(self) -> None:
        """Wait until it has been rung since the last time; one listener."""
        await anyio.wait_readable(self._hearing)
        # More rings than this would only wake the listener once in vain.
        self._hearing.recv(4096)
