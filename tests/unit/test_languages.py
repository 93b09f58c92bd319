"""Which voice a sentence is spoken by: mixed ones by the voice that speaks most of them."""

from __future__ import annotations

import pytest

from jetson_voice.languages import Language, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        # Chinese, and Chinese with English words in it.
        ("你好。", "zh"),
        ("𠮷野家", "zh"),
        ("打开 Bluetooth", "zh"),
        ("打开 docker compose。", "zh"),
        ("今天用 Python 写 code", "zh"),
        ("用 Python 写", "zh"),
        ("我用 Visual Studio Code。", "zh"),
        ("用 VSCode 打开 main.py", "zh"),
        ("请执行 git commit -m fix", "zh"),
        ("运行 pip install numpy", "zh"),
        ("播放 Let It Be", "zh"),
        ("播放 The Beatles 的 Hey Jude。", "zh"),
        ("OK，没问题。", "zh"),
        ("OK，好。", "zh"),
        ("Hello 你好", "zh"),
        ("Hi，小明！", "zh"),
        ("iPhone 15 Pro Max 多少钱？", "zh"),
        ("GPT-4 和 Claude 都可以。", "zh"),
        ("这个 API 的 response 是 JSON 格式。", "zh"),
        ("我们 meeting 改到 Monday 下午三点。", "zh"),
        ("CPU 占用率很高", "zh"),
        ("你好的拼音是 nǐ hǎo。", "zh"),
        ("气温是20°C。", "zh"),
        ("时速 120 km/h。", "zh"),
        ("2026年11月26日", "zh"),
        ("3G网络", "zh"),
        ("选 A 还是 B？", "zh"),
        ("X光", "zh"),
        # English, and English with Chinese words in it.
        ("Hello there.", "en"),
        ("I am here.", "en"),
        ("Café!", "en"),
        ("config.toml", "en"),
        ("OK.", "en"),
        ("iPhone 15 Pro Max", "en"),
        ("It's 20 °C in Paris.", "en"),
        ("3 apples", "en"),
        ("10 min read", "en"),
        ("The Chinese word for tea is 茶.", "en"),
        ("The word 你好 means hello.", "en"),
        ("How do you say 谢谢 in English?", "en"),
        ("Xi'an (西安) is an old city in the north of China.", "en"),
        ("Beijing (北京) has more than twenty million people.", "en"),
        ("It is pronounced nǐ hǎo.", "en"),
        # Both say this.
        ("3.14", None),
        ("3.14。", None),
        ("2026.", None),
        ("20°C, 5km", None),
        ("5 km", None),
        ("16 GB", None),
        ("80 km/h", None),
        ("3.5mm", None),
        ("10:30", None),
        ("50%", None),
        ("-7", None),
        ("A", None),
        ("…", None),
        ("", None),
    ],
)
def test_a_sentence_is_spoken_by_the_voice_that_speaks_most_of_it(text: str, language: Language | None) -> None:
    assert language_of(text) == language
