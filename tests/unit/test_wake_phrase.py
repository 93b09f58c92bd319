from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.wake_phrase import without_wake_phrase


@pytest.mark.parametrize(
    ("said", "phrase", "command"),
    [
        ("Hey Jarvis, what time is it?", "hey jarvis", "What time is it?"),
        ("Hey, Jarvis. What time is it?", "hey jarvis", "What time is it?"),
        (" hey jarvis what time is it", "hey jarvis", "What time is it"),
        ("Hey Jervis, stop.", "hey jarvis", "Stop."),
        ("Hey, Travis! Stop.", "hey jarvis", "Stop."),
        ("Jarvis, stop.", "hey jarvis", "Stop."),
        ("Hey Jar vis, stop.", "hey jarvis", "Stop."),
        ("HeyJarvis: stop.", "hey jarvis", "Stop."),
        ("Hey, Mikroft, tell me a joke.", "hey mycroft", "Tell me a joke."),
        ("Hey, MicRoft, play some music.", "hey mycroft", "Play some music."),
        ("Alexa, who is Alex?", "alexa", "Who is Alex?"),
        ("So anyway, hey Jarvis, what time is it?", "hey jarvis", "What time is it?"),
        ("Hey Jarvis. Hey Jarvis, stop.", "hey jarvis", "Stop."),
        ("Hey Jarvis 今天天气怎么样？", "hey jarvis", "今天天气怎么样？"),
        ("Hey Jarvis!林美丽最美丽。", "hey jarvis", "林美丽最美丽。"),
        ("嘿 Jarvis，今天天气怎么样？", "hey jarvis", "今天天气怎么样？"),
        ("你好小智，开灯。", "你好小智", "开灯。"),
        ("你好小志开灯。", "你好小智", "开灯。"),
        ('Hey Jarvis, "Hamlet" is by whom?', "hey jarvis", '"Hamlet" is by whom?'),
        ("Hey Jarvis - is it -5 degrees?", "hey jarvis", "Is it -5 degrees?"),
        ("Hey Jarvis, -5 degrees?", "hey jarvis", "-5 degrees?"),
        ("Hey Jarvis.", "hey jarvis", ""),
        ("Paid Jarvis.", "hey jarvis", ""),
        ("", "hey jarvis", ""),
    ],
)
def test_the_wake_phrase_and_what_came_before_it_is_taken_off(said: str, phrase: str, command: str) -> None:
    assert without_wake_phrase(said, phrase) == command


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        ("What time is it?", "hey jarvis"),
        ("开放时间早上9点", "hey jarvis"),
        ("Tell me about the film in which someone says hey Jarvis.", "hey jarvis"),
        ("who is Alex?", "alexa"),
        ("Relax a bit.", "alexa"),
        ("Hey, play some music.", "hey jarvis"),
        ("Hear my craft.", "hey jarvis"),
        ("What is a jar?", "hey jarvis"),
        ("What time is it?", ""),
    ],
)
def test_a_command_without_the_wake_phrase_near_its_beginning_stays_as_it_is(said: str, phrase: str) -> None:
    assert without_wake_phrase(said, phrase) == said


@given(st.text(max_size=60))
def test_whatever_follows_the_wake_phrase_is_at_most_made_shorter(command: str) -> None:
    left = without_wake_phrase(f"Hey Jarvis, {command}", "hey jarvis")
    assert left.casefold() in f"Hey Jarvis, {command}".casefold()


@given(st.text(alphabet="上下天气怎么样今明", min_size=1, max_size=30))
def test_a_chinese_command_after_an_english_wake_phrase_is_kept_whole(command: str) -> None:
    assert without_wake_phrase(f"Hey Jarvis, {command}", "hey jarvis") == command
