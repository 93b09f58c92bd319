"""How sentences are read out: the tables beside this file, and what holds for any text."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jetson_voice.languages import Language
from jetson_voice.reading import reading_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LANGUAGES: tuple[Language, ...] = get_args(Language)
PIECES = [
    "0", "1", "2", "007", "12", "30", "1999", "2026", "12345", "1,234", "3.14", "13812345678", "½", "²", "⁻", "①", "Ⅳ",
    "３", "٣", "-", "–", "~", "/", ":", "：", ".", ",", "，", "%", "‰", "$", "¥", "°C", "℃", "kg", "m", "s", "am",
    "年", "月", "日", "点", "第", "个", "万", "亿", "元", "比分", "拨打", "#", "No.", "p.", "etc.", "Dr.", "e.g.", "@",
    "x", "I", "II", "A", "CO", "LED", "EV", "Chapter ", "World War ", "Louis ", "May ", "Nov. ", "the ", "call ", "com",
    ".py", "v", "GPT", "C#", "+", "*", "^", "=", "<", ">", "×", "√", "±", "→", "->", "&", "™", "§", "'", "(", ")", " ",
    "vs.", "p.m.",
]  # fmt: skip


def readings() -> list[tuple[Language, str, str]]:
    """Every row of both tables: the language, what is written, what is read."""
    rows: list[tuple[Language, str, str]] = []
    for language in LANGUAGES:
        table = tomllib.loads(Path(__file__).with_name(f"reading_{language}.toml").read_text("utf-8"))
        rows += [(language, same, same) for same in table.pop("unchanged")["same"]]
        rows += [(language, *row) for topic in table.values() for row in topic.items()]
    return rows


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(PIECES)).map("".join) | st.text()


@pytest.mark.parametrize(("language", "written", "read"), readings())
def test_a_sentence_is_read_as_a_native_speaker_says_it(language: Language, written: str, read: str) -> None:
    assert reading_of(written, language) == read


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(text=texts())
def test_no_digit_is_left_for_the_voice(language: Language, text: str) -> None:
    assert not any(character.isdigit() for character in reading_of(text, language))


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(text=texts())
def test_what_is_read_out_already_stays_as_it_is(language: Language, text: str) -> None:
    reading = reading_of(text, language)
    assert reading_of(reading, language) == reading


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(
    words=st.lists(
        st.sampled_from(["你好", "Hello", "the", "世界", "well-known", "and/or", "他/她", "，", "?", "I", "…"])
    )
)
def test_words_without_anything_to_read_stay_as_they_are(language: Language, words: list[str]) -> None:
    text = " ".join(words)
    assert reading_of(text, language) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1,",
        "1.",
        "123,",
        "1-",
        "1 ",
        "12:",
        "1/",
        "a",
        "a.",
        "a-",
        "a@",
        "1:30",
        " ",
        "-",
        "1*",
        "+1 ",
        "第",
        "$",
        "v1.",
    ],
)
def test_a_text_ten_times_as_long_takes_about_ten_times_as_long(language: Language, piece: str) -> None:
    seconds = []
    for length in (2_000, 20_000):
        text = piece * (length // len(piece))
        reading_of(text[:100], language)
        began = time.process_time()
        reading_of(text, language)
        seconds.append(time.process_time() - began)
    print(f"{piece!r}: {seconds[0] * 1000:.1f} ms, {seconds[1] * 1000:.1f} ms")
    # Quadratic would be a hundred times as long; small times are noise.
    assert seconds[1] < 40 * seconds[0] + 0.2
