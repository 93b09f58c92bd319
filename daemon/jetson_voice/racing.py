"""A race between coroutines: the one control structure that interruption needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from anyio import create_task_group

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


async def first(*branches: Callable[[], Awaitable[T | None]]) -> T | None:
    """Run the branches together; when one returns, cancel the others; what a branch returned, an earlier one's first.

    A branch that comes home with a result while it is being cancelled still counts, so nothing heard is lost.
    """
    results: list[T | None] = []

    async with create_task_group() as race:

        async def run(branch: Callable[[], Awaitable[T | None]]) -> None:
            results.append(await branch())
            race.cancel_scope.cancel()

        for branch in branches:
            race.start_soon(run, branch)

    return next((result for result in results if result is not None), None)
