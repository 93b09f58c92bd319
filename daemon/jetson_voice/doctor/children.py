"""A question to a library that may hang or crash: asked in a process of its own, with a time limit."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final, TypeVar

T = TypeVar("T")

CHILD_SECONDS: Final = 15.0
"""The first import of the libraries takes some seconds on a slow disk."""

_SPAWN: Final = multiprocessing.get_context("spawn")


class NoAnswerError(Exception):
    """The process hangs, has crashed, or has failed; in words for the user."""


def asked(question: Callable[..., T], *arguments: object, seconds: float = CHILD_SECONDS) -> T:
    """The answer of `question(*arguments)`, a function of a module, in a new process; NoAnswerError."""
    ear, mouth = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_answer, args=(mouth, question, arguments), daemon=True)
    process.start()
    mouth.close()
    try:
        if not ear.poll(seconds):
            raise NoAnswerError(f"does not answer within {seconds:.0f} s")
        answer: T | NoAnswerError = ear.recv()
    except EOFError:
        process.join()
        raise NoAnswerError(_crash(process.exitcode or 0)) from None
    finally:
        process.kill()
        process.join()
        ear.close()
    if isinstance(answer, NoAnswerError):
        raise answer
    return answer


def _answer(mouth: Connection, question: Callable[..., object], arguments: tuple[object, ...]) -> None:
    # The sound libraries print their vain tries, each in its own way; the answer comes through the pipe.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        answer = question(*arguments)
    except Exception as error:  # noqa: BLE001  whatever a library raises is the answer
        answer = NoAnswerError(f"fails: {type(error).__name__}: {error}")
    mouth.send(answer)


def _crash(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"crashed: {signal.Signals(-status).name}"
    except ValueError:
        return f"crashed: signal {-status}"
