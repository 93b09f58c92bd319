"""`jetson-voice doctor` on this machine: in the virtual room, with the starter models, with servers of every kind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from jetson_voice import config
from jetson_voice.bench.room import VirtualRoom
from ollama_server import OllamaServer
from protocol_server import ProtocolServer

pytestmark = [pytest.mark.models]

STARTER = """
[models]
directory = "{models}"
[stt]
model = "whisper-base"
languages = ["en"]
[tts.voices]
zh = ""
"""
EMBEDDED = '\n[llm]\nbackend = "embedded"\n'
Lines: TypeAlias = "list[dict[str, Any]]"


class Write(Protocol):
    """Writes a configuration on the starter models, or those of a directory, with the rest at its end."""

    def __call__(self, rest: str, directory: Path = ...) -> Path: ...


def doctor(path: Path, *options: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """The command in a process of its own, as a person runs it; its exit status, and what it prints."""
    sources = str(Path(config.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-m", "jetson_voice", "doctor", "--config", str(path), *options],
        env={**(environment or os.environ), "PYTHONPATH": sources},
        check=False,
        timeout=60,
        text=True,
        capture_output=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def examined(path: Path, *options: str, environment: dict[str, str] | None = None) -> tuple[int, Lines]:
    """The same as data."""
    status, printed = doctor(path, "--json", *options, environment=environment)
    found: Lines = json.loads(printed)
    return status, found


def about(found: Lines, topic: str, level: str) -> list[str]:
    """The texts of one topic and level."""
    return [each["text"] for each in found if (each["topic"], each["level"]) == (topic, level)]


@pytest.fixture
def written(tmp_path: Path, models_directory: Path) -> Write:
    def write(rest: str, directory: Path = models_directory) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(STARTER.format(models=directory) + rest)
        return path

    return write


@pytest.mark.room
def test_a_machine_with_everything_fails_in_nothing_and_is_told_in_ten_seconds(
    room: VirtualRoom, written: Write
) -> None:
    began = time.monotonic()
    status, printed = doctor(written(EMBEDDED), environment=room.environment)
    print(f"{time.monotonic() - began:.1f} s\n{printed}")
    assert time.monotonic() - began < 10
    assert status == 0
    lines = printed.splitlines()
    assert not any(line.startswith("fail") for line in lines)
    assert "\033" not in printed
    for part in ("every option is understood", "whisper-base: 4 files, 148 MB, intact", "CTranslate2", "sound server"):
        assert part in printed
    assert lines[-1].endswith(" 0 fail")


@pytest.mark.room
def test_a_device_that_is_not_there_is_answered_with_those_that_are(room: VirtualRoom, written: Write) -> None:
    path = written(f'{EMBEDDED}[microphone]\ndevice = "jabra"\n')
    status, found = examined(path, "--quick", environment=room.environment)
    assert status == 1
    [text] = about(found, "microphone", "fail")
    assert 'none is called "jabra"; there are' in text
    assert '"default"' in text


@pytest.mark.room
def test_a_sound_server_that_hangs_is_told_and_does_not_hang_the_doctor(room: VirtualRoom, written: Write) -> None:
    room.freeze()
    began = time.monotonic()
    try:
        status, found = examined(written(EMBEDDED), "--quick", environment=room.environment)
    finally:
        room.thaw()
    print(f"{time.monotonic() - began:.1f} s")
    assert status == 1
    assert "PortAudio does not answer within" in about(found, "microphone", "fail")[0]
    assert about(found, "models", "ok")


def test_a_broken_configuration_is_lines_and_exit_status_78(written: Write) -> None:
    status, found = examined(written('[llm]\nbakend = "ollama"\n'))
    assert status == 78
    assert "did you mean 'backend'" in about(found, "configuration", "fail")[0]
    assert about(found, "models", "warn") == ["not examined"]
    assert about(found, "machine", "ok")


def test_a_configuration_that_is_not_there_is_a_line(tmp_path: Path) -> None:
    status, found = examined(tmp_path / "no.toml")
    assert status == 78
    assert "there is no such file" in about(found, "configuration", "fail")[0]


def test_a_damaged_model_is_told_unless_it_is_to_be_quick(
    tmp_path: Path, models_directory: Path, written: Write
) -> None:
    own = tmp_path / "models"
    own.mkdir()
    for name in ("openwakeword", "piper-en_US-joe-medium", "smart-turn", "smollm2-135m", "whisper-base"):
        (own / name).symlink_to(models_directory / name)
    (own / "openwakeword").unlink()
    shutil.copytree(models_directory / "openwakeword", own / "openwakeword")
    with (own / "openwakeword" / "alexa.onnx").open("r+b") as file:
        file.write(b"damage")
    (own / "whisper-base").unlink()
    path = written(EMBEDDED, own)
    status, found = examined(path)
    assert status == 1
    damaged, absent = about(found, "models", "fail")
    assert "alexa.onnx is damaged" in damaged
    assert absent == f"whisper-base is missing in {own}"
    assert len(about(examined(path, "--quick")[1], "models", "fail")) == 1


def ollama(url: str, model: str = "qwen2.5:7b") -> str:
    return f'\n[llm.ollama]\nurl = "{url}"\nmodel = "{model}"\n'


def test_an_ollama_that_has_the_model_on_the_gpu_is_ok(written: Write) -> None:
    with ProtocolServer("ollama", models=["qwen2.5:7b"]) as server:
        _, found = examined(written(ollama(server.url)), "--quick")
    assert len(about(found, "language model", "ok")) == 3
    assert any("version 0.33.0" in text for text in about(found, "language model", "ok"))


def test_a_model_half_on_the_gpu_is_a_warning(written: Write) -> None:
    with ProtocolServer("ollama", models=["qwen2.5:7b"], gpu_share=0.5) as server:
        _, found = examined(written(ollama(server.url)), "--quick")
    assert "50% on the GPU" in about(found, "language model", "warn")[0]


def test_a_model_that_ollama_lacks_fails_with_the_nearest(written: Write) -> None:
    with ProtocolServer("ollama", models=["qwen2.5:3b"]) as server:
        status, found = examined(written(ollama(server.url)), "--quick")
    assert status == 1
    assert "did you mean 'qwen2.5:3b'?" in about(found, "language model", "fail")[0]


@pytest.mark.parametrize(
    ("url", "reason"),
    [("http://127.0.0.1:9", "does not answer: "), ("http://127.0.0.1:0", "is not the URL of a server")],
)
def test_an_ollama_that_is_not_there_fails(url: str, reason: str, written: Write) -> None:
    status, found = examined(written(ollama(url)), "--quick")
    assert status == 1
    assert reason in about(found, "language model", "fail")[0]


def test_what_is_no_ollama_is_told(written: Write) -> None:
    with ProtocolServer("openai", models=["gpt"], api_key="k") as server:
        _, found = examined(written(ollama(server.url.removesuffix("/v1"))), "--quick")
    assert "401" in about(found, "language model", "fail")[0]


@pytest.mark.parametrize(("key", "level"), [("sesame-7315", "ok"), ("wrong-9264", "fail"), ("", "warn")])
def test_a_key_is_tried_and_never_shown(key: str, level: str, written: Write) -> None:
    with ProtocolServer("openai", models=["gpt"], api_key="sesame-7315") as server:
        rest = (
            f'\n[llm]\nbackend = "openai"\n[llm.openai]\nurl = "{server.url}"\nmodel = "gpt"\napi_key_name = "DOOR"\n'
        )
        _, printed = doctor(written(rest), "--quick", "--json", environment={**os.environ, "DOOR": key})
    assert any(server.url in text for text in about(json.loads(printed), "language model", level))
    assert "sesame" not in printed
    assert "wrong-9264" not in printed


@pytest.mark.ollama
def test_a_real_ollama_is_understood(models_directory: Path, written: Write) -> None:
    binary = os.environ.get("JETSON_VOICE_OLLAMA")
    if not binary:
        pytest.skip("JETSON_VOICE_OLLAMA names no Ollama: tests/build_ollama.sh builds one")
    with OllamaServer(Path(binary)) as server:
        _, found = examined(written(ollama(server.url, "tiny")), "--quick")
        assert about(found, "language model", "fail") == ["Ollama has no model 'tiny'; it has none"]
        server.create("tiny", next((models_directory / "smollm2-135m").glob("*.gguf")))
        _, found = examined(written(ollama(server.url, "tiny")), "--quick")
    assert any("tiny is there, 98 MB" in text for text in about(found, "language model", "ok"))


@pytest.mark.room
def test_asked_for_the_echo_it_plays_a_sound_and_tells_what_comes_back(room: VirtualRoom, written: Write) -> None:
    room.echo(gain_db=-10, delay_ms=60)
    status, found = examined(written(EMBEDDED), "--echo")
    [echo] = [finding for finding in found if finding["topic"] == "echo"]
    found_again = re.match(r"comes back after (\d+) ms, .* taken out; the clocks differ by \d+ ppm", echo["text"])
    assert found_again, echo
    assert 40 < int(found_again[1]) < 200
    assert status == 0
