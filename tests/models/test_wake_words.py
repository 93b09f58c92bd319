"""Wake words on recordings and on Piper's voice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from ambience import Room
from jetson_voice import backends
from jetson_voice.audio import Clip, Frame
from jetson_voice.backends.micro_wakeword import MicroWakeWord
from jetson_voice.backends.openwakeword import OpenWakeWord, Words
from jetson_voice.config import Config, Models, TextToSpeech, Voices, Wake, WakeWord
from jetson_voice.protocols import Wake as Heard
from jetson_voice.protocols import WakeRising
from jetson_voice.protocols import WakeWord as HearsWakeWords
from jetson_voice.quiet import SleepsInQuiet
from jetson_voice.sentences import Sentence
from recordings import DATA, frames_of, heard, noise, one_after_another, recording, silence
from wake_recall import ALL_WORDS, at_speech_level, calls, recall

pytestmark = [pytest.mark.anyio, pytest.mark.models]

# The cut-offs of the models' maker.
MICRO_WORDS = Wake(
    "micro",
    (
        WakeWord("hey_jarvis", "hey jarvis", threshold=0.97),
        WakeWord("alexa", "alexa", threshold=0.9),
        WakeWord("hey_mycroft", "hey mycroft", threshold=0.95),
        WakeWord("okay_nabu", "okay nabu", threshold=0.85),
    ),
)
SPEECH = (
    "en_librispeech", "zh_opening_hours", "zh_values", "zh_aishell", "zh_most_beautiful", "en_real_one_two_three",
)  # fmt: skip


@pytest.fixture(params=[OpenWakeWord, MicroWakeWord])
def backend(request: pytest.FixtureRequest) -> type[OpenWakeWord | MicroWakeWord]:
    chosen: type[OpenWakeWord | MicroWakeWord] = request.param
    return chosen


def words_for(backend: type[OpenWakeWord | MicroWakeWord]) -> Wake:
    return ALL_WORDS if backend is OpenWakeWord else MICRO_WORDS


@pytest.mark.parametrize(("name", "phrase"), [("alexa_test", "alexa"), ("hey_mycroft_test", "hey mycroft")])
async def test_a_recorded_wake_word_is_heard_once_wherever_its_frames_begin(
    backend: type[OpenWakeWord | MicroWakeWord], name: str, phrase: str, models_directory: Path
) -> None:
    async with backend.opened(words_for(backend), models_directory) as listener:
        at = 0.0
        for shift in (0.0, 0.02, 0.04, 0.06):
            said = one_after_another(silence(1.0 + shift), recording(name), silence(2.0))
            assert [wake.word for wake in await heard(listener, said, at=at)] == [phrase]
            at += 10


async def test_hey_jarvis_in_a_synthetic_voice_is_heard_once(
    backend: type[OpenWakeWord | MicroWakeWord], models_directory: Path
) -> None:
    for text in ("Hey Jarvis.", "Hey Jarvis, what is the capital of France?"):
        said = one_after_another(silence(1), await spoken(text, models_directory), silence(2))
        async with backend.opened(words_for(backend), models_directory) as listener:
            assert [wake.word for wake in await heard(listener, said)] == ["hey jarvis"]


async def test_a_minute_of_speech_without_a_wake_word_is_no_wake_word(
    backend: type[OpenWakeWord | MicroWakeWord], models_directory: Path
) -> None:
    once = one_after_another(*(recording(name) for name in SPEECH))
    said = one_after_another(once, silence(0.37), once)
    assert said.seconds > 60
    async with backend.opened(words_for(backend), models_directory) as listener:
        assert not await heard(listener, said)


async def test_noise_is_no_wake_word(backend: type[OpenWakeWord | MicroWakeWord], models_directory: Path) -> None:
    async with backend.opened(words_for(backend), models_directory) as listener:
        assert not await heard(listener, one_after_another(noise(5, 100), noise(5, 3000)))


@pytest.mark.parametrize("level", [2, 20])
async def test_a_wake_word_that_slept_in_the_quiet_hears_all_the_same(level: float, models_directory: Path) -> None:
    names = ("alexa_test", "hey_mycroft_test")
    async with OpenWakeWord.opened(ALL_WORDS, models_directory) as listener:
        counted = Counted(listener)
        sleeper = SleepsInQuiet(counted)
        assert not await heard(sleeper, noise(90, level))
        counted.frames = 0
        said = in_noise(one_after_another(*(clip for name in names for clip in (silence(10), recording(name)))), level)
        assert [wake.word for wake in await heard(sleeper, said, at=90)] == ["alexa", "hey mycroft"]
    assert counted.frames < said.seconds / 0.08 / 2


@pytest.mark.parametrize("room", [Room("office", -50), Room("hiss", -50)], ids=str)
async def test_no_wake_word_is_lost_to_sleep_or_heard_later(room: Room, models_directory: Path) -> None:
    said = [at_speech_level(call, -36) for call in await calls(models_directory)]
    found = await recall(room, said, models_directory)
    print(room, found)
    assert found.heard > len(said) / 2
    assert found.lost == 0
    assert found.latest_frames <= 1


@dataclass
class Counted:
    """A wake word that counts the frames it had to listen to."""

    wake_word: HearsWakeWords
    frames: int = 0

    async def heard_in(self, frame: Frame) -> Heard | WakeRising | None:
        self.frames += 1
        return await self.wake_word.heard_in(frame)


def in_noise(clip: Clip, level: float) -> Clip:
    """The clip with white noise of a root mean square `level` of 32 768 under it."""
    return Clip(clip.samples + noise(clip.seconds, level).samples[: len(clip.samples)], clip.rate_hz)


async def test_every_frame_has_the_score_that_the_package_of_openwakeword_gives_it(models_directory: Path) -> None:
    from openwakeword.model import Model  # noqa: PLC0415  brings scipy along

    folder = models_directory / "openwakeword"
    package = Model(
        wakeword_models=[str(folder / f"{word.model}.onnx") for word in ALL_WORDS.words],
        inference_framework="onnx",
        melspec_model_path=str(folder / "melspectrogram.onnx"),
        embedding_model_path=str(folder / "embedding_model.onnx"),
    )
    ours = Words(ALL_WORDS.words, models_directory)
    # The package begins with 4 s of random noise in its memory.
    said = one_after_another(silence(5), *(recording(file.stem) for file in sorted(DATA.glob("*.wav"))), noise(2, 300))
    highest = 0.0
    for frame in frames_of(said):
        wanted, scores = package.predict(frame.samples), ours.scores(frame.samples)
        if frame.at > 4.5:
            assert scores == pytest.approx({word.spoken: wanted[word.model] for word in ALL_WORDS.words}, abs=1e-3)
            highest = max(highest, *scores.values())
    assert highest > 0.9


def test_listening_brings_no_library_into_memory_but_onnxruntime(models_directory: Path) -> None:
    listens = f"""
import sys
from pathlib import Path
from jetson_voice.backends.openwakeword import Words
from jetson_voice.config import Wake
Words(Wake().words, Path({str(models_directory)!r}))
print(*{{"onnxruntime", "openwakeword", "scipy", "sklearn", "requests", "tqdm"}} & set(sys.modules))
"""
    daemon = str(Path(backends.__file__).parents[2])
    shown = subprocess.run(
        [sys.executable, "-c", listens],
        env=os.environ | {"PYTHONPATH": daemon},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shown.stdout.split() == ["onnxruntime"]


async def test_two_words_may_come_from_files_of_one_name(tmp_path: Path, models_directory: Path) -> None:
    own = tmp_path / "alexa.onnx"
    own.symlink_to(models_directory / "openwakeword" / "hey_mycroft.onnx")
    wanted = Wake(words=(WakeWord("alexa", "alexa"), WakeWord(str(own), "computer")))
    said = one_after_another(silence(1), recording("hey_mycroft_test"), silence(1), recording("alexa_test"), silence(1))
    async with OpenWakeWord.opened(wanted, models_directory) as listener:
        assert [wake.word for wake in await heard(listener, said)] == ["computer", "alexa"]


async def test_a_custom_model_is_found_by_its_path(tmp_path: Path, models_directory: Path) -> None:
    own = tmp_path / "computer.onnx"
    own.symlink_to(models_directory / "openwakeword" / "alexa.onnx")
    wanted = Wake(words=(WakeWord(str(own), "computer"), WakeWord()))
    said = one_after_another(silence(1), recording("alexa_test"), silence(1))
    async with OpenWakeWord.opened(wanted, models_directory) as listener:
        assert [wake.word for wake in await heard(listener, said)] == ["computer"]


async def test_listening_for_one_word_costs_a_few_per_cent_of_a_core(
    backend: type[OpenWakeWord | MicroWakeWord], models_directory: Path
) -> None:
    wanted = Wake(words=words_for(backend).words[:1])
    frames = list(frames_of(noise(20, 50)))
    async with backend.opened(wanted, models_directory) as listener:
        began = time.process_time()
        for frame in frames:
            await listener.heard_in(frame)
        used = time.process_time() - began
    print(f"{backend.__name__}: {used / 20 * 1000:.1f} ms of CPU per second of sound")
    # Five times what was measured on an idle x86 core: this finds a mistake, not a slow machine.
    assert used / 20 < 0.15


async def spoken(text: str, models: Path) -> Clip:
    voices = Voices(zh="", en="piper-en_US-joe-medium")
    tts = TextToSpeech(voices=voices)
    async with backends.voice(Config(models=Models(str(models)), tts=tts)) as voice:
        return (await voice.synthesize(Sentence(text, text))).clip
