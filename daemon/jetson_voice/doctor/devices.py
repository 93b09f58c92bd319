"""The user of the service, its groups, and the device nodes it needs: sound everywhere, NVIDIA's on a Jetson."""

from __future__ import annotations

import grp
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jetson_voice.doctor import machine
from jetson_voice.doctor.access import READ, WRITE, NoSuchUserError, User, may, running_user
from jetson_voice.doctor.findings import Finding, fail, ok, warn

SOUND: Final = ("snd/controlC*", "snd/pcm*")
# What CUDA opens; the nodes beside them, of the debugger and the profiler, may be closed.
GPU: Final = (
    "nvmap",
    *("nvhost-ctrl", "nvhost-ctrl-gpu", "nvhost-gpu", "nvhost-as-gpu", "nvhost-tsg-gpu"),
    *("nvgpu/igpu0/ctrl", "nvgpu/igpu0/as", "nvgpu/igpu0/channel", "nvgpu/igpu0/tsg"),
    "dri/renderD*",
)
JETSON_GROUPS: Final = ("audio", "video", "render")


@dataclass(frozen=True)
class Node:
    """A device node: its group, and whether the user may read and write it."""

    path: str
    group: str
    usable: bool


@dataclass(frozen=True)
class Access:
    """The user and the nodes."""

    user: User
    is_jetson: bool
    sound: Sequence[Node] = ()
    gpu: Sequence[Node] = ()


def examine() -> list[Finding]:
    """What is to be said of the user and the devices of this machine."""
    try:
        return findings_of(probed())
    except NoSuchUserError as error:
        advice = "run sudo ./install.sh again, or sudo systemd-sysusers"
        return [fail("user", f"the service runs as {error}, and there is no such user", advice)]


def findings_of(access: Access) -> list[Finding]:
    """What is to be said of such a user and its devices."""
    findings = [_groups(access), _sound(access)]
    return [*findings, _gpu(access)] if access.is_jetson else findings


def _groups(access: Access) -> Finding:
    user = access.user
    who = f"{'the service runs' if user.is_service else 'it runs'} as {user.name}"
    if user.unknown_groups:
        named = ", ".join(user.unknown_groups)
        advice = "; ".join(f"sudo groupadd --system {group}" for group in user.unknown_groups)
        return fail("user", f"the unit of the service names groups that do not exist: {named}", advice)
    lacking = [group for group in JETSON_GROUPS if group not in user.groups]
    if user.uid == 0:
        if user.is_service:
            return warn("user", f"{who}, who may do anything", "sudo ./install.sh gives it a user of its own")
        return ok("user", f"{who}, who may open every device")
    if lacking and access.is_jetson:
        return fail("user", f"{who}, who is not in {', '.join(lacking)}", _joining(user, lacking))
    return ok("user", f"{who}, in the groups {', '.join(sorted(user.groups))}")


def _sound(access: Access) -> Finding:
    if not access.sound:
        advice = "plug in a microphone and a speaker; without a card it needs a sound server (PULSE_SERVER)"
        return warn("sound card", "none: there is nothing in /dev/snd", advice)
    return _opened("sound card", access, access.sound)


def _gpu(access: Access) -> Finding:
    control = {"/dev/nvmap", "/dev/nvgpu/igpu0/ctrl"}
    if not control & {node.path for node in access.gpu}:
        advice = "switch the power off and on again (a restart is not enough); in a container, pass the devices in"
        return fail("GPU", "its device nodes are not there (/dev/nvmap, /dev/nvgpu/igpu0/ctrl)", advice)
    return _opened("GPU", access, access.gpu)


def _opened(topic: str, access: Access, nodes: Sequence[Node]) -> Finding:
    closed = [node for node in nodes if not node.usable]
    if not closed:
        return ok(topic, f"{access.user.name} may open {_count(nodes)}")
    groups = sorted({node.group for node in closed})
    named = ", ".join(node.path for node in closed[:3]) + (" …" if len(closed) > 3 else "")
    return fail(topic, f"{access.user.name} may not open {named}", _joining(access.user, groups))


def _joining(user: User, groups: Sequence[str]) -> str:
    then = "sudo systemctl restart jetson-voice" if user.is_service else "log in again"
    return f"sudo usermod -aG {','.join(groups)} {user.name}, then {then}"


def _count(nodes: Sequence[Node]) -> str:
    return "its device node" if len(nodes) == 1 else f"its {len(nodes)} device nodes"


def probed() -> Access:
    """The user and the nodes of this machine."""
    user = running_user()
    return Access(user, machine.probed().is_jetson, _nodes(SOUND, user), _nodes(GPU, user))


def _nodes(patterns: Sequence[str], user: User) -> tuple[Node, ...]:
    paths = [path for pattern in patterns for path in sorted(Path("/dev").glob(pattern)) if path.is_char_device()]
    return tuple(Node(str(path), _group(path), may(user, path, READ | WRITE)) for path in paths)


def _group(path: Path) -> str:
    gid = path.stat().st_gid
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
