"""What install.sh makes of a machine and of its options, without changing anything."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from jetson_voice.config_file import load

REPOSITORY = Path(__file__).parents[2]
GIB = 1024 * 1024  # KiB


def asked(part: str, call: str) -> str:
    """What a function of install/PART.sh answers."""
    script = f"set -euo pipefail; checkout=$PWD; . install/appliance.sh; . install/{part}.sh; {call}"
    done = subprocess.run(["bash", "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout


def install(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([REPOSITORY / "install.sh", *options], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("# R36 (release), REVISION: 4.3, GCID: 38968081, BOARD: generic, EABI: aarch64\n", "6 36.4.3\n"),
        ("# R36 (release), REVISION: 5.0, GCID: 1\n", "6 36.5.0\n"),
        ("# R39 (release), REVISION: 2.1, GCID: 1\n", "7 39.2.1\n"),
        ("# R38 (release), REVISION: 4, GCID: 1\n", "7 38.4\n"),
        ("# R35 (release), REVISION: 6.1, GCID: 1\n", "unknown 35.6.1\n"),
        ("nonsense\n", "unknown version\n"),
    ],
)
def test_the_jetpack_is_known_by_its_release_file(tmp_path: Path, line: str, answer: str) -> None:
    (tmp_path / "release").write_text(line)
    assert asked("machine", f"jetpack_of {tmp_path}/release") == answer
    assert asked("machine", f"jetpack_of {tmp_path}/none") == "", "no Jetson"


def test_the_chip_is_known_by_the_device_tree(tmp_path: Path) -> None:
    (tmp_path / "compatible").write_bytes(b"nvidia,p3768-0000+p3767-0005-super\0nvidia,p3767-0005\0nvidia,tegra234\0")
    assert asked("machine", f"chip_of {tmp_path}/compatible") == "orin\n"


def test_the_profile_and_the_language_model_fit_the_memory() -> None:
    assert asked("machine", f"profile_for 6 {int(7.5 * GIB)}") == "orin-nano\n"
    assert asked("machine", f"profile_for 7 {15 * GIB}") == "orin\n"
    assert asked("machine", f"profile_for '' {64 * GIB}") == "starter\n"
    assert asked("machine", f"ollama_model_for {int(6.8 * GIB)}") == "qwen2.5:7b\n"
    assert asked("machine", f"ollama_model_for {4 * GIB}") == "qwen2.5:3b\n"


@pytest.mark.parametrize(
    ("profile", "model"), [("starter", "qwen2.5:7b"), ("orin-nano", "qwen2.5:3b"), ("orin", "qwen2.5:7b")]
)
def test_the_first_configuration_is_the_profiles_with_the_models_where_they_are_put(
    tmp_path: Path, profile: str, model: str
) -> None:
    (tmp_path / "config.toml").write_text(asked("system", f"configuration_of {profile} {model}"))
    config = load(tmp_path / "config.toml")
    assert config.models.directory == "/var/lib/jetson-voice/models"
    assert config.llm.ollama.model == model
    assert (config.llm.backend == "embedded") == (profile == "starter")


def test_every_option_is_in_the_help() -> None:
    options = set(
        re.findall(r"--[a-z0-9-]+(?=[ |)])", (REPOSITORY / "install" / "appliance.sh").read_text().split("wrong()")[0])
    )
    shown = install("--help")
    assert shown.returncode == 0
    assert len(options) >= 14
    assert {option for option in options if option not in shown.stdout} == set()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--dryrun"], "there is no option '--dryrun'"),
        (["--profile"], "--profile needs a value"),
        (["--profile=small"], "there is no profile 'small': starter, orin-nano, orin"),
        (["--purge"], "--purge goes with --uninstall"),
        (["--ct2-wheel", "x.whl"], "--ct2-wheel needs --ct2-sha256"),
        (["appliance", "--ct2-sha256=12"], "--ct2-wheel needs --ct2-sha256"),
        (["instal"], "there is no command 'instal'"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(options: list[str], complaint: str) -> None:
    done = install(*options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert complaint in done.stderr
