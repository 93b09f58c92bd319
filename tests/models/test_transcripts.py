"""whisper-base on recordings and on Piper's voice."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from jetson_voice import backends
from jetson_voice.backends.faster_whisper import FasterWhisper
from jetson_voice.config import Config, Models, SpeechToText, TextToSpeech, Voices
from jetson_voice.protocols import Transcript, Voice
from jetson_voice.sentences import Sentence
from recordings import hum, noise, recording, silence, utterance

pytestmark = [pytest.mark.anyio, pytest.mark.models]

ONLY_CHINESE: tuple[Literal["zh"]] = ("zh",)
LIBRISPEECH = (
    "It was the first great sorrow of his life. It was not so much the loss of the cotton itself, but the fantasy, "
    "the hopes, the dreams built around it."
)


CHINESE = {
    "zh_opening_hours": "开放时间早上9点至下午5点。",
    "zh_values": "小米的核心价值观是什么？答案是真诚热爱！",
    "zh_most_beautiful": "林美丽最美丽、最漂亮、最可爱！",
    "zh_aishell": "广州市房地产中介协会分析",
}


@asynccontextmanager
async def whisper(
    models: Path, *, languages: tuple[Literal["zh", "en"], ...] = ("zh", "en"), prompt_zh: str = SpeechToText.prompt_zh
) -> AsyncIterator[FasterWhisper]:
    settings = SpeechToText(model="whisper-base", languages=languages, prompt_zh=prompt_zh)
    async with FasterWhisper.opened(settings, models) as transcriber:
        yield transcriber


@asynccontextmanager
async def joe(models: Path) -> AsyncIterator[Voice]:
    voices = Voices(zh="", en="piper-en_US-joe-medium")
    tts = TextToSpeech(voices=voices)
    async with backends.voice(Config(models=Models(str(models)), tts=tts)) as voice:
        yield voice


@pytest.mark.parametrize(
    ("name", "said", "language", "most_errors"),
    [
        (
            "en_librispeech",
            LIBRISPEECH,
            "en",
            0.02,
        ),
        ("en_real_one_two_three", "1 2 3", "en", 0.0),
        ("zh_opening_hours", "开放时间早上9点至下午5点。", "zh", 0.2),
        ("zh_values", "小米的核心价值观是什么？答案是真诚热爱！", "zh", 0.25),
        ("zh_most_beautiful", "林美丽最美丽、最漂亮、最可爱！", "zh", 0.1),
        ("zh_aishell", "广州市房地产中介协会分析", "zh", 0.3),
    ],
)
async def test_what_was_recorded_is_understood_in_its_language(
    name: str, said: str, language: str, most_errors: float, models_directory: Path
) -> None:
    async with whisper(models_directory) as transcriber:
        began = time.monotonic()
        transcript = await transcriber.transcribe(utterance(recording(name)))
        seconds = time.monotonic() - began
    errors = error_rate(transcript.text, said)
    print(f"{name}: {transcript.text} ({errors:.2f}, {seconds:.1f} s)")
    assert transcript.language == language
    assert errors <= most_errors


async def test_shown_simplified_characters_whisper_writes_mostly_those(models_directory: Path) -> None:
    shown = await traditional_characters(models_directory, SpeechToText.prompt_zh)
    not_shown = await traditional_characters(models_directory, "")
    print(f"traditional characters: {shown} with the prompt, {not_shown} without")
    assert shown <= not_shown / 3


async def traditional_characters(models: Path, prompt_zh: str) -> int:
    """How many of them whisper writes for the Chinese recordings."""
    async with whisper(models, languages=ONLY_CHINESE, prompt_zh=prompt_zh) as transcriber:
        transcripts = [
            (await transcriber.transcribe(utterance(recording(name)))).text
            for name in ("zh_aishell", "zh_most_beautiful", "zh_values", "zh_opening_hours")
        ]
    return sum(character in "廣產間協會開時價這麼麗愛點誠熱墜觀惹" for character in "".join(transcripts))


async def test_with_one_language_configured_everything_is_heard_in_it(
    models_directory: Path,
) -> None:
    async with whisper(models_directory, languages=ONLY_CHINESE) as transcriber:
        transcript = await transcriber.transcribe(utterance(recording("en_real_one_two_three")))
    assert transcript.language == "zh"


@pytest.mark.parametrize("languages", [("zh", "en"), ("zh",), ("en",)])
async def test_where_nobody_spoke_nothing_is_written(
    languages: tuple[Literal["zh", "en"], ...], models_directory: Path
) -> None:
    async with whisper(models_directory, languages=languages) as transcriber:
        for clip in (silence(2), silence(0.2), noise(3, 100), noise(3, 1000), hum(3)):
            assert not (await transcriber.transcribe(utterance(clip))).text


@pytest.mark.parametrize(
    "command",
    ["What is the capital of France?", "What time is it?", "Stop.", "Play some music."],
)
async def test_what_piper_says_whisper_understands_without_the_wake_phrase(
    command: str, models_directory: Path
) -> None:
    transcript = await heard_from_piper(f"Hey Jarvis, {command}", models_directory)
    print(transcript.text)
    assert error_rate(transcript.text, command) <= 0.1
    assert transcript.language == "en"


async def test_the_wake_phrase_alone_is_no_command(models_directory: Path) -> None:
    assert not (await heard_from_piper("Hey Jarvis.", models_directory)).text


@pytest.mark.parametrize("name", list(CHINESE))
@pytest.mark.parametrize("wake", ["alexa", "hey mycroft", "hey jarvis"])
async def test_a_chinese_command_after_an_english_wake_phrase_is_understood(
    wake: str, name: str, models_directory: Path
) -> None:
    if wake == "hey jarvis":
        async with joe(models_directory) as voice:
            called = (await voice.synthesize(Sentence("", "Hey Jarvis,"))).clip
    else:
        called = recording(f"{wake.replace(' ', '_')}_test")
    async with whisper(models_directory) as transcriber:
        transcript = await transcriber.transcribe(utterance(called, recording(name), wake_phrase=wake))
    errors = error_rate(transcript.text, CHINESE[name])
    print(f"{wake} {name}: {transcript.text} ({errors:.2f})")
    assert transcript.language == "zh"
    # What whisper-base mis-hears of the wake phrase ("Him my craft") may stay before the command.
    assert errors <= 1.0


async def heard_from_piper(text: str, models: Path) -> Transcript:
    async with joe(models) as voice, whisper(models) as transcriber:
        speech = await voice.synthesize(Sentence(text, text))
        return await transcriber.transcribe(utterance(speech.clip))


def error_rate(written: str, said: str) -> float:
    """Edit distance of letters and digits per letter that was said."""
    return edit_distance(plain(written), plain(said)) / len(plain(said))


def plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, start=1):
        above, row = row, [index]
        for column, each in enumerate(other, start=1):
            substituted = above[column - 1] + (letter != each)
            row.append(min(above[column] + 1, row[-1] + 1, substituted))
    return row[-1]
