"""A machine that is booted in half a second: a real systemd with journald in namespaces over an overlay of /.

    with SystemdBox({socket_directory: "/run/room"}, read_only={checkout: "/opt/checkout"}) as box:
        box.write("/etc/systemd/system/hello.service", unit)
        box.run("systemctl daemon-reload && systemctl start hello")

Whatever is written in the box is lost with it, but for what is written below a bound path. Commands run as root
in a clean environment. Never `systemctl poweroff` in it: its entrance would hang.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing_extensions import Self

SCRIPT: Final = Path(__file__).with_suffix(".sh")
PROGRAMS: Final = ("systemctl", "dbus-daemon", "nsenter", "unshare", "setpriv", "ps")
# It prints its PID 1, then lives until its input is closed: by us, or by the end of this process.
KEEP_OPEN: Final = ("bash", "-c", 'echo "$SYSTEMD_BOX_PID"; exec cat >/dev/null')
CLEAN: Final = ("env", "--chdir=/", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "SYSTEMD_PAGER=cat")

Done = subprocess.CompletedProcess[str]


def why_there_is_none() -> str | None:
    """Why no box can be made on this machine; None when one can."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if os.getuid() != 0:
        return "a systemd box needs root"
    if missing:
        return f"a systemd box needs {', '.join(missing)}: apt-get install systemd dbus util-linux procps"
    return None


class SystemdBox:
    """The box; open between `with` and its end."""

    def __init__(self, writable: Mapping[Path, str] | None = None, *, read_only: Mapping[Path, str]) -> None:
        binds = [("-b", writable or {}), ("-r", read_only)]
        self._binds = [
            word for flag, paths in binds for path, place in paths.items() for word in (flag, f"{path}:{place}")
        ]
        self._keeper: subprocess.Popen[str] | None = None
        self._init = ""

    def __enter__(self) -> Self:
        self._keeper = subprocess.Popen(
            [str(SCRIPT), *self._binds, "--", *KEEP_OPEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout
        self._init = self._keeper.stdout.readline().strip()
        if not self._init:
            _, complaint = self._keeper.communicate(timeout=20)
            raise RuntimeError(f"no systemd box: {complaint}")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._keeper
        try:
            self._keeper.communicate(timeout=20)  # closes its input
        except subprocess.TimeoutExpired:
            self._keeper.terminate()
            self._keeper.communicate()

    def run(self, command: str, *, text: str = "", seconds: float = 60, check: bool = True) -> Done:
        """Run a shell command in the box, `text` in its input; RuntimeError with what it said when it fails."""
        within = ("timeout", "--kill-after=1", str(seconds), "bash", "-c", command)
        done = subprocess.run(
            ["nsenter", "-t", self._init, "--mount", "--pid", "--cgroup", "--ipc", "--uts", *CLEAN, *within],
            input=text,
            capture_output=True,
            text=True,
            timeout=seconds + 5,
            check=False,
        )
        if check and done.returncode:
            raise RuntimeError(f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def write(self, path: str, text: str, *, mode: str = "644") -> None:
        """Write a file in the box, and the folders above it."""
        self.run(f"mkdir -p '{Path(path).parent}' && cat >'{path}' && chmod {mode} '{path}'", text=text)
