"""Whether the words of a command can be all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.endings import Ending, ending_of

UNFINISHED = (
    "Set a timer for", "Set a timer for.", "Set a timer for...", "What is the", "What is the?", "Turn on the...",
    "Tell me a story about.", "Is there a?", "Can you?", "Could you please?", "I want to", "I'd like to-", "Um.",
    "Play, um,", "Okay, so.", "Tell me a joke, but...", "How much is?", "If it rains tomorrow.", "Add bread and",
    "What is the capital?",
    "Let me think.", "Call my-", "Who was the first person to...", "Turn off the, uh", "Add eggs,", "我想", "帮我把",
    "请帮我", "然后", "今天晚上然后", "如果明天下雨", "今天天气……", "提醒我", "我要去北京和", "嗯", "那个，",
    "播放周杰伦的", "因为", "你能不能", "把客厅的灯、", "请问", "明天早上在", "Play 周杰伦的",
)  # fmt: skip
FINISHED = (
    "What time is it?", "Set a timer for ten minutes.", "Turn it on.", "Turn off the light.",
    "Where does it come from?", "What is this for?", "Who is it for?", "Stop", "Thank you", "Thanks",
    "What are you looking at?", "Turn it up!", "Tell me what time it is.", "Is it there?",
    "If it rains tomorrow, wake me up.", "Play the song Let It Be.", "Because I'm tired. Turn off the light.",
    "今天天气怎么样？", "现在几点", "你会说中文吗", "打开客厅的灯。", "这是谁的？", "谢谢", "明天会下雨吗？",
    "如果明天下雨就提醒我带伞。", "三加五等于多少", "你在干什么", "那你呢", "播放周杰伦的歌。", "停",
)  # fmt: skip
OPEN = (
    "Pause", "Kitchen.", "Translate good morning", "ten minutes", "", "?!", "播放音乐", "客厅", "打开", "对", "是",
)  # fmt: skip


@pytest.mark.parametrize("text", UNFINISHED)
def test_more_must_come(text: str) -> None:
    assert ending_of(text) is Ending.UNFINISHED


@pytest.mark.parametrize("text", FINISHED)
def test_it_can_be_all(text: str) -> None:
    assert ending_of(text) is Ending.FINISHED


@pytest.mark.parametrize("text", OPEN)
def test_the_words_do_not_tell(text: str) -> None:
    assert ending_of(text) is Ending.OPEN


@pytest.mark.parametrize(
    "text", ["the weather in China.", "Turn on the lamp.", "我要那个红色的灯。", "Is that a banana?"]
)
def test_a_word_that_only_ends_like_one_that_cannot_be_last_is_another(text: str) -> None:
    assert ending_of(text) is Ending.FINISHED


@given(st.text(max_size=40))
def test_anything_that_whisper_may_write_has_an_ending(text: str) -> None:
    assert ending_of(text) in Ending
