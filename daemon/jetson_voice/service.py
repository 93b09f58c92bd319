"""What the daemon tells systemd: that it is ready, how it is, and, as long as it is well, that it lives."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from anyio import current_time, sleep

from jetson_voice.pulse import Pulse
from jetson_voice.vitals import ailment, status_line

log = logging.getLogger("jetson_voice")

BEAT_SECONDS = 1.0
"""How old the status may be."""


@dataclass(frozen=True)
class Systemd:
    """The other end of sd_notify(3); no address when the daemon was started by hand, and then nothing is sent."""

    address: str | None = None
    watchdog_seconds: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Systemd:
        """As systemd left it in the environment of its service's main process."""
        microseconds = environment.get("WATCHDOG_USEC", "")
        is_meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_seconds = int(microseconds) / 1e6 if is_meant and microseconds.isdecimal() else None
        return cls(environment.get("NOTIFY_SOCKET"), watchdog_seconds or None)

    def notify(self, **values: str) -> None:
        """Send the values; an error is logged, for nobody lives by them."""
        if not self.address:
            return
        # A first @ stands for the zero byte of an abstract address.
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        message = "\n".join(f"{name}={value}" for name, value in values.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifying:
                notifying.settimeout(1)
                notifying.sendto(message.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", message.replace("\n", " "), error)

    def reloading(self) -> None:
        """The configuration is being read again; until `ready`."""
        self.notify(RELOADING="1", MONOTONIC_USEC=str(time.monotonic_ns() // 1000))

    def ready(self) -> None:
        """The service works, or works again."""
        self.notify(READY="1")

    def stopping(self) -> None:
        """The end has begun."""
        self.notify(STOPPING="1", STATUS="stopping")


async def beat(pulse: Pulse, systemd: Systemd) -> NoReturn:
    """Report READY=1 and every change of the status; feed the watchdog for as long as no ailment needs a restart."""
    half = (systemd.watchdog_seconds or float("inf")) / 2
    is_ready, is_ill, said, fed_at = False, False, "", float("-inf")
    while True:
        vitals = pulse.vitals
        illness = ailment(vitals)
        if illness and not is_ill:
            log.critical("%s", illness)
        is_ill = illness is not None
        status = illness or status_line(vitals)
        if status != said:
            systemd.notify(STATUS=status)
            said = status
        if vitals.is_ready and not is_ready:
            systemd.ready()
            is_ready = True
        if systemd.watchdog_seconds and not is_ill and current_time() - fed_at > half - BEAT_SECONDS:
            systemd.notify(WATCHDOG="1")
            fed_at = current_time()
        await sleep(min(BEAT_SECONDS, half))
