"""What every test may ask for: the models, the virtual room, the event loop; and what CI does not forgive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import jetson_voice  # noqa: F401  before numpy, as in the daemon: it computes in one thread then

# isort: split
import hypothesis
import onnxruntime
import pytest

from jetson_voice.bench.room import PROGRAMS, VirtualRoom
from jetson_voice.config import Config, Models
from jetson_voice.config_file import load

REPOSITORY = Path(__file__).parents[1]
# How long an example takes is the machine's affair, not the test's.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

NEVER_SKIPPED_IN_CI = {"models", "room", "ollama", "systemd"}


@pytest.fixture
def anyio_backend() -> str:
    """Tests of real backends run on asyncio, as the daemon does."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def own_directories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Daemons that the tests run keep away from this machine's own, and from those of another run of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUNTIME_DIRECTORY", str(tmp_path_factory.mktemp("run")))
        patch.setenv("STATE_DIRECTORY", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session", autouse=True)
def steady_voices() -> None:
    """Piper speaks with a little chance in it; in the tests it is the same chance every time."""
    onnxruntime.set_seed(1)


@pytest.fixture(scope="session")
def models_directory() -> Path:
    """The folder with the starter models."""
    directory = Path(os.environ.get("JETSON_VOICE_MODELS", REPOSITORY / "models")).resolve()
    if not (directory / "whisper-base" / "model.bin").exists():
        pytest.skip(f"no starter models in {directory}: run ./install.sh test")
    return directory


@pytest.fixture(scope="session")
def starter(models_directory: Path) -> Config:
    """The starter configuration, on the models that are here."""
    config = load(REPOSITORY / "models" / "starter.toml")
    return replace(config, models=Models(str(models_directory)))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualRoom]:
    """A room with a speaker and a microphone; they are this process's default devices."""
    if not all(shutil.which(program) for program in PROGRAMS):
        pytest.skip("no PulseAudio here: ./install.sh test installs it")
    with VirtualRoom() as virtual_room:
        for name, value in virtual_room.variables.items():
            monkeypatch.setenv(name, value)
        yield virtual_room


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test of the real thing that is skipped has failed."""
    report = yield
    skipped = report.skipped and not hasattr(report, "wasxfail")
    markers = {marker.name for marker in item.iter_markers()}
    if skipped and "JETSON_VOICE_CI" in os.environ and NEVER_SKIPPED_IN_CI & markers:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
