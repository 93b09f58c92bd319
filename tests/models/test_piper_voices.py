"""Which voice speaks, how fast, how loud and with what pauses. A voice is told by the sample rate that it claims."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path

import numpy as np
import pytest
from anyio import create_task_group, to_thread

from jetson_voice import backends
from jetson_voice.audio import Clip
from jetson_voice.config import Config, Models, TextToSpeech, Voices
from jetson_voice.loudness import active_level, levelled
from jetson_voice.protocols import Speech
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


async def spoken(tts: TextToSpeech, models: Path, *sentences: str) -> list[Speech]:
    async with backends.voice(Config(models=Models(str(models)), tts=tts)) as voice:
        return [await voice.synthesize(Sentence(each, each)) for each in sentences]


async def rates(tts: TextToSpeech, models: Path, *sentences: str) -> list[int]:
    return [speech.clip.rate_hz for speech in await spoken(tts, models, *sentences)]


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


async def test_a_language_without_a_voice_is_spoken_by_espeak_and_said_so_once(
    models_directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tts = TextToSpeech(voices=Voices(zh="", en=JOE))
    with caplog.at_level(logging.WARNING):
        chinese, english, again = await spoken(tts, models_directory, "你好。", "Hello.", "再见。")
    assert [record.getMessage() for record in caplog.records] == [
        "tts.voices.zh: no voice for Chinese is configured, espeak-ng speaks it, robot-like; name a Piper voice"
    ]
    # espeak-ng's English voice would take 0.7 s for each hanzi, and say "Chinese letter".
    assert all(0.3 < sounding_seconds(speech) < 0.7 for speech in (chinese, again))
    assert english.clip.samples.any()


async def test_twice_the_speed_is_about_half_as_long(models_directory: Path) -> None:
    text = "Well, it depends on many things, and the weather is only one of them."
    lengths = []
    for speed in (1.0, 2.0):
        [speech] = await spoken(TextToSpeech(speed=speed, voices=Voices(zh="", en=JOE)), models_directory, text)
        lengths.append(sounding_seconds(speech))
    assert 0.35 < lengths[1] / lengths[0] < 0.65


async def test_brackets_are_not_taken_for_phonemes(models_directory: Path) -> None:
    tts = TextToSpeech(voices=Voices(zh="", en=JOE))
    brackets, plain = await spoken(tts, models_directory, "It is [[1, 2], [3, 4]].", "It is 1, 2, 3, 4.")
    assert sounding_seconds(brackets) == pytest.approx(sounding_seconds(plain), rel=0.4)


async def test_half_the_volume_is_half_as_loud(models_directory: Path) -> None:
    tts = TextToSpeech(volume=0.5, voices=Voices(zh="", en=JOE))
    [speech] = await spoken(tts, models_directory, "The capital of France is Paris.")
    assert active_level(speech.clip) == pytest.approx(-26.0, abs=0.5)


ENGLISH = (
    "Yes.", "No.", "Hello there.", "It is noon.", "The capital of France is Paris.",
    "Well, it depends on many things, and the weather is only one of them.",
    "Sorry, my language model does not answer.", "Water is made of hydrogen and oxygen.",
    "Could you say that again?", "Twenty three degrees, and a light wind from the west.", "I think so!", "Stop.",
)  # fmt: skip
CHINESE = (
    "是。", "好的。", "你好。", "现在是中午。", "法国的首都是巴黎。", "今天天气很好，我们去公园散步吧。",
    "抱歉，我的语言模型没有回应。", "水由氢和氧组成。", "你能再说一遍吗？", "气温二十三度，西风微弱。", "我也这么想！",
    "打开蓝牙。",
)  # fmt: skip


async def test_all_voices_and_sentences_are_equally_loud(
    models_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[float] = []

    def noted(clip: Clip, volume: float) -> Clip:
        before.append(active_level(clip))
        return levelled(clip, volume)

    monkeypatch.setattr("jetson_voice.multilingual.levelled", noted)
    piper_and_espeak, espeak = TextToSpeech(voices=Voices(zh="", en=JOE)), TextToSpeech(voices=Voices(zh="", en=""))
    speeches = await spoken(piper_and_espeak, models_directory, *ENGLISH, *CHINESE)
    speeches += await spoken(espeak, models_directory, *ENGLISH)
    after = [active_level(speech.clip) for speech in speeches]
    for speech, was, now in zip(speeches, before, after, strict=True):
        print(f"{was:6.1f} → {now:6.1f} dBFS  {speech.sentence.spoken}")
    print(f"spread {max(before) - min(before):.1f} → {max(after) - min(after):.1f} dB")
    assert max(before) - min(before) > 4
    assert max(after) - min(after) <= 2


async def test_speech_begins_at_once_and_rests_for_as_long_as_its_end_asks(models_directory: Path) -> None:
    tts = TextToSpeech(voices=Voices(zh="", en=JOE))
    began = time.monotonic()
    speeches = await spoken(
        tts, models_directory, "The capital of France is Paris.", "The capital of France,", "The capital of France",
        "法国的首都是巴黎。", "法国的首都，",
    )  # fmt: skip
    print(f"made in {time.monotonic() - began:.1f} s")
    for speech, pause in zip(speeches, (0.4, 0.2, 0.3, 0.4, 0.2), strict=True):
        before, after = silences(speech)
        print(f"{before:.3f} s before, {after:.3f} s after {speech.sentence.spoken}")
        assert before <= 0.03
        assert after == pytest.approx(pause, abs=0.02)
        assert speech.pause_seconds == pause


def silences(speech: Speech) -> tuple[float, float]:
    """Seconds before the first and after the last sample of a hundredth of the peak."""
    loudness = np.abs(speech.clip.samples.astype(int))
    loud = np.flatnonzero(loudness > loudness.max() / 100)
    return loud[0] / speech.clip.rate_hz, (len(loudness) - 1 - loud[-1]) / speech.clip.rate_hz


def sounding_seconds(speech: Speech) -> float:
    before, after = silences(speech)
    return speech.clip.seconds - before - after


async def test_piper_and_espeak_do_not_meet_in_one_process(models_directory: Path) -> None:
    from jetson_voice.backends.espeak import Espeak  # noqa: PLC0415
    from jetson_voice.backends.piper import loaded  # noqa: PLC0415

    joe = loaded(models_directory / JOE / "en_US-joe-medium.onnx", "tts.voices.en")
    phonemes = [joe.phonemize(text) for text in ENGLISH]
    chinese, english = Espeak("zh", speed=1.0), Espeak("en", speed=1.0)
    seconds = {text: (await chinese.clip(text)).seconds for text in CHINESE}

    async def read() -> None:
        for _ in range(10):
            assert [await to_thread.run_sync(joe.phonemize, text) for text in ENGLISH] == phonemes

    async def speak() -> None:
        for text in CHINESE * 4:
            # The library varies its voice a little at random.
            assert (await chinese.clip(text)).seconds == pytest.approx(seconds[text], rel=0.1)
            assert (await english.clip("Hello.")).samples.any()

    async with create_task_group() as tasks:
        for work in (read, speak, read, speak):
            tasks.start_soon(work)


async def test_where_it_says_what_interrupts_it_its_sound_says_so(starter: Config) -> None:
    text = "To make me stop, call me Jarvis again."
    async with backends.voice(starter) as voice:
        speech = await voice.synthesize(Sentence(text, text))
    assert {span.phrase for span in speech.clip.says} == {"stop", "hey jarvis"}
    assert all(0 <= span.begin < span.end <= speech.clip.seconds for span in speech.clip.says)
