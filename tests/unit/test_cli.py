"""The command line, as a person meets it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from jetson_voice.audio import Clip, write_wav
from jetson_voice.cli import main, parser
from jetson_voice.paths import STARTER_CONFIG

COMMANDS = [
    "run", "replay", "try", "ask", "say", "devices", "models", "models list", "models pull", "check-config",
    "status", "stop", "mute", "unmute", "volume", "monitor", "stats", "doctor",
    "bench", "bench turns",
]  # fmt: skip


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """A recording."""
    path = tmp_path / "question.wav"
    write_wav(path, Clip(np.zeros(1600, np.int16), 16_000))
    return path


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    assert ended.value.code == 0
    assert f"usage: jetson-voice {command}".rstrip() in capsys.readouterr().out


def complaint(arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that a command ends with."""
    assert main(arguments) == status
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_text_file_is_no_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("Hello.")
    line = complaint(["replay", str(text), "--out", str(tmp_path / "out.wav")], 1, capsys)
    assert line.startswith(f"jetson-voice: {text}: ")


def test_a_recording_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = complaint(["replay", str(tmp_path / "no.wav"), "--out", str(tmp_path / "out.wav")], 1, capsys)
    assert line == f"jetson-voice: {tmp_path / 'no.wav'}: No such file or directory"


@pytest.mark.parametrize("out", ["missing/out.wav", "."])
def test_an_output_that_cannot_be_written_is_told_before_anything_is_loaded(
    tmp_path: Path, question: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = complaint(["replay", str(question), "--out", str(tmp_path / out)], 1, capsys)
    assert str(tmp_path / out) in line


def test_a_recording_is_not_written_over(question: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = question.read_bytes()
    line = complaint(["replay", str(question), "--out", str(question)], 1, capsys)
    assert line.endswith("it is the recording itself")
    assert question.read_bytes() == before


def test_an_unknown_profile_is_answered_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "starter" in complaint(["models", "list", "--profile", "mine"], 1, capsys)


def test_one_profile_is_listed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--profile", "orin"]) == 0
    shown = capsys.readouterr().out
    assert "whisper-small" in shown
    assert "smollm2" not in shown


def test_a_configuration_with_a_mistake_is_exit_status_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[llm.ollama]\nmodle = "qwen2.5:3b"\n')
    line = complaint(["check-config", str(path)], 78, capsys)
    assert line.startswith(f"{path}: llm.ollama.modle: ")
    assert "did you mean 'model'" in line


def test_tokens_that_do_not_fit_together_are_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[llm]\ncontext_tokens = 1024\n")
    assert "llm.context_tokens: 1024 cannot hold" in complaint(["check-config", str(path)], 78, capsys)


def test_the_models_a_configuration_still_needs_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[models]\ndirectory = "here"\n[stt]\nmodel = "whisper-base"\n')
    assert main(["check-config", str(path)]) == 0
    shown = capsys.readouterr().out
    assert f"not yet in {tmp_path / 'here'}: openwakeword, smart-turn, whisper-base" in shown


def test_a_home_directory_may_be_written_with_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    path = tmp_path / "mine.toml"
    path.write_text('[models]\ndirectory = "~/voices"\n')
    main(["check-config", str(path)])
    assert f"not yet in {tmp_path / 'voices'}: " in capsys.readouterr().out


def test_a_bench_without_a_command_measures_turns() -> None:
    assert parser().parse_args(["bench"]) == parser().parse_args(["bench", "turns"])


def test_a_bench_without_pulseaudio_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    line = complaint(["bench", "turns", "--config", str(STARTER_CONFIG)], 1, capsys)
    assert line.startswith("jetson-voice: no pulseaudio, ")
    assert "apt-get install pulseaudio " in line
