"""What processes take of the machine, from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from jetson_voice.bench.room import PROGRAMS

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used so far, without the programs of the room."""
    stats = [(process / "stat").read_text().rpartition(")")[2].split() for process in with_children(pid)]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS_PER_SECOND


def resident_mib(pid: int) -> float:
    """What a process and its children hold in memory, without the programs of the room."""
    lines = [line for process in with_children(pid) for line in (process / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def with_children(pid: int) -> Iterator[Path]:
    """A process and those of its children that belong to the assistant: the microphone's."""
    yield Path(f"/proc/{pid}")
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread or a program of the room that has just ended
            children = [Path("/proc", child) for child in (task / "children").read_text().split()]
            yield from [each for each in children if (each / "comm").read_text().strip() not in PROGRAMS]
