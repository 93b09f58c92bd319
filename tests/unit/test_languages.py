from __future__ import annotations

import pytest

from jetson_voice.languages import Language, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好。", "zh"),
        ("用 Python 写", "zh"),
        ("我用 Visual Studio Code。", "zh"),
        ("打开 docker compose。", "zh"),
        ("OK，好。", "zh"),
        ("Hello 你好", "zh"),
        ("气温是20°C。", "zh"),
        ("𠮷野家", "zh"),
        ("Hello there.", "en"),
        ("the word 你好 means hello", "en"),
        ("How do you say 谢谢 in English?", "en"),
        ("Café!", "en"),
        ("config.toml", "en"),
        ("3.14", None),
        ("3.14。", None),
        ("20°C, 5km", None),
        ("10:30", None),
        ("…", None),
        ("", None),
    ],
)
def test_a_sentence_is_spoken_by_the_voice_of_its_script(text: str, language: Language | None) -> None:
    assert language_of(text) == language
