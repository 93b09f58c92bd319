"""espeak-ng speaks: Chinese as Chinese, English words in it as English. Nobody understands it by machine: by length."""

from __future__ import annotations

from pathlib import Path

import espeakng_loader
import numpy as np
import pytest
from anyio import create_task_group

from jetson_voice.backends import espeak, espeak_speech
from jetson_voice.backends.espeak import Espeak
from jetson_voice.protocols import StageError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "text",
    ["你好", "你好。", "现在是中午。", "法国的首都是巴黎。", "水由氢和氧组成。", "今天天气很好，我们去公园散步吧。"],
)
async def test_a_hanzi_is_read_as_a_syllable(text: str) -> None:
    clip = await Espeak("zh", speed=1.0).clip(text)
    assert 0.15 < clip.seconds / len(text.strip("。")) < 0.35


async def test_the_english_voice_reads_hanzi_and_does_not_spell_them() -> None:
    english, without = [
        (await Espeak("en", speed=1.0).clip(text)).seconds
        for text in ("The Chinese word for tea is 茶.", "The Chinese word for tea is.")
    ]
    # "Chinese letter" takes 0.7 s.
    assert english - without < 0.5


async def test_english_words_in_chinese_are_words_not_letters() -> None:
    voice = Espeak("zh", speed=1.0)
    mixed, chinese, letters = [
        (await voice.clip(text)).seconds for text in ("今天用 Python 写程序", "今天用写程序", "P Y T H O N")
    ]
    assert 0.2 < mixed - chinese < 0.7 * letters


async def test_speed_counts() -> None:
    text = "今天天气很好，我们去公园散步吧。"
    slow, fast = [(await Espeak("zh", speed=speed).clip(text)).seconds for speed in (1.0, 2.0)]
    assert 0.4 < fast / slow < 0.65


async def test_two_languages_at_once_do_not_mix() -> None:
    chinese, english = Espeak("zh", speed=1.0), Espeak("en", speed=1.5)
    alone = [(await chinese.clip("你好。")).seconds, (await english.clip("It is noon.")).seconds]

    async def speak(voice: Espeak, text: str, seconds: float) -> None:
        for _ in range(20):
            # The library varies its voice a little at random.
            assert (await voice.clip(text)).seconds == pytest.approx(seconds, rel=0.1)

    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(speak, chinese, "你好。", alone[0])
            tasks.start_soon(speak, english, "It is noon.", alone[1])


@pytest.mark.parametrize("text", ["", "。", "<b>你好</b> &amp; [[x]]", "a\0b", "\ud800", "好" * 3000])
async def test_no_text_is_too_odd(text: str) -> None:
    clip = await Espeak("zh", speed=1.0).clip(text)
    assert clip.samples.dtype == np.int16


@pytest.mark.parametrize(
    ("has_library", "reason"), [(False, "cannot open shared object file"), (True, "its data are not in")]
)
async def test_a_library_that_is_not_whole_fails_the_sentence_and_not_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_library: bool, reason: str
) -> None:
    if has_library:
        monkeypatch.setattr(espeakng_loader, "__file__", str(tmp_path / "__init__.py"))
    else:
        monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "none.so"))
    with pytest.raises(StageError, match=reason):
        await Espeak("zh", speed=1.0).clip("你好")


@pytest.mark.parametrize(
    ("misfortune", "reason"),
    [("os.kill(os.getpid(), 11)", "it died of SIGSEGV"), ("time.sleep(60)", "it takes more than 0.5 s")],
)
async def test_a_sentence_on_which_espeak_crashes_or_hangs_fails_and_the_next_one_is_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, misfortune: str, reason: str
) -> None:
    script = tmp_path / "speech.py"
    script.write_text(f"import os, time\n{misfortune}\n", encoding="utf-8")
    voice = Espeak("zh", speed=1.0)
    with monkeypatch.context() as patch:
        patch.setattr(espeak_speech, "__file__", str(script))
        patch.setattr(espeak, "LONGEST_SECONDS", 0.5)
        with pytest.raises(StageError, match=reason):
            await voice.clip("你好")
    assert (await voice.clip("你好")).samples.any()
