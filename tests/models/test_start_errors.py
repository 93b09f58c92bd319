"""A model that is missing, damaged or unsuitable: one line that says what to do."""

from __future__ import annotations

import json
import logging
import re
import shutil
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pymicro_wakeword
import pytest

from jetson_voice import backends
from jetson_voice.backends.faster_whisper import FasterWhisper
from jetson_voice.backends.micro_wakeword import MicroWakeWord
from jetson_voice.backends.onnx import session
from jetson_voice.backends.openwakeword import OpenWakeWord
from jetson_voice.config import Config, Models, SpeechToText, TextToSpeech, Voices, Wake, WakeWord
from jetson_voice.protocols import StartError, Voice

pytestmark = [pytest.mark.anyio, pytest.mark.models]


async def complaint(opening: AbstractAsyncContextManager[object]) -> str:
    """The one line with which it does not start."""
    with pytest.raises(StartError) as error:
        async with opening:
            pass
    line = str(error.value)
    print(line)
    assert "\n" not in line
    return line


def voice_of(voices: Voices, models: Path) -> AbstractAsyncContextManager[Voice]:
    return backends.voice(Config(models=Models(str(models)), tts=TextToSpeech(voices=voices)))


def cut_short(file: Path, copy: Path) -> Path:
    """Its first third."""
    content = file.read_bytes()
    copy.write_bytes(content[: len(content) // 3])
    return copy


async def test_a_wake_word_that_is_not_there_is_named_with_those_that_are(
    models_directory: Path,
) -> None:
    wanted = Wake(words=(WakeWord(), WakeWord("hey_bob", "hey bob")))
    line = await complaint(OpenWakeWord.opened(wanted, models_directory))
    assert "wake.words#2.model" in line
    assert str(models_directory / "openwakeword" / "hey_bob.onnx") in line
    assert "alexa, hey_jarvis, hey_mycroft" in line


async def test_without_any_models_one_is_told_to_fetch_them(tmp_path: Path) -> None:
    assert "jetson-voice models pull" in await complaint(OpenWakeWord.opened(Wake(), tmp_path))
    piper = voice_of(Voices(), tmp_path)
    assert "tts.voices.zh" in await complaint(piper)
    whisper = FasterWhisper.opened(SpeechToText(), tmp_path)
    assert "jetson-voice models pull" in await complaint(whisper)


async def test_a_custom_wake_word_that_is_not_there_is_named_by_its_path(
    models_directory: Path,
) -> None:
    wanted = Wake(words=(WakeWord("/nowhere/computer.onnx", "computer"),))
    line = await complaint(OpenWakeWord.opened(wanted, models_directory))
    assert line == "wake.words#1.model: there is no file /nowhere/computer.onnx"


async def test_a_wake_word_cut_short_is_refused(tmp_path: Path, models_directory: Path) -> None:
    own = cut_short(models_directory / "openwakeword" / "alexa.onnx", tmp_path / "own.onnx")
    wanted = Wake(words=(WakeWord(str(own), "computer"),))
    assert str(own) in await complaint(OpenWakeWord.opened(wanted, models_directory))


async def test_a_model_that_is_no_wake_word_is_refused(models_directory: Path) -> None:
    voice = models_directory / "openwakeword" / "melspectrogram.onnx"
    wanted = Wake(words=(WakeWord(str(voice), "computer"),))
    assert str(voice) in await complaint(OpenWakeWord.opened(wanted, models_directory))


async def test_a_micro_wake_word_that_is_not_there_is_named_with_those_that_are(
    models_directory: Path,
) -> None:
    wanted = Wake("micro", (WakeWord("hey_bob", "hey bob"),))
    line = await complaint(MicroWakeWord.opened(wanted, models_directory))
    assert "wake.words#1.model" in line
    assert "alexa, hey_jarvis, hey_mycroft, okay_nabu" in line


@pytest.mark.parametrize("content", [b"", b"no model" * 100, None])
async def test_a_damaged_micro_wake_word_is_refused_and_does_not_crash_the_daemon(
    content: bytes | None, tmp_path: Path
) -> None:
    ready_made = Path(pymicro_wakeword.__file__).parent / "models"
    shutil.copy(ready_made / "alexa.json", tmp_path)
    if content is None:
        cut_short(ready_made / "alexa.tflite", tmp_path / "alexa.tflite")
    else:
        (tmp_path / "alexa.tflite").write_bytes(content)
    wanted = Wake("micro", (WakeWord(str(tmp_path / "alexa.json"), "alexa"),))
    assert "alexa.tflite" in await complaint(MicroWakeWord.opened(wanted, tmp_path))


async def test_a_micro_description_that_is_none_is_refused(tmp_path: Path) -> None:
    for content in ("", "[]", "{}", json.dumps({"model": "x.tflite"})):
        (tmp_path / "own.json").write_text(content)
        wanted = Wake("micro", (WakeWord("own.json", "computer"),))
        assert "wake.words#1.model" in await complaint(MicroWakeWord.opened(wanted, tmp_path))


async def test_a_damaged_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "silero.onnx").write_bytes(b"half a network")
    with pytest.raises(StartError, match=r"silero\.onnx is damaged"):
        session(tmp_path / "silero.onnx")


async def test_whisper_cut_short_is_refused(tmp_path: Path, models_directory: Path) -> None:
    folder = tmp_path / "whisper-base"
    shutil.copytree(models_directory / "whisper-base", folder, symlinks=False)
    cut_short(models_directory / "whisper-base" / "model.bin", folder / "model.bin")
    stt = SpeechToText(model="whisper-base")
    assert str(folder) in await complaint(FasterWhisper.opened(stt, tmp_path))


async def test_a_compute_type_that_the_device_has_not_is_named_with_those_it_has(
    models_directory: Path,
) -> None:
    stt = SpeechToText(model="whisper-base", device="cpu", compute_type="int3")
    line = await complaint(FasterWhisper.opened(stt, models_directory))
    assert "stt.compute_type" in line
    # Which lie between depends on the processor.
    assert re.search(r"these are: float32, .*int8", line)


async def test_a_gpu_that_is_asked_for_and_not_there_is_a_loud_warning(
    models_directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import ctranslate2  # noqa: PLC0415

    if ctranslate2.get_cuda_device_count():
        return
    stt = SpeechToText(model="whisper-base", device="cuda")
    with caplog.at_level(logging.WARNING):
        async with FasterWhisper.opened(stt, models_directory):
            pass
    [warning] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "WHISPER RUNS ON THE CPU" in warning
    assert "\n" not in warning


async def test_a_voice_cut_short_is_refused(tmp_path: Path, models_directory: Path) -> None:
    voice = models_directory / "piper-en_US-joe-medium" / "en_US-joe-medium.onnx"
    own = cut_short(voice, tmp_path / "own.onnx")
    piper = voice_of(Voices(zh="", en=str(own)), models_directory)
    assert "own.onnx.json is missing" in await complaint(piper)
    shutil.copy(voice.with_name(f"{voice.name}.json"), tmp_path / "own.onnx.json")
    piper = voice_of(Voices(zh="", en=str(own)), models_directory)
    assert "own.onnx is damaged" in await complaint(piper)


def unreadable(file: Path) -> Path:
    """A file that is there, and that nobody can open, not even root."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(file)
    return file


async def test_a_model_that_is_there_and_cannot_be_read_is_not_called_missing(
    tmp_path: Path, models_directory: Path
) -> None:
    voice = models_directory / "piper-en_US-joe-medium" / "en_US-joe-medium.onnx"
    (tmp_path / "own.onnx").symlink_to(voice)
    unreadable(tmp_path / "own.onnx.json")
    unreadable(tmp_path / "looped.onnx")
    unreadable(tmp_path / "whisper-base" / "model.bin")
    unreadable(tmp_path / "looped")
    unreadable(tmp_path / "looped.json")
    (tmp_path / "openwakeword").symlink_to(models_directory / "openwakeword")
    wanted = Wake(words=(WakeWord("looped.onnx", "computer"),))
    for opening, file in [
        (voice_of(Voices(zh="", en="own.onnx"), tmp_path), "own.onnx.json"),
        (voice_of(Voices(zh="", en="looped.onnx"), tmp_path), "looped.onnx"),
        (voice_of(Voices(zh="", en="looped"), tmp_path), "looped"),
        (FasterWhisper.opened(SpeechToText(model="whisper-base"), tmp_path), "model.bin"),
        (OpenWakeWord.opened(wanted, tmp_path), "looped.onnx"),
        (MicroWakeWord.opened(Wake("micro", (WakeWord("looped.json", "computer"),)), tmp_path), "looped.json"),
    ]:
        line = await complaint(opening)
        assert f"{file} cannot be read: Too many levels of symbolic links" in line
        assert "missing" not in line


async def test_a_voice_that_speaks_from_pinyin_says_what_it_lacks(tmp_path: Path, models_directory: Path) -> None:
    voice = models_directory / "piper-en_US-joe-medium" / "en_US-joe-medium.onnx"
    (tmp_path / "chaowen.onnx").symlink_to(voice)
    description = json.loads(voice.with_name(f"{voice.name}.json").read_text("utf-8")) | {"phoneme_type": "pinyin"}
    (tmp_path / "chaowen.onnx.json").write_text(json.dumps(description), "utf-8")
    line = await complaint(voice_of(Voices(zh="chaowen.onnx", en=""), tmp_path))
    assert line.startswith("tts.voices.zh: ")
    assert "the packages g2pw, transformers" in line
    assert "pip install 'piper-tts[zh]'" in line
    assert f"the g2pW model in {tmp_path / 'g2pW'}" in line
    assert "piper-zh_CN-huayan-medium needs neither" in line
