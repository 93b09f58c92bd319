from __future__ import annotations

import pytest

from jetson_voice.phantoms import are_hotwords, is_prompt, phantom


@pytest.mark.parametrize(
    "text",
    [
        "字幕由Amara.org社区提供",
        "字幕由 Amara.org 社區提供",
        "由 Amara.org 社群提供的字幕",
        "由 Amara 提供的字幕",
        "字幕志愿者 李宗盛",
        "字幕志願者 楊棟梁",
        "字幕by索兰娅",
        "中文字幕志愿者",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目",
        "優優獨播劇場——YoYo Television Series Exclusive",
        "作词 作曲",
        "作詞：李宗盛",
        "谢谢观看",
        "謝謝大家的觀看。",
        "感谢您的收看",
        "下期再见！",
        "我们下期再见",
        "Thanks for watching!",
        "Thank you so much for watching.",
        "Thank you for listening to this video.",
        "Please subscribe.",
        "Like and subscribe!",
        "Please subscribe to my channel.",
        "Don't forget to subscribe to my channel!",
        "Subtitles by the Amara.org community",
        "Subtitled by SDI Media",
        "Transcription by CastingWords",
        "I'll see you in the next video.",
        "[Music]",
        "[ Silence ]",
        "(applause)",
        "（音樂）",
        "♪ la la la ♪",
        " You.",
    ],
)
def test_what_nobody_says_to_an_assistant_is_credits(text: str) -> None:
    assert phantom(text) == "credits"


@pytest.mark.parametrize(
    "text",
    [
        "Thank you.",
        "thanks",
        "Okay, thank you so much.",
        "Bye.",
        "Bye-bye!",
        "See you next time.",
        "I'm sorry.",
        "Mm-hmm.",
        "谢谢",
        "謝謝大家",
        "谢谢你。",
        "再见",
        "再見！",
        "拜拜",
        "嗯",
        "对。",
        "我们下次见",
    ],
)
def test_what_people_say_too_is_a_courtesy(text: str) -> None:
    assert phantom(text) == "courtesy"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Stop.",
        "Music.",
        "Play some music.",
        "Thank you for the music.",
        "What is a subtitle?",
        "Subscribe me to the news.",
        "You are right.",
        "No.",
        "停",
        "打开字幕。",
        "字幕是什么？",
        "请给我点赞。",
        "谢谢怎么说？",
        "再见用英语怎么说",
        "下次再说",
    ],
)
def test_a_command_is_no_phantom(text: str) -> None:
    assert phantom(text) is None


@pytest.mark.parametrize("text", ["请用简体中文。", "请简体中文。", "請用简体中文"])
def test_a_prompt_is_known_though_a_letter_be_missing(text: str) -> None:
    assert is_prompt(text, "请用简体中文。")


def test_a_command_is_no_prompt() -> None:
    assert not is_prompt("请用中文回答。", "请用简体中文。")
    assert not is_prompt("What time is it?", "")


def test_hotwords_alone_are_told_from_a_command_with_one() -> None:
    hotwords = ("小明", "Kubernetes", "Siobhan O'Neill")
    assert are_hotwords("小明, Kubernetes.", hotwords)
    assert are_hotwords("siobhan", hotwords)
    assert not are_hotwords("Call Siobhan.", hotwords)
    assert not are_hotwords("", hotwords)
    assert not are_hotwords("Stop.", ())
