"""`sudo ./install.sh` on a machine that boots a real systemd, without a network but for one story."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bare_machine import CHECKOUT, PREPARED, BareMachine
from systemd_box import SystemdBox, why_there_is_none

pytestmark = pytest.mark.systemd

REPOSITORY: Final = Path(__file__).parents[2]
# Does what the installer asks of Ollama, and remembers what was pulled.
OLLAMA: Final = """#!/bin/sh
touch /root/pulled
case $1 in
    show) grep -qxF "$2" /root/pulled ;;
    pull) echo "$2" >>/root/pulled ;;
    serve) exec sleep infinity ;;
esac
"""


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
    folder.chmod(0o755)
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
def machine(prepared: Path, checkout: Path, models_directory: Path) -> Iterator[BareMachine]:
    with SystemdBox(read_only={prepared: PREPARED, checkout: CHECKOUT, models_directory: str(models_directory)}) as box:
        yield BareMachine(box, models_directory)


def test_it_is_installed_kept_upgraded_and_removed(machine: BareMachine) -> None:
    before, names, users = machine.files(), machine.files(with_times=False), machine.users()

    dry = machine.install("--dry-run").stdout
    assert "would write /etc/systemd/system/jetson-voice.service" in dry
    assert machine.files() == before, "a dry run changes nothing"

    machine.killed_in_the_middle()
    said = machine.install("--start").stdout
    assert "start jetson-voice" in said, "the next run repairs it"
    assert "every option is understood" in machine.as_user("/usr/local/bin/jetson-voice check-config").stdout
    machine.as_user("cat /var/lib/jetson-voice/models/*/* >/dev/null")
    machine.box.run("systemd-analyze --man=no --recursive-errors=no verify /etc/systemd/system/jetson-voice.service")
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
    assert any(line.startswith("/etc/jetson-voice/config.toml ") for line in left)
    assert {line for line in left if "/jetson-voice" not in line} == set()
    assert machine.show("ActiveState") == "inactive"
    machine.install()
    machine.install("--uninstall --purge")
    assert machine.files(with_times=False) == names
    assert machine.users() == users
    assert "nothing is installed" in machine.install("--uninstall").stdout


def test_what_was_installed_starts_as_the_readme_says_and_the_doctor_finds_it_well(machine: BareMachine) -> None:
    machine.install()
    assert machine.show("ActiveState") == "inactive", "it is started by whoever wants it"
    machine.box.run("rm -r /run/systemd/system/jetson-voice.service.d && systemctl daemon-reload")
    machine.box.run("systemctl start jetson-voice", seconds=180)
    assert "no microphone" in machine.show("StatusText"), "this machine has none"
    assert "no microphone" in machine.box.run("/usr/local/bin/jetson-voice status").stdout
    assert "jetson-voice" in machine.box.run("journalctl -u jetson-voice -x -o cat --no-pager").stdout
    done = machine.box.run("/usr/local/bin/jetson-voice doctor --json", seconds=120, check=False)
    found = [(each["topic"], each["level"], each["text"]) for each in json.loads(done.stdout)]
    failing = {topic for topic, level, _ in found if level == "fail"}
    assert failing <= {"sound", "microphone", "speaker", "devices"}, found
    assert any(topic == "service" and level == "ok" and "active" in text for topic, level, text in found), found


def test_a_configuration_and_an_ollama_that_are_there_stay_as_they_are_without_consent(machine: BareMachine) -> None:
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


def test_on_a_jetson_the_lack_of_cuda_is_never_silent(machine: BareMachine) -> None:
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


def test_without_root_it_says_how_the_appliance_is_installed(machine: BareMachine) -> None:
    done = machine.box.run(f"runuser -u nobody -- {CHECKOUT}/install.sh", check=False)
    assert (done.returncode, done.stderr.splitlines()[-1][-17:]) == (2, "sudo ./install.sh")


@pytest.mark.parametrize(
    ("spoilt", "advice"),
    [
        ("mkdir -p /opt/jetson-voice && touch /opt/jetson-voice/of-another", "move it away"),
        ("echo '# R35 (release), REVISION: 4.1,' >/etc/nv_tegra_release", "needs JetPack 6 (R36) or 7"),
        ("exec 9>/run/jetson-voice-install.lock; flock 9; sleep 600 & :", "wait for it"),
    ],
)
def test_a_refusal_says_what_to_do_and_changes_nothing(machine: BareMachine, spoilt: str, advice: str) -> None:
    machine.box.run(f"{{ {spoilt}; }} >/dev/null 2>&1")
    before = machine.files()
    done = machine.install(check=False)
    assert done.returncode == 1
    assert advice in done.stderr
    assert machine.files() == before
