"""Words, nothing, or speech that was not understood. The figures of each case were measured (docs/hearing.md)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jetson_voice.hearing import Hearing, Outcome

PROMPT = "请用简体中文。"
CLEAR = Hearing(
    "",
    wake_phrase="",
    prompt=PROMPT,
    hotwords=(),
    no_speech_probability=0.05,
    average_log_probability=-0.3,
    speech_seconds=1.0,
    speech_probability=0.9,
)


def clearly(written: str, *, seconds: float = 1.0, wake_phrase: str = "") -> Hearing:
    """The text, spoken near the microphone in a quiet room."""
    return replace(CLEAR, written=written, speech_seconds=seconds, wake_phrase=wake_phrase)


def heard(written: str, no_speech: float, sureness: float, seconds: float, speech: float) -> Hearing:
    return replace(
        CLEAR,
        written=written,
        no_speech_probability=no_speech,
        average_log_probability=sureness,
        speech_seconds=seconds,
        speech_probability=speech,
    )


@pytest.mark.parametrize(
    ("hearing", "text"),
    [
        (clearly("What time is it?"), "What time is it?"),
        (clearly("Thank you.", seconds=0.5), "Thank you."),
        (clearly("Bye."), "Bye."),
        (clearly("Thank you for the music."), "Thank you for the music."),
        (clearly("谢谢。", seconds=0.4), "谢谢。"),
        (clearly("谢谢谢谢"), "谢谢谢谢"),
        (clearly("再见"), "再见"),
        (clearly("对。", seconds=0.3), "对。"),
        (clearly("谢谢大家", seconds=0.7), "谢谢大家"),
        (clearly("Row, row, row your boat, gently down the stream.", seconds=2.3), None),
        (clearly("Hey Jarvis, thank you.", seconds=1.2, wake_phrase="hey jarvis"), "Thank you."),
        (heard("Thank you.", 0.11, -0.23, 0.90, 0.68), "Thank you."),  # in an office, 5 dB
        (heard("Bye.", 0.34, -1.04, 0.77, 0.60), "Bye."),
        (heard("No.", 0.40, -0.52, 0.26, 0.81), "No."),  # from far away, -30 dB
        (heard("One, two, three.", 0.63, -0.37, 1.15, 0.78), None),
        (heard("Stop.", 0.37, -0.50, 0.42, 0.74), "Stop."),
        (heard("louder", 0.12, -1.08, 0.42, 0.85), "louder"),
        (heard("Hit my cross.", 0.05, -1.25, 0.9, 0.9), "Hit my cross."),
        (heard("我姓许晓晓晓晓", 0.05, -0.5, 1.2, 0.9), "我姓许晓"),
        (heard("Stop Stop Stop Stop", 0.05, -0.4, 1.6, 0.9), "Stop"),
    ],
)
def test_what_was_said_has_words(hearing: Hearing, text: str | None) -> None:
    assert hearing.outcome == "words"
    assert hearing.text == (hearing.written if text is None else text)


@pytest.mark.parametrize(
    "hearing",
    [
        clearly(""),
        clearly(" . "),
        clearly("♪♪"),
        clearly("Hey Jarvis.", seconds=0.7, wake_phrase="hey jarvis"),
        clearly("Hey Jarvis.", seconds=1.4, wake_phrase="hey jarvis"),
        heard("you", 0.73, -1.41, 0.29, 0.75),  # a door
        heard("you", 0.81, -1.85, 0.10, 0.78),  # a flute
        heard("Thank you.", 0.76, -1.39, 0.26, 0.79),
        heard("I'm not sure if I can do it.", 0.55, -0.9, 0.26, 0.79),
        heard("字幕由Amara.org社区提供", 0.35, -0.4, 1.0, 0.9),
        heard("請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目", 0.1, -0.2, 0.6, 0.9),
        heard("Thanks for watching!", 0.1, -0.7, 0.8, 0.9),
        heard("Stop. " * 9, 0.1, -0.3, 0.4, 0.9),
        heard(PROMPT, 0.33, -0.36, 0.77, 0.82),
        heard("请简体中文。", 0.04, -0.43, 0.9, 0.97),
    ],
)
def test_what_nobody_said_is_nothing(hearing: Hearing) -> None:
    assert hearing.outcome == "nothing"


@pytest.mark.parametrize(
    "hearing",
    [
        heard(PROMPT, 0.61, -0.47, 3.58, 0.83),  # a street in an office, 10 dB
        heard("太棒时间早上去点个续削舞图的点", 0.03, -1.08, 5.15, 0.84),
        heard("Thanks for watching.", 0.30, -0.89, 5.98, 0.95),  # three people at once
        heard("Thank you.", 0.39, -0.97, 5.76, 0.92),  # six people
        heard("Please", 0.18, -2.69, 5.79, 0.89),
        heard("I'm sorry, " * 20, 0.34, -0.34, 4.10, 0.86),  # through a wall
        heard("Hey, you" + " old-fashioned," * 30, 0.07, -0.42, 4.19, 0.88),  # backwards
        heard("8-4-4" + "-8" * 40, 0.22, -0.18, 7.97, 0.86),
        heard("Did my Ruslabs near the swah?", 0.06, -1.17, 8.19, 0.94),  # backwards
        clearly("Hey Jarvis.", seconds=4.0, wake_phrase="hey jarvis"),
        clearly("", seconds=3.0),
    ],
)
def test_speech_that_nobody_can_make_out_is_unclear(hearing: Hearing) -> None:
    assert hearing.outcome == "unclear"


@pytest.mark.parametrize(("seconds", "speech"), [(1.0, 0.9), (3.0, 0.5)])
def test_little_or_doubtful_speech_is_never_unclear(seconds: float, speech: float) -> None:
    outcomes: set[Outcome] = {
        heard(text, 0.7, sureness, seconds, speech).outcome
        for text in ("you", "Thank you.", PROMPT, "I'm sorry. " * 20, "")
        for sureness in (-0.3, -1.5)
    }
    assert outcomes == {"nothing"}


def test_a_hotword_alone_needs_the_evidence_of_a_courtesy() -> None:
    known = replace(clearly("小明。"), hotwords=("小明", "Kubernetes"))
    assert known.outcome == "words"
    assert replace(known, average_log_probability=-1.5).outcome == "nothing"
    assert replace(known, no_speech_probability=0.55).outcome == "nothing"
    assert replace(known, written="小明。请用简体中文。", no_speech_probability=0.55).outcome == "nothing"
    assert replace(known, written="给小明打电话。", no_speech_probability=0.55).outcome == "words"
