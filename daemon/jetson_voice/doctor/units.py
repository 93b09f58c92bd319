"""A systemd unit as `systemctl show` tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jetson_voice.doctor.system import said_by

OURS: Final = "jetson-voice.service"
OLLAMA: Final = "ollama.service"
BOOTED: Final = Path("/run/systemd/system")
"""sd_booted(3): it is there where systemd runs the machine."""

PROPERTIES: Final = (
    "LoadState,UnitFileState,ActiveState,SubState,StatusText,FragmentPath,DropInPaths,User,SupplementaryGroups,"
    "WatchdogUSec,NRestarts,Result,ExecMainStatus,MainPID,NeedDaemonReload,Environment"
)


@dataclass(frozen=True)
class Unit:
    """The properties of a unit, by their names; empty where it has none."""

    properties: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.properties.get(name, "")

    @property
    def is_installed(self) -> bool:
        """Whether systemd has read its file."""
        return self["LoadState"] == "loaded"

    @property
    def is_active(self) -> bool:
        """Whether it runs and is ready."""
        return self["ActiveState"] in {"active", "reloading"}

    @property
    def drop_ins(self) -> Sequence[str]:
        """The files that change it."""
        return self["DropInPaths"].split()

    @property
    def restarts(self) -> int:
        """How often systemd restarted it since somebody started it."""
        return int(self["NRestarts"]) if self["NRestarts"].isdecimal() else 0

    @property
    def main_pid(self) -> int:
        """Its process; 0 without one."""
        return int(self["MainPID"]) if self["MainPID"].isdecimal() else 0


def unit_of(name: str) -> Unit | None:
    """The unit of this name; None where systemd does not run the machine or does not answer."""
    if not BOOTED.is_dir():
        return None
    printed = said_by("systemctl", "show", name, f"--property={PROPERTIES}")
    return None if printed is None else Unit(properties_of(printed))


def properties_of(printed: str) -> dict[str, str]:
    """Lines of `Name=value`."""
    return dict(re.findall(r"^(\w+)=(.*)$", printed, re.MULTILINE))


def loads_credential(name: str) -> bool:
    """Whether the service is given a credential of this name."""
    return BOOTED.is_dir() and names_credential(said_by("systemctl", "cat", OURS) or "", name)


def names_credential(files: str, name: str) -> bool:
    """Whether a unit's files load it; `systemctl show` cannot print that."""
    return re.search(rf"^LoadCredential(Encrypted)?={re.escape(name)}(:|$)", files, re.MULTILINE) is not None
