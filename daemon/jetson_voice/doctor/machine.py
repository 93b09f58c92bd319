"""The machine: JetPack, power mode, desktop, swap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jetson_voice.doctor.findings import Finding, ok, warn
from jetson_voice.doctor.jetpack import jetpack_of
from jetson_voice.doctor.system import processes, said_by, text_of

TOPIC: Final = "machine"
RELEASE: Final = Path("/etc/nv_tegra_release")
MODEL: Final = Path("/proc/device-tree/model")
POWER_MODES: Final = Path("/etc/nvpmodel.conf")

GIB: Final = 2**30
SMALL_BYTES: Final = 10 * GIB
"""Below it a board counts as one of 8 GB, of which 7.4 to 7.6 GiB are usable."""

ENOUGH_WATTS: Final = 25
"""25 W writes 36 to 47 % more tokens a second than 15 W (zendoric.com)."""

DESKTOPS: Final = frozenset(
    {"Xorg", "Xwayland", "gnome-shell", "gdm3", "lightdm", "sddm", "kwin_wayland", "weston", "plasmashell"}
)


@dataclass(frozen=True)
class Machine:
    """What the machine says of itself; empty where it says nothing."""

    release: str = ""
    """The text of /etc/nv_tegra_release."""

    model: str = ""
    power_mode: str | None = None
    """What `nvpmodel -q` prints; None where it cannot be asked."""

    power_modes: Sequence[tuple[str, str]] = ()
    """Number and name of each mode there is."""

    memory_bytes: int = 16 * GIB
    swaps: Sequence[str] = ()
    """The names of what is swapped to."""

    desktop: str = ""
    """A process of a desktop that runs."""

    @property
    def is_jetson(self) -> bool:
        """Whether NVIDIA's GPU, and what goes with it, is to be expected."""
        return bool(self.release) or "Jetson" in self.model


def examine() -> list[Finding]:
    """What is to be said of this machine."""
    return findings_of(probed())


def findings_of(machine: Machine) -> list[Finding]:
    """What is to be said of such a machine."""
    if not machine.is_jetson:
        return [ok(TOPIC, f"{machine.model or 'this machine'}: not a Jetson")]
    return [_jetpack(machine), _power(machine), _desktop(machine), _swap(machine)]


def _jetpack(machine: Machine) -> Finding:
    jetpack = jetpack_of(machine.release)
    board = machine.model or "a Jetson"
    if jetpack is None:
        return warn(TOPIC, f"{board}: {RELEASE} names no release of Jetson Linux", "install JetPack 6.2 or 7.2")
    if not jetpack.is_known:
        advice = "the appliance is made for JetPack 6.2 and 7.2: update, or expect to build more by hand"
        return warn(TOPIC, f"{board}, {jetpack.name}", advice)
    return ok(TOPIC, f"{board}, {jetpack.name}")


def _power(machine: Machine) -> Finding:
    if machine.power_mode is None:
        return warn("power", "the power mode cannot be asked for", "sudo nvpmodel -q tells it: MAXN or 25 W is best")
    mode = power_mode_of(machine.power_mode)
    if _strength(mode) >= ENOUGH_WATTS:
        return ok("power", f"mode {mode}")
    best = max(machine.power_modes, key=lambda each: _strength(each[1]), default=None)
    if best and _strength(best[1]) <= _strength(mode):
        return ok("power", f"mode {mode}, the strongest there is")
    advice = f"sudo nvpmodel -m {best[0]}, which is {best[1]}" if best else f"MAXN or 25 W: see {POWER_MODES}"
    return warn("power", f"mode {mode}: answers begin later than they could", advice)


def power_mode_of(printed: str) -> str:
    """The mode's name in what `nvpmodel -q` prints: `NV Power Mode: MAXN_SUPER` and its number on the next line."""
    found = re.search(r"NV Power Mode:\s*(\S+)", printed)
    return found[1].removeprefix("MODE_") if found else "unknown"


def power_modes_of(configuration: str) -> tuple[tuple[str, str], ...]:
    """Number and name of each mode in /etc/nvpmodel.conf: `< POWER_MODEL ID=0 NAME=15W >`."""
    return tuple(re.findall(r"^\s*<\s*POWER_MODEL\s+ID=(\d+)\s+NAME=(\S+?)\s*>", configuration, re.MULTILINE))


def _strength(mode: str) -> float:
    """The watts of a mode's name; MAXN has no limit."""
    if "MAXN" in mode:
        return float("inf")
    watts = re.search(r"(\d+)W", mode)
    return float(watts[1]) if watts else 0.0


def _desktop(machine: Machine) -> Finding:
    if not machine.desktop:
        return ok("desktop", "none runs")
    text = f"{machine.desktop} runs"
    if machine.memory_bytes >= SMALL_BYTES:
        return ok("desktop", f"{text}; there is memory enough for it")
    advice = "sudo systemctl set-default multi-user.target, then restart: a desktop takes gigabytes of an 8 GB board"
    return warn("desktop", text, advice)


def _swap(machine: Machine) -> Finding:
    on_disk = [swap for swap in machine.swaps if "zram" not in swap]
    if on_disk or machine.memory_bytes >= SMALL_BYTES:
        return ok("swap", ", ".join(machine.swaps) or "none, and memory enough")
    text = "only compressed memory (zram)" if machine.swaps else "none"
    return warn(
        "swap", text, "a swap file of 8 GB on the NVMe disk: fallocate, mkswap, swapon, and a line in /etc/fstab"
    )


def probed() -> Machine:
    """The machine that this runs on."""
    return Machine(
        release=text_of(RELEASE),
        model=text_of(MODEL).rstrip("\0\n"),
        power_mode=said_by("nvpmodel", "-q"),
        power_modes=power_modes_of(text_of(POWER_MODES)),
        memory_bytes=memory_of(text_of(Path("/proc/meminfo")), "MemTotal"),
        swaps=tuple(line.split()[0] for line in text_of(Path("/proc/swaps")).splitlines()[1:]),
        desktop=next((name for _, name in processes() if name in DESKTOPS), ""),
    )


def memory_of(meminfo: str, name: str) -> int:
    """Bytes of one line of /proc/meminfo; 0 when it has no such line."""
    found = re.search(rf"^{name}:\s+(\d+) kB", meminfo, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
