"""Where the running service has its socket and keeps what was set; systemd says where, a person's session otherwise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

SYSTEM_SOCKET: Final = Path("/run/jetson-voice/control")


def own_socket() -> Path:
    """Where this process would let itself be controlled."""
    return _socket_named_by_environment() or SYSTEM_SOCKET


def sockets_of_services() -> list[Path]:
    """Where a service may be, the likeliest first: one of this session, and the one of this machine."""
    named = _socket_named_by_environment()
    return [SYSTEM_SOCKET] if named in (None, SYSTEM_SOCKET) else [named, SYSTEM_SOCKET]


def _socket_named_by_environment() -> Path | None:
    if directory := os.environ.get("RUNTIME_DIRECTORY"):
        return Path(directory.partition(":")[0]) / "control"
    if directory := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(directory) / "jetson-voice" / "control"
    return None


def state_directory() -> Path:
    """Where what was set is kept."""
    if directory := os.environ.get("STATE_DIRECTORY"):
        return Path(directory.partition(":")[0])
    if directory := os.environ.get("XDG_STATE_HOME"):
        return Path(directory) / "jetson-voice"
    return Path.home() / ".local" / "state" / "jetson-voice"
