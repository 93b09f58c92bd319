from __future__ import annotations

import pytest

from jetson_voice.exit_phrases import STOP_WORDS, asks_for_silence, ends_conversation


@pytest.mark.parametrize(
    "said",
    [
        "好了", "好了。", "没事了！", "好了，谢谢。", "好的，谢谢你", "好的谢谢", "嗯，没事了", "不用了谢谢", "算了吧",
        "停", "停！停！停！", "别说了。", "谢谢你，再见", "拜拜", "行了行了", "知道了，谢谢",
        "Never mind.", "never mind", "Nevermind!", "Thank you.", "Thank you very much!", "thanks, bye", "OK, thanks.",
        "No, thank you.", "No thanks", "That’s all.", "That's all, thank you", "Stop.", "Stop! Stop it!", "Good night!",
        "Great, thanks", "OK谢谢",
    ],
)  # fmt: skip
def test_who_has_had_enough_gets_no_answer(said: str) -> None:
    assert ends_conversation(said)


@pytest.mark.parametrize(
    "said",
    [
        "", "。", "好", "好的", "不", "no", "Okay.", "yes", "Yes, thank you for asking, go on",
        "谢谢用英语怎么说", "再见用英语怎么说？", "好了没有", "没事干怎么办", "停电了怎么办", "停车场在哪里",
        "晚安的意思", "说一个晚安故事",
        "Thanks to whom?", "What does thank you mean in Chinese?", "Stop the timer.", "How do I say never mind?",
        "Why not stop?", "nothing compares to you is by whom", "Goodbye, Mr. Chips was written by whom?",
    ],
)  # fmt: skip
def test_who_wants_something_is_answered(said: str) -> None:
    assert not ends_conversation(said)


@pytest.mark.parametrize("said", ["好的，谢谢", "Okay, thanks.", "All right, thank you."])
def test_thanks_with_a_yes_accept_what_the_assistant_has_offered(said: str) -> None:
    assert ends_conversation(said)
    assert not ends_conversation(said, after_question=True)


@pytest.mark.parametrize("said", ["不用了，谢谢", "No, thanks.", "没事了"])
def test_thanks_with_a_no_end_it_also_after_a_question(said: str) -> None:
    assert ends_conversation(said, after_question=True)


@pytest.mark.parametrize("said", ["Quiet.", "Enough.", "够了。", "安静"])
def test_what_may_answer_a_question_does_not_end_the_conversation_after_one(said: str) -> None:
    assert ends_conversation(said)
    assert not ends_conversation(said, after_question=True)


@pytest.mark.parametrize("said", [*STOP_WORDS, "Stop!", "Stop! Stop!", "Okay, stop it.", "停！", "别说了。"])
def test_a_stop_word_asks_for_silence_and_ends_the_conversation(said: str) -> None:
    assert asks_for_silence(said)
    assert ends_conversation(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Okay.",
        "Thank you.",
        "Never mind.",
        "Stop the music.",
        "停车场在哪里",
        "谢谢",
        "不要停",
        "不要停下来",
        "Good enough.",
    ],
)
def test_other_words_do_not_ask_for_silence(said: str) -> None:
    assert not asks_for_silence(said)
