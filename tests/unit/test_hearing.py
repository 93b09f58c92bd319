from __future__ import annotations

import pytest

from jetson_voice.no_words import Hearing

PROMPT = "请用简体中文。"


def heard(text: str, *, no_speech: float = 0.05, sureness: float = -0.3) -> bool:
    return Hearing(text, PROMPT, no_speech_probability=no_speech, average_log_probability=sureness).has_words


@pytest.mark.parametrize("text", ["What time is it?", "Thank you.", "谢谢。", "Thank you for the music."])
def test_what_a_user_says_has_words(text: str) -> None:
    assert heard(text)


@pytest.mark.parametrize(
    "text",
    ["", " . ", "you", " You.", "Thanks for watching!", "字幕由Amara.org社区提供", "请不吝点赞 订阅", PROMPT],
)
def test_what_whisper_writes_by_itself_has_no_words(text: str) -> None:
    assert not heard(text)


def test_words_in_silence_of_which_whisper_is_unsure_were_not_said() -> None:
    assert not heard("I'm sorry.", no_speech=0.73, sureness=-1.62)


def test_a_short_word_that_sounds_like_silence_was_said_when_whisper_is_sure_of_it() -> None:
    assert heard("Stop.", no_speech=0.7, sureness=-0.4)


def test_a_text_that_goes_round_in_circles_was_not_said() -> None:
    assert not heard("许" + "晓" * 40)
    assert heard("Row, row, row your boat, gently down the stream.")


def test_an_unclear_word_in_speech_was_said() -> None:
    assert heard("Hit my cross.", no_speech=0.05, sureness=-1.25)
