"""What is made before it is certain that the command is over: nobody hears it, or hears of it, until then."""

from __future__ import annotations

from collections.abc import Callable

from anyio import Event


class Hold:
    """Keeps back what an answer does; once released it keeps nothing back any more, and dropped nothing was done."""

    def __init__(self) -> None:
        self._kept_back: list[Callable[[], None]] = []
        self._released = Event()
        self._is_awaited = False
        self.understood = ""
        """The words of the command so far, as soon as they are known."""

    @classmethod
    def none(cls) -> Hold:
        """One that keeps nothing back: it is certain already."""
        hold = cls()
        hold.release()
        return hold

    @property
    def is_released(self) -> bool:
        """Whether it is certain."""
        return self._released.is_set()

    def do(self, action: Callable[[], None]) -> None:
        """Do it now, or as soon as it is certain, or never."""
        if self.is_released:
            action()
        else:
            self._kept_back.append(action)

    def release(self) -> None:
        """It is certain: do what was kept back, in order."""
        while self._kept_back:
            self._kept_back.pop(0)()
        self._released.set()

    @property
    def is_awaited(self) -> bool:
        """Whether there is something to be heard, which only waits until it is certain."""
        return self._is_awaited

    async def released(self) -> None:
        """Wait until it is certain; all that can be done before is done."""
        self._is_awaited = True
        await self._released.wait()
