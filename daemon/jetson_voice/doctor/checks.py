"""Checks run at once, each in a thread of its own: one that fails or hangs is a line, never the end of the others."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from jetson_voice.config import Config
from jetson_voice.doctor.findings import Finding, fail, warn

LONGEST_SECONDS: Final = 30.0
"""What has not answered by then hangs."""


@dataclass(frozen=True)
class Asked:
    """What the checks are about."""

    config: Config
    quick: bool = False


Examine: TypeAlias = Callable[[Asked], Sequence[Finding]]


@dataclass(frozen=True)
class Check:
    """A row of the table: what it is called when it fails itself, and what it does."""

    topic: str
    examine: Examine
    needs_configuration: bool = True


def examined(checks: Sequence[Check], asked: Asked | None, *, seconds: float = LONGEST_SECONDS) -> Iterator[Finding]:
    """What the checks find, in their order, within so many seconds; without a configuration some are left out."""
    until = time.monotonic() + seconds
    for running in [_Running(check, asked) for check in checks]:
        found = running.findings(until)
        yield from found if found is not None else [_hangs(running.check, seconds)]


def _hangs(check: Check, seconds: float) -> Finding:
    return fail(check.topic, f"the check did not end within {seconds:.0f} s", "something that it asks hangs")


class _Running:
    """A check in a thread of its own; one that hangs is left behind, and ends with the process."""

    def __init__(self, check: Check, asked: Asked | None) -> None:
        self.check = check
        self._asked = asked
        self._found: Sequence[Finding] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def findings(self, until: float) -> Sequence[Finding] | None:
        """What it found; None when it has not ended by this time.monotonic()."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return self._found

    def _run(self) -> None:
        topic = self.check.topic
        if self._asked is None and self.check.needs_configuration:
            self._found = [warn(topic, "not examined", "correct the configuration first")]
            return
        try:
            self._found = self.check.examine(self._asked or Asked(Config()))
        except Exception as error:  # noqa: BLE001  whatever a check meets is a line
            reason = f"{type(error).__name__}: {error}"
            self._found = [fail(topic, f"could not be examined: {reason}", "if that explains nothing, tell us of it")]
