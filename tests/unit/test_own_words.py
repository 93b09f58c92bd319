"""Where in a sentence the assistant says its own wake word."""

from __future__ import annotations

import pytest

from jetson_voice.own_words import own_words, places_of


def said(phrase: str, spoken: str) -> list[str]:
    return [spoken[begin:end] for begin, end in places_of(phrase, spoken)]


@pytest.mark.parametrize(
    ("phrase", "spoken", "places"),
    [
        ("hey jarvis", "You can call me: hey Jarvis!", ["hey Jarvis", "Jarvis"]),
        ("hey jarvis", "Say “Hey, Jarvis” to wake me up.", ["Hey, Jarvis", "Jarvis"]),
        ("hey jarvis", "Hey, Travis, how are you?", ["Hey, Travis"]),
        ("hey jarvis", "Jarvis is a name.", ["Jarvis"]),
        ("hey jarvis", "你可以叫我 Jarvis，随时都行。", ["Jarvis"]),
        ("alexa", "Alexander the Great was a king.", []),
        ("alexa", "Alexa and ALEXA.", ["Alexa", "ALEXA"]),
        ("小爱同学", "我的名字是小爱同学。", ["小爱同学"]),
        ("hey jarvis", "The weather is fine.", []),
        ("hey jarvis", "", []),
    ],
)
def test_the_phrase_and_what_sounds_like_it_are_found(phrase: str, spoken: str, places: list[str]) -> None:
    assert said(phrase, spoken) == places


def test_the_place_in_time_is_that_in_the_text_and_a_little_around_it() -> None:
    [span] = own_words("aaaaa bbbbb alexa ccccc d", ["alexa"], seconds=5.0)
    assert span.phrase == "alexa"
    assert span.begin == pytest.approx(12 / 25 * 5 - 0.45)
    assert span.end == pytest.approx(17 / 25 * 5 + 0.45)


def test_it_begins_and_ends_within_the_sentence() -> None:
    [span] = own_words("Alexa.", ["alexa"], seconds=0.6)
    assert (span.begin, span.end) == (0.0, 0.6)
