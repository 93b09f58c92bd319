"""A machine that boots a real systemd, with a checkout and nothing installed: for install.sh."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Final

from systemd_box import Done, SystemdBox

CHECKOUT: Final = "/opt/box/checkout"
PREPARED: Final = "/opt/box/prepared"
OFFLINE: Final = f" --offline {PREPARED} --profile starter"
SYSTEM: Final = "/etc /opt /srv /usr /var"
# Caches and logs, what is bound here, and the copies of the user database that useradd's kin keep.
IGNORED: Final = ("/opt/box", "/var/log", "/var/cache/ldconfig", "/etc/*-")
PASSED_ON: Final = ("PIP_", "SSL_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
IDLE: Final = "[Service]\nType=exec\nWatchdogSec=0\nExecStart=\nExecStart=/bin/sleep infinity\n"


class BareMachine:
    """A box with a checkout in it, to be installed and looked at."""

    def __init__(self, box: SystemdBox, models: Path) -> None:
        self.box = box
        self.models = models
        self.box.run(f"cp -r {CHECKOUT} /root/checkout")
        # No sound card is here: what matters of the service is that it runs.
        self.box.write("/run/systemd/system/jetson-voice.service.d/idle.conf", IDLE)

    def install(self, options: str = "", *, network: bool = False, seconds: float = 600, check: bool = True) -> Done:
        """`./install.sh OPTIONS` as root; without a network it takes everything from the prepared folder."""
        command = f"umask 077; cd / && /root/checkout/install.sh {options}"
        if network:
            passed = [f"{name}={value}" for name, value in os.environ.items() if name.startswith(PASSED_ON)]
            command = f"export {shlex.join(passed)} HOME=/root; {command}"
        else:
            command = f"unshare --net bash -c '{command}{'' if '--uninstall' in options else OFFLINE}'"
        return self.box.run(command, seconds=seconds, check=check)

    def files(self, *, with_times: bool = True) -> set[str]:
        """Every path of the system with kind, owner, mode and link; of files also the size and the last change."""
        ignored = " -o ".join(f"-path '{path}'" for path in IGNORED)
        times = "%s %T@" if with_times else ""
        shown = f"-type d -printf '%p %y %U %G %m\\n' -o -printf '%p %y %U %G %m %l {times}\\n'"
        return set(self.box.run(f"find {SYSTEM} \\( {ignored} \\) -prune -o {shown}", seconds=120).stdout.splitlines())

    def users(self) -> str:
        return self.box.run("sort /etc/passwd /etc/group").stdout

    def show(self, name: str, *, unit: str = "jetson-voice") -> str:
        return self.box.run(f"systemctl show --value --property {name} {unit}").stdout.strip()

    def as_user(self, command: str) -> Done:
        return self.box.run(f"runuser -u jetson-voice -- sh -c '{command}'")

    def killed_in_the_middle(self) -> None:
        """Install, and be gone at once when half of the packages are there; RuntimeError when it ends before."""
        self.box.run(
            f"setsid unshare --net /root/checkout/install.sh --offline {PREPARED} >/root/killed.log 2>&1 & "
            "until ls /opt/jetson-voice/venv-*/lib/python3*/site-packages/numpy >/dev/null 2>&1; do "
            "kill -0 $! || { cat /root/killed.log; exit 1; }; sleep 0.1; done; "
            "kill -KILL -- -$! && rm /root/killed.log",
            seconds=600,
        )
