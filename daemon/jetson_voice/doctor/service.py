"""The service: installed, enabled, active, as shipped, hardened, watched; and what it last died of."""

from __future__ import annotations

import grp
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from jetson_voice.doctor.findings import Finding, fail, ok, warn
from jetson_voice.doctor.system import said_by, text_of
from jetson_voice.doctor.units import OURS, Unit, unit_of
from jetson_voice.paths import UNITS

TOPIC: Final = "service"
SHIPPED: Final = UNITS / OURS
MOST_EXPOSURE: Final = 2.0
READ_THE_JOURNAL: Final = frozenset({"systemd-journal", "adm"})
"""journalctl(1): the groups that may read the journal of the whole system, beside root."""

EX_CONFIG: Final = "78"
LOOK: Final = "journalctl -u jetson-voice says why"
REINSTALL: Final = "run sudo ./install.sh again"


@dataclass(frozen=True)
class Service:
    """What systemd and the journal say of the service."""

    unit: Unit | None = field(default_factory=Unit)
    """None where systemd does not run the machine."""

    file: str = ""
    """The text of the installed unit file."""

    shipped: str = ""
    """The text of this version's unit file; empty where it did not come along."""

    exposure: float | None = None
    """By `systemd-analyze security`: 0 is best, 10 worst; None when it does not tell."""

    last_error: str = ""
    """The newest line of the service's journal of priority err or worse."""

    reads_journal: bool = True


def examine() -> list[Finding]:
    """What is to be said of the service."""
    return findings_of(probed())


def findings_of(service: Service) -> list[Finding]:
    """What is to be said of such a service; a checkout without one is a warning, for it runs by hand."""
    unit = service.unit
    if unit is None:
        return [
            warn(TOPIC, "systemd does not run this machine, or does not answer", "run it by hand: jetson-voice run")
        ]
    if not unit.is_installed:
        return [warn(TOPIC, f"{OURS} is not installed", "sudo ./install.sh, or run it by hand: jetson-voice run")]
    findings = [_state(service, unit), _enabled(unit), _as_shipped(service, unit), _exposure(service)]
    # Before it has started, systemd tells no watchdog.
    if unit.is_active:
        findings.append(_watchdog(unit))
    if unit.restarts:
        text = f"restarted {unit.restarts} times since it was started"
        findings.append(warn(TOPIC, f"{text}; last error: {service.last_error or 'not in the journal'}", LOOK))
    if not service.reads_journal:
        advice = "sudo usermod -aG systemd-journal $USER, then log in again"
        findings.append(warn("journal", "this user may not read the journal of the service", advice))
    return findings


def _state(service: Service, unit: Unit) -> Finding:
    match unit["ActiveState"]:
        case "active":
            status = unit["StatusText"]
            return ok(TOPIC, f"active{f': {status}' if status else ''}")
        case "failed" if unit["ExecMainStatus"] == EX_CONFIG:
            text = f"failed: the configuration cannot work: {service.last_error or 'the reason is in the journal'}"
            return fail(TOPIC, text, "correct it, then sudo systemctl restart jetson-voice")
        case "failed" | "activating" if unit["SubState"] in {"failed", "auto-restart"}:
            how = f"{unit['Result']}, status {unit['ExecMainStatus']}"
            text = f"failed ({how}): {service.last_error or 'no error logged'}"
            return fail(TOPIC, text, f"{LOOK}; then sudo systemctl restart jetson-voice")
        case "inactive":
            return warn(TOPIC, "is not running", "sudo systemctl start jetson-voice")
        case state:
            status = unit["StatusText"] or unit["SubState"]
            return warn(TOPIC, f"{state}: {status}", f"wait for it; if it stays so, {LOOK}")


def _enabled(unit: Unit) -> Finding:
    if unit["UnitFileState"] in {"enabled", "enabled-runtime", "linked", "static"}:
        return ok(TOPIC, "starts with the machine")
    return warn(TOPIC, "does not start with the machine", "sudo systemctl enable jetson-voice")


def _as_shipped(service: Service, unit: Unit) -> Finding:
    if unit["NeedDaemonReload"] == "yes":
        advice = "sudo systemctl daemon-reload && sudo systemctl restart jetson-voice"
        return warn(TOPIC, "its unit file changed after systemd read it", advice)
    if service.shipped and service.file != service.shipped:
        advice = f"{REINSTALL}; changes of your own belong into a drop-in: sudo systemctl edit jetson-voice"
        return warn(TOPIC, f"{unit['FragmentPath']} is not the unit of this version", advice)
    changed_by = f", changed by {', '.join(unit.drop_ins)}" if unit.drop_ins else ""
    return ok(TOPIC, f"unit {unit['FragmentPath']}{changed_by}")


def _exposure(service: Service) -> Finding:
    if service.exposure is None:
        return warn(TOPIC, "how well it is shut in cannot be told", "systemd-analyze security jetson-voice")
    text = f"exposure {service.exposure} (systemd-analyze security)"
    if service.exposure <= MOST_EXPOSURE:
        return ok(TOPIC, text)
    return warn(TOPIC, f"{text}, more than {MOST_EXPOSURE}", f"{REINSTALL}, or take back what a drop-in opens")


def _watchdog(unit: Unit) -> Finding:
    if unit["WatchdogUSec"] in {"", "0", "infinity"}:
        return warn(TOPIC, "without a watchdog: if it hangs, it hangs", f"WatchdogSec=30 in the unit: {REINSTALL}")
    return ok(TOPIC, f"watchdog after {unit['WatchdogUSec']}")


def probed() -> Service:
    """The service of this machine."""
    unit = unit_of(OURS)
    if unit is None or not unit.is_installed:
        return Service(unit)
    error = said_by("journalctl", "--unit", OURS, "--priority=err", "--lines=1", "--output=short-iso", "--quiet")
    return Service(
        unit,
        file=text_of(Path(unit["FragmentPath"])),
        shipped=text_of(SHIPPED),
        exposure=exposure_of(said_by("systemd-analyze", "--no-pager", "security", OURS) or ""),
        last_error=(error or "").strip(),
        reads_journal=os.geteuid() == 0 or bool(READ_THE_JOURNAL & {_name(gid) for gid in os.getgroups()}),
    )


def exposure_of(printed: str) -> float | None:
    """The last line of `systemd-analyze security`: `→ Overall exposure level for x.service: 1.9 OK`."""
    found = re.search(r"Overall exposure level for \S+: (\d+(?:\.\d+)?)", printed)
    return float(found[1]) if found else None


def _name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
