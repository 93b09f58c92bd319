"""One voice for all languages, made of one for each."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import numpy as np
import pytest

from jetson_voice.audio import Clip
from jetson_voice.languages import Language
from jetson_voice.multilingual import Multilingual
from jetson_voice.protocols import StageError
from jetson_voice.sentences import Sentence

pytestmark = pytest.mark.anyio


@dataclass
class Scripted:
    """Remembers what it was given to say; fails when it is told to."""

    fails: bool = False
    said: list[str] = field(default_factory=list)

    async def clip(self, text: str) -> Clip:
        if self.fails:
            raise StageError("synthesize", "no breath")
        self.said.append(text)
        return Clip(np.full(1000, 5000, np.int16), 1000)


def multilingual(zh: Scripted | None, en: Scripted | None, spare: Scripted) -> Multilingual:
    voices: dict[Language, Scripted] = {}
    if zh:
        voices["zh"] = zh
    if en:
        voices["en"] = en
    return Multilingual(
        voices,
        {"zh": spare, "en": spare},
        read=lambda text, language: text.replace("3", {"zh": "三", "en": "three"}[language]),
        language="zh",
        volume=1.0,
    )


async def say(voice: Multilingual, *texts: str) -> None:
    for text in texts:
        await voice.synthesize(Sentence(text, text))


async def test_each_sentence_is_read_in_its_language_and_a_number_in_that_of_the_one_before() -> None:
    zh, en, spare = Scripted(), Scripted(), Scripted()
    await say(multilingual(zh, en, spare), "3.", "3 apples", "3", "打开 3 号 Bluetooth", "3")
    assert zh.said == ["三.", "打开 三 号 Bluetooth", "三"]
    assert en.said == ["three apples", "three"]
    assert not spare.said


async def test_a_language_without_a_voice_has_the_spare_one_and_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    en, spare = Scripted(), Scripted()
    with caplog.at_level(logging.WARNING):
        await say(multilingual(None, en, spare), "你好。", "Hello.", "再见。")
    assert (en.said, spare.said) == (["Hello."], ["你好。", "再见。"])
    [warning] = caplog.records
    assert warning.getMessage().startswith("tts.voices.zh: no voice for Chinese is configured")


async def test_a_voice_that_fails_is_not_replaced_within_an_answer() -> None:
    spare = Scripted()
    with pytest.raises(StageError, match="no breath"):
        await say(multilingual(Scripted(), Scripted(fails=True), spare), "Hello.")
    assert not spare.said
