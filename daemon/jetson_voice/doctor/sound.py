"""The sound: which microphones and speakers there are, whether ours are among them, and who holds the card."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jetson_voice.doctor.findings import Finding, fail, ok, warn
from jetson_voice.doctor.system import processes, text_of
from jetson_voice.doctor.units import OURS, unit_of

SOUND_SERVERS: Final = frozenset({"pulseaudio", "pipewire", "pipewire-pulse", "wireplumber", "jackd"})
CONNECT_SECONDS: Final = 2.0
ASOUND: Final = Path("/proc/asound")


@dataclass(frozen=True)
class Choice:
    """What the configuration means by a device, the device that is, or why there is none."""

    wanted: str
    name: str = ""
    rate_hz: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Devices:
    """PortAudio's list, and the two devices of the configuration."""

    names: tuple[str, ...]
    microphone: Choice
    speaker: Choice


@dataclass(frozen=True)
class Holder:
    """A process that has a sound device open."""

    name: str
    pid: int


@dataclass(frozen=True)
class Card:
    """Who has the sound card, and the sound server that programs of this user find."""

    holders: Sequence[Holder] = ()
    service_pid: int = 0
    """The installed service's process; 0 when it does not run."""

    service_installed: bool = False
    server: str = ""
    """The socket of the sound server; empty when none is used."""

    server_problem: str = ""
    """Why the server cannot be reached, or empty."""

    @property
    def is_ours(self) -> bool:
        """Whether the service has it."""
        return self.service_pid != 0 and self.service_pid in {holder.pid for holder in self.holders}


def findings_of(devices: Devices, card: Card) -> list[Finding]:
    """What is to be said of the devices; one that is not found because we ourselves hold it is no failure."""
    return [_device("microphone", devices.microphone, card), _device("speaker", devices.speaker, card)]


def card_findings() -> list[Finding]:
    """What is to be said of the sound card of this machine, and its sound server."""
    return card_findings_of(probed())


def card_findings_of(card: Card) -> list[Finding]:
    """What is to be said of such a card."""
    return [_holders(card), _server(card)] if card.holders else [_server(card)]


def _device(topic: str, choice: Choice, card: Card) -> Finding:
    if not choice.problem:
        what = f'"{choice.name}"' if choice.wanted else "the system's default"
        rate = f", at {choice.rate_hz} Hz by itself" if choice.wanted else ""
        return ok(topic, f"{what}{rate}")
    if card.is_ours:
        return ok(topic, "not to be seen now: the service has the sound card, as it should")
    others = ", ".join(sorted({holder.name for holder in card.holders}))
    if others:
        return fail(topic, choice.problem, f"{others} has the sound card: end it, or choose a device that is free")
    advice = f"[{topic}] device = part of one of these names" if "there are" in choice.problem else "plug one in"
    return fail(topic, choice.problem, advice)


def _holders(card: Card) -> Finding:
    others = [holder for holder in card.holders if holder.pid != card.service_pid]
    if not others:
        return ok("sound card", "the service has it, and no one else")
    named = ", ".join(f"{holder.name} ({holder.pid})" for holder in others)
    if not card.service_installed:
        return ok("sound card", f"open in {named}")
    servers = SOUND_SERVERS & {holder.name for holder in others}
    advice = "end it: the service needs the card for itself"
    if servers:
        advice = (
            "headless, without a sound server: systemctl --global mask pulseaudio.socket pulseaudio.service "
            "pipewire.socket pipewire-pulse.socket wireplumber.service, then restart; or give the service "
            "PULSE_SERVER by a drop-in"
        )
    return warn("sound card", f"open in {named}, where the service may not get it", advice)


def _server(card: Card) -> Finding:
    if not card.server:
        return ok("sound server", "none: ALSA is used directly")
    if card.server_problem:
        advice = "start it, or take PULSE_SERVER out of the environment"
        return fail("sound server", f"{card.server}: {card.server_problem}", advice)
    return ok("sound server", f"at {card.server}")


def probed() -> Card:
    """The sound card of this machine."""
    unit = unit_of(OURS)
    server = sound_server(os.environ.get("PULSE_SERVER", ""), os.environ.get("XDG_RUNTIME_DIR", ""))
    return Card(
        holders=tuple(sorted({*_by_descriptors(), *_by_streams()}, key=lambda holder: holder.pid)),
        service_pid=unit.main_pid if unit else 0,
        service_installed=unit is not None and unit.is_installed,
        server=server,
        server_problem=_problem(server),
    )


def sound_server(pulse_server: str, runtime_directory: str) -> str:
    """The socket at which libpulse looks for a server; empty where it finds none, or one on another machine."""
    if pulse_server:
        first = pulse_server.split(maxsplit=1)[0].rpartition("}")[2].removeprefix("unix:")
        return first if first.startswith("/") else ""
    usual = Path(runtime_directory or "/nowhere") / "pulse" / "native"
    return str(usual) if usual.exists() else ""


def _problem(server: str) -> str:
    if not server:
        return ""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(CONNECT_SECONDS)
        try:
            line.connect(server)
        except OSError as error:
            return error.strerror or "does not answer"
    return ""


def _by_descriptors() -> Iterator[Holder]:
    """Who has a device of /dev/snd open, as far as this user may see."""
    for pid, name in processes():
        try:
            open_files = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
        except OSError:
            continue
        if any(file.startswith("/dev/snd/pcm") for file in open_files):
            yield Holder(name, pid)


def _by_streams() -> Iterator[Holder]:
    """Who has a stream, which ALSA tells to anyone; it names a thread, whose process we want."""
    for status in ASOUND.glob("card*/pcm*/sub*/status"):
        if owner := re.search(r"^owner_pid\s*:\s*(\d+)", text_of(status), re.MULTILINE):
            process = re.search(r"^Tgid:\s*(\d+)", text_of(Path(f"/proc/{owner[1]}/status")), re.MULTILINE)
            pid = int(process[1] if process else owner[1])
            yield Holder(text_of(Path(f"/proc/{pid}/comm")).strip() or "a process", pid)
