"""The two control structures of the daemon: all of these together, and the first of these.

Errors come out as themselves: task groups wrap them in nested groups, and this is the one place that unwraps them.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import Any, TypeVar

from anyio import create_task_group

if sys.version_info < (3, 11):
    from exceptiongroup import ExceptionGroup

from collections.abc import Awaitable, Callable, Coroutine, Generator

T = TypeVar("T")


async def together(*branches: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the branches side by side to their ends; an error of one cancels the others and is raised."""
    with _error_of_a_branch():
        async with create_task_group() as group:
            for branch in branches:
                group.start_soon(branch)


async def first(*branches: Callable[[], Awaitable[T]]) -> T:
    """Run the branches side by side; when one returns, cancel the others; the first result that is not None.

    A branch that comes home with a result while it is being cancelled still counts, so that nothing heard is lost.
    """
    results: list[T] = []

    with _error_of_a_branch():
        async with create_task_group() as race:

            async def run(branch: Callable[[], Awaitable[T]]) -> None:
                results.append(await branch())
                race.cancel_scope.cancel()

            for branch in branches:
                race.start_soon(run, branch)

    return next((result for result in results if result is not None), results[0])


@contextmanager
def _error_of_a_branch() -> Generator[None, None, None]:
    """Raise the first error of a group as itself; a group that carries a cancellation passes as it is."""
    try:
        yield
    except ExceptionGroup as group:
        error: Exception = group
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from None
