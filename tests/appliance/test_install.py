"""`sudo ./install.sh` on a machine that boots a real systemd, without a network but for one story."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from systemd_box import Done, SystemdBox, why_there_is_none

pytestmark = pytest.mark.systemd

REPOSITORY: Final = Path(__file__).parents[2]
CHECKOUT: Final = "/opt/box/checkout"
PREPARED: Final = "/opt/box/prepared"
OFFLINE: Final = f" --offline {PREPARED} --profile starter"
SYSTEM: Final = "/etc /opt /srv /usr /var"
# Caches and logs, what is bound here, and the copies of the user database that useradd's kin keep.
IGNORED: Final = ("/opt/box", "/var/log", "/var/cache/ldconfig", "/etc/*-")
PASSED_ON: Final = ("PIP_", "SSL_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
IDLE: Final = "[Service]\nType=exec\nWatchdogSec=0\nExecStart=\nExecStart=/bin/sleep infinity\n"
# Does what the installer asks of Ollama, and remembers what was pulled.
OLLAMA: Final = """#!/bin/sh
touch /root/pulled
case $1 in
    show) grep -qxF "$2" /root/pulled ;;
    pull) echo "$2" >>/root/pulled ;;
    serve) exec sleep infinity ;;
esac
"""


class Machine:
    """A box with a checkout in it, to be installed and looked at."""

    def __init__(self, box: SystemdBox, models: Path) -> None:
        self.box = box
        self.models = models
        self.box.run(f"cp -r {CHECKOUT} /root/checkout")
        # No sound card is here: what matters of the service is that it runs.
        self.box.write("/run/systemd/system/jetson-voice.service.d/idle.conf", IDLE)

    def install(self, options: str = "", *, network: bool = False, seconds: float = 200, check: bool = True) -> Done:
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
        return set(self.box.run(f"find {SYSTEM} \\( {ignored} \\) -prune -o {shown}", seconds=60).stdout.splitlines())

    def users(self) -> str:
        return self.box.run("sort /etc/passwd /etc/group").stdout

    def show(self, name: str, *, unit: str = "jetson-voice") -> str:
        return self.box.run(f"systemctl show --value --property {name} {unit}").stdout.strip()

    def as_user(self, command: str) -> Done:
        return self.box.run(f"runuser -u jetson-voice -- sh -c '{command}'")

    def killed_in_the_middle(self) -> None:
        """Install, and be gone at once when half of the packages are there."""
        self.box.run(
            f"setsid unshare --net /root/checkout/install.sh --offline {PREPARED} >/dev/null 2>&1 & "
            "until ls /opt/jetson-voice/venv-*/lib/python3*/site-packages/numpy >/dev/null 2>&1; do sleep 0.1; done; "
            "kill -KILL -- -$!"
        )


@pytest.fixture(scope="module")
def prepared(models_directory: Path) -> Path:
    """A folder that `install.sh --prepare-offline` has filled; kept from run to run, like pip's cache."""
    reason = why_there_is_none()
    if reason:
        pytest.skip(reason)
    sources = ("requirements.lock", "install/offline.sh", "install/venv.sh")
    key = hashlib.sha256(b"".join((REPOSITORY / name).read_bytes() for name in sources)).hexdigest()[:12]
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "jetson-voice", f"offline-{key}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "models").unlink(missing_ok=True)
    (folder / "models").symlink_to(models_directory)  # so that none is fetched
    if not (folder / "machine").exists():
        subprocess.run([REPOSITORY / "install.sh", "--prepare-offline", folder, "--profile", "starter"], check=True)
    return folder


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has: the files that git knows, or would."""
    folder = tmp_path_factory.mktemp("checkout")
    known = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in known.stdout.splitlines():
        if (REPOSITORY / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def machine(prepared: Path, checkout: Path, models_directory: Path) -> Iterator[Machine]:
    with SystemdBox(read_only={prepared: PREPARED, checkout: CHECKOUT, models_directory: str(models_directory)}) as box:
        yield Machine(box, models_directory)


def test_it_is_installed_kept_upgraded_and_removed(machine: Machine) -> None:
    before, names, users = machine.files(), machine.files(with_times=False), machine.users()

    dry = machine.install("--dry-run").stdout
    assert "would write /etc/systemd/system/jetson-voice.service" in dry
    assert machine.files() == before, "a dry run changes nothing"

    machine.killed_in_the_middle()
    said = machine.install("--start").stdout
    assert "start jetson-voice" in said, "the next run repairs it"
    assert "every option is understood" in machine.as_user("/usr/local/bin/jetson-voice check-config").stdout
    machine.as_user("cat /var/lib/jetson-voice/models/*/* >/dev/null")
    machine.box.run("systemd-analyze --recursive-errors=no verify /etc/systemd/system/jetson-voice.service")
    assert machine.box.run("systemctl is-enabled jetson-voice").stdout.strip() == "enabled"

    installed, running = machine.files(), machine.show("InvocationID")
    assert running
    said = machine.install("--start").stdout
    assert "nothing was changed" in said
    assert machine.files() == installed, "a second run changes nothing"
    assert machine.show("InvocationID") == running, "and restarts nothing"

    machine.box.run("sed -i 's/^__version__ = .*/__version__ = \"99\"/' /root/checkout/daemon/jetson_voice/__init__.py")
    said = machine.install().stdout
    assert "restart jetson-voice" in said
    assert machine.show("InvocationID") not in {"", running}
    assert machine.box.run("/usr/local/bin/jetson-voice --version").stdout == "jetson-voice 99\n"
    assert machine.box.run("ls -d /opt/jetson-voice/venv-*").stdout.count("\n") == 1, "the old one is removed"

    upgraded = machine.files()
    assert "would remove /opt/jetson-voice" in machine.install("--uninstall --purge --dry-run").stdout
    assert machine.files() == upgraded
    machine.install("--uninstall")
    left = machine.files(with_times=False) - names
    assert {line.split()[0] for line in left} >= {"/etc/jetson-voice/config.toml"}
    assert all(line.startswith(("/etc/jetson-voice", "/var/lib/jetson-voice")) for line in left)
    assert machine.show("ActiveState") == "inactive"
    machine.install()
    machine.install("--uninstall --purge")
    assert machine.files(with_times=False) == names
    assert machine.users() == users
    assert "nothing is installed" in machine.install("--uninstall").stdout


def test_a_configuration_and_an_ollama_that_are_there_stay_as_they_are_without_consent(machine: Machine) -> None:
    config = (
        f'[models]\ndirectory = "{machine.models}"\n[stt]\nmodel = "whisper-base"\n[llm.ollama]\nmodel = "mine:1b"\n'
    )
    config += '[tts.voices]\nzh = ""\n'
    machine.box.write("/etc/jetson-voice/config.toml", config)
    names = machine.files(with_times=False)

    done = machine.install(network=True)
    assert "Ollama is not here, and was not installed" in done.stderr
    assert machine.box.run("cat /etc/jetson-voice/config.toml").stdout == config

    machine.box.write("/usr/local/bin/ollama", OLLAMA, mode="755")
    machine.box.write("/etc/systemd/system/ollama.service", "[Service]\nExecStart=/usr/local/bin/ollama serve\n")
    machine.box.run("systemctl daemon-reload && systemctl start ollama")
    ran = machine.show("InvocationID", unit="ollama")
    said = machine.install(network=True).stdout
    assert "+Environment=OLLAMA_KEEP_ALIVE=-1" in said, "what would be written is shown"
    assert machine.show("InvocationID", unit="ollama") == ran
    assert machine.box.run("cat /root/pulled").stdout == "mine:1b\n"

    machine.install("--yes", network=True)
    assert machine.show("OOMPolicy", unit="ollama") == "continue"
    assert machine.show("InvocationID", unit="ollama") != ran
    assert "nothing was changed" in machine.install("--yes", network=True).stdout
    assert machine.box.run("cat /root/pulled").stdout == "mine:1b\n", "pulled once"

    machine.install("--uninstall --purge")
    machine.box.run("rm /usr/local/bin/ollama /etc/systemd/system/ollama.service")
    assert machine.files(with_times=False) == {line for line in names if "/etc/jetson-voice" not in line}


def test_on_a_jetson_the_lack_of_cuda_is_never_silent(machine: Machine) -> None:
    machine.box.write("/etc/nv_tegra_release", "# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic\n")
    wheel, digest = machine.box.run(f"sha256sum {PREPARED}/wheels/ctranslate2-*.whl").stdout.split()[::-1]

    done = machine.install(network=True, check=False)
    assert (done.returncode, "nvcc" in done.stderr, "--no-cuda" in done.stderr) == (1, True, True)
    done = machine.install("--no-cuda --dry-run")
    assert "JetPack 6" in done.stdout
    assert "CUDA is not used" in done.stderr
    done = machine.install(f"--ct2-wheel {wheel} --ct2-sha256 {'0' * 64}", check=False)
    assert (done.returncode, f"is {digest}, not 000" in done.stderr) == (1, True)

    done = machine.install(f"--ct2-wheel {wheel} --ct2-sha256 {digest}")
    assert "CUDA is NOT used" in done.stderr.splitlines()[-2], "the last words"
    done = machine.install()
    assert "nothing was changed" in done.stdout, "the wheel is remembered"
    assert "CUDA is NOT used" in done.stderr


@pytest.mark.parametrize(
    ("spoilt", "advice"),
    [
        ("mkdir -p /opt/jetson-voice && touch /opt/jetson-voice/of-another", "move it away"),
        ("echo '# R35 (release), REVISION: 4.1,' >/etc/nv_tegra_release", "needs JetPack 6 (R36) or 7"),
        ("exec 9>/run/jetson-voice-install.lock; flock 9; sleep 20 &", "wait for it"),
    ],
)
def test_a_refusal_says_what_to_do_and_changes_nothing(machine: Machine, spoilt: str, advice: str) -> None:
    machine.box.run(f"{{ {spoilt}; }} >/dev/null 2>&1")
    before = machine.files()
    done = machine.install(check=False)
    assert done.returncode == 1
    assert advice in done.stderr
    assert machine.files() == before
