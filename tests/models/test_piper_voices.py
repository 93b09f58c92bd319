"""Which voice speaks, how fast and how loud. A voice is told by the sample rate that its description claims."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import numpy as np
import pytest

from jetson_voice.backends.piper import Piper
from jetson_voice.config import TextToSpeech, Voices
from jetson_voice.sentences import Sentence

pytestmark = [pytest.mark.anyio, pytest.mark.models]

JOE = "piper-en_US-joe-medium"
ZH_RATE, EN_RATE = 11_025, 22_050


@pytest.fixture
def two_voices(tmp_path: Path, models_directory: Path) -> Voices:
    """The same network twice; the one that stands in for the Chinese voice claims another sample rate."""
    voice = models_directory / JOE / "en_US-joe-medium.onnx"
    (tmp_path / "zh.onnx").symlink_to(voice)
    description = json.loads(voice.with_name(f"{voice.name}.json").read_text("utf-8"))
    description["audio"]["sample_rate"] = ZH_RATE
    (tmp_path / "zh.onnx.json").write_text(json.dumps(description), "utf-8")
    return Voices(zh=str(tmp_path), en=JOE)


async def rates(tts: TextToSpeech, models: Path, *sentences: str) -> list[int]:
    async with Piper.opened(tts, models) as voice:
        return [(await voice.synthesize(Sentence(each, each))).clip.rate_hz for each in sentences]


async def test_each_sentence_is_spoken_by_the_voice_of_its_script(two_voices: Voices, models_directory: Path) -> None:
    tts = TextToSpeech(voices=two_voices)
    assert await rates(tts, models_directory, "Hello there.", "你好。", "Paris is big.") == [
        EN_RATE,
        ZH_RATE,
        EN_RATE,
    ]


async def test_a_sentence_without_words_is_spoken_by_the_voice_of_the_one_before(
    two_voices: Voices, models_directory: Path
) -> None:
    tts = TextToSpeech(voices=two_voices)
    assert await rates(tts, models_directory, "2026.", "Hello there.", "42.", "你好。", "42.") == [
        ZH_RATE,
        EN_RATE,
        EN_RATE,
        ZH_RATE,
        ZH_RATE,
    ]


async def test_a_language_without_a_voice_is_spoken_by_the_other_and_said_so_once(
    models_directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tts = TextToSpeech(voices=Voices(zh="", en=JOE))
    with caplog.at_level(logging.WARNING):
        assert await rates(tts, models_directory, "你好。", "Hello.", "再见。") == [EN_RATE] * 3
    assert [record.getMessage() for record in caplog.records] == [
        "tts.voices.zh: there is no voice for this language, another one speaks it"
    ]


async def test_twice_the_speed_is_about_half_as_long(models_directory: Path) -> None:
    text = "Well, it depends on many things, and the weather is only one of them."
    lengths = []
    for speed in (1.0, 2.0):
        tts = TextToSpeech(speed=speed, voices=Voices(zh="", en=JOE))
        async with Piper.opened(tts, models_directory) as voice:
            lengths.append((await voice.synthesize(Sentence(text, text))).clip.seconds)
    assert 0.35 < lengths[1] / lengths[0] < 0.65


async def test_half_the_volume_is_half_as_loud(models_directory: Path) -> None:
    tts = TextToSpeech(volume=0.5, voices=Voices(zh="", en=JOE))
    async with Piper.opened(tts, models_directory) as voice:
        speech = await voice.synthesize(Sentence("Hello.", "Hello."))
    assert np.abs(speech.clip.samples.astype(int)).max() == pytest.approx(16_384, rel=0.01)


async def test_speech_begins_at_once_and_ends_in_a_short_pause(models_directory: Path) -> None:
    tts = TextToSpeech(voices=Voices(zh="", en=JOE))
    async with Piper.opened(tts, models_directory) as voice:
        began = time.monotonic()
        clip = (await voice.synthesize(Sentence("", "The capital of France is Paris."))).clip
        seconds = time.monotonic() - began
    loud = np.flatnonzero(np.abs(clip.samples.astype(int)) > 330)
    before, after = loud[0] / clip.rate_hz, (len(clip.samples) - loud[-1]) / clip.rate_hz
    print(f"{before:.2f} s before, {after:.2f} s after; {clip.seconds:.1f} s made in {seconds:.2f} s")
    assert before < 0.15
    assert 0.05 < after < 0.5
