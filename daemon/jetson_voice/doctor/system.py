"""What the probes ask the system with: its tools and files, each with a time limit or bounded by nature."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

TOOL_SECONDS: Final = 5.0


def text_of(path: Path) -> str:
    """A small file's text; empty when there is none or it is closed to us."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def said_by(*command: str) -> str | None:
    """What a tool prints; None when it is not here, fails or does not end within TOOL_SECONDS."""
    quiet: Mapping[str, str] = {"LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "SYSTEMD_EMOJI": "0"}
    try:
        done = subprocess.run(
            command,
            check=True,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=TOOL_SECONDS,
            env={**os.environ, **quiet},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def processes() -> Iterator[tuple[int, str]]:
    """The processes that can be seen: number and name, of at most 15 characters."""
    for folder in Path("/proc").glob("[0-9]*"):
        if name := text_of(folder / "comm").strip():
            yield int(folder.name), name
