"""The appliance as systemd runs it: the unit, its user and its paths, in a box whose sound card is the virtual room."""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import wait_for
from systemd_box import Done, SystemdBox

REPOSITORY: Final = Path(__file__).parents[1]
UNIT: Final = REPOSITORY / "systemd" / "jetson-voice.service"
CONFIG: Final = "/etc/jetson-voice/config.toml"
PYTHON, PACKAGES, CHECKOUT, MODELS, ROOM = (
    f"/opt/box/{name}" for name in ("python", "packages", "checkout", "models", "room")
)

# What install.sh makes on a machine. The venv's Python may be a version manager's below /root, which the unit's user
# must not enter: it is bound elsewhere, and so is its library, or it would take the system's.
INSTALLED: Final = f"""
printf '%s\\n' 'g render -' 'u jetson-voice - "Voice assistant" /var/lib/jetson-voice' | systemd-sysusers -
cd /opt/jetson-voice || {{ mkdir /opt/jetson-voice && cd /opt/jetson-voice; }}
export LD_LIBRARY_PATH={PYTHON}/lib
{PYTHON}/bin/{Path(sys.executable).resolve().name} -m venv --without-pip venv
printf '%s\\n' {CHECKOUT}/daemon {PACKAGES} >venv/lib/{Path(sysconfig.get_path("stdlib")).name}/site-packages/box.pth
cat >venv/bin/jetson-voice <<END
#!/bin/sh
export LD_LIBRARY_PATH={PYTHON}/lib
exec /opt/jetson-voice/venv/bin/python -m jetson_voice "\\$@"
END
chmod 755 venv/bin/jetson-voice
"""

Entry = Mapping[str, str]
"""An entry of the journal: fields in capitals, as `journalctl -o json` has them."""


@contextmanager
def appliance(room: VirtualRoom, models_directory: Path) -> Iterator[Appliance]:
    """A box with the service installed on the starter configuration, not started; it lives in the room."""
    packages = Path(sysconfig.get_path("purelib"))
    # The models are not where the unit would have them: systemd gives that folder to the service's user, file by file.
    within = {Path(sys.base_prefix): PYTHON, packages: PACKAGES, REPOSITORY: CHECKOUT, models_directory: MODELS}
    with SystemdBox({room.directory: ROOM}, read_only=within) as box:
        box.run(INSTALLED)
        box.write("/etc/systemd/system/jetson-voice.service", UNIT.read_text(encoding="utf-8"))
        machine = Appliance(box, room)
        machine.configure(starter_text())
        machine.drop_in("room", f"[Service]\n{environment_of(room)}Environment=PYTHONDONTWRITEBYTECODE=1\n")
        yield machine


def starter_text() -> str:
    """The starter configuration, on the models as they are in the box."""
    text = (REPOSITORY / "models" / "starter.toml").read_text(encoding="utf-8")
    return text.replace('directory = "."', f'directory = "{MODELS}"')


def environment_of(room: VirtualRoom) -> str:
    """The room's variables as lines of a unit, with the paths as they are in the box."""
    variables = {name: value.replace(str(room.directory), ROOM) for name, value in room.variables.items()}
    return "".join(f"Environment={name}={value}\n" for name, value in variables.items())


class Appliance:
    """The service `jetson-voice` in its box, to be started, asked and watched as an administrator does."""

    def __init__(self, box: SystemdBox, room: VirtualRoom) -> None:
        self.box = box
        self.room = room

    def configure(self, text: str) -> None:
        """Write the configuration file."""
        self.box.write(CONFIG, text)

    def drop_in(self, name: str, text: str) -> None:
        """Change the unit, as `systemctl edit` does."""
        self.box.write(f"/etc/systemd/system/jetson-voice.service.d/{name}.conf", text)
        self.box.run("systemctl daemon-reload")

    def start(self, *, seconds: float = 60) -> None:
        """Start the service; RuntimeError with the end of the journal when it does not become active in time."""
        done = self.systemctl("start", seconds=seconds, check=False)
        if done.returncode:
            raise RuntimeError(f"{done.stderr}{self.log()[-5000:]}")

    def systemctl(self, verb: str, *, seconds: float = 60, check: bool = True) -> Done:
        """`systemctl VERB jetson-voice`."""
        return self.box.run(f"systemctl {verb} jetson-voice", seconds=seconds, check=check)

    def command(self, arguments: str, *, user: str = "root", seconds: float = 60, check: bool = True) -> Done:
        """`jetson-voice ARGUMENTS` in a shell of the box, as this user."""
        command = f"/opt/jetson-voice/venv/bin/jetson-voice {arguments}"
        return self.box.run(f"runuser -u {user} -- {command}", seconds=seconds, check=check)

    def show(self, name: str) -> str:
        """A property of the service, as `systemctl show` names it."""
        return self.box.run(f"systemctl show --value --property {name} jetson-voice").stdout.strip()

    @property
    def is_active(self) -> bool:
        return self.show("ActiveState") == "active"

    @property
    def status_text(self) -> str:
        """What the service says of itself."""
        return self.show("StatusText")

    @property
    def main_pid(self) -> int:
        """Its process as the box numbers it; 0 for none. `kill -STOP 0` would stop the caller."""
        return int(self.show("MainPID"))

    @property
    def restarts(self) -> int:
        return int(self.show("NRestarts"))

    def journal(self, **fields: str) -> list[Entry]:
        """The entries of the service and about it that have these fields, oldest first."""
        matches = " ".join(f"{name}={value}" for name, value in fields.items())
        lines = self.box.run(f"journalctl -u jetson-voice -o json --no-pager {matches}").stdout.splitlines()
        return [{name: str(value) for name, value in json.loads(line).items()} for line in lines]

    def log(self) -> str:
        """The journal as a person reads it."""
        return self.box.run("journalctl -u jetson-voice -o short-monotonic --no-pager").stdout

    def until_journal(self, text: str = "", *, count: int = 1, seconds: float = 60, **fields: str) -> Entry:
        """Wait for the count-th entry that has these fields and this text in its message."""

        def found() -> list[Entry]:
            return [entry for entry in self.journal(**fields) if text in entry.get("MESSAGE", "")][count - 1 :]

        try:
            return wait_for(found, seconds, f"entry with “{text}” {fields} in the journal", every=0.1)[0]
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.log()[-5000:]}") from None

    def until_status(self, text: str, *, seconds: float = 60) -> str:
        """Wait until the status contains this text; the whole of it."""

        def said() -> str:
            status = self.status_text
            return status if text in status else ""

        try:
            return wait_for(said, seconds, f"status “{text}”", every=0.1)
        except TimeoutError as late:
            raise TimeoutError(f"{late}: “{self.status_text}”\n{self.log()[-5000:]}") from None
