"""Piper says the readings, whisper-base writes down what it hears, and both mean the same words."""

from __future__ import annotations

import re

import pytest

from hearing_corpus import edit_distance
from jetson_voice import backends
from jetson_voice.config import Config
from jetson_voice.reading import reading_of
from jetson_voice.sentences import Sentence
from recordings import utterance

pytestmark = [pytest.mark.anyio, pytest.mark.models]

WRITTEN = [
    "The population is 12,345.",
    "There are 1,000,000 reasons.",
    "Pi is about 3.14159.",
    "It is -12 degrees in Moscow.",
    "The meeting is at 8:30 a.m. tomorrow.",
    "My train leaves at 20:05.",
    "The shop is open from 9 am to 5 pm.",
    "She was born on March 2, 1985.",
    "The conference begins on 2026-11-22.",
    "The war ended in 1945.",
    "Music of the 1990s was great.",
    "It costs $1,299.99 in the shop.",
    "That will be $5, please.",
    "Apple is worth $3.5 trillion.",
    "The train goes 300 km/h.",
    "It is 23.5°C in the room.",
    "He weighs 75 kg.",
    "The file has 2.5GB.",
    "Please call 555-1234.",
    "In an emergency, call 911.",
    "Sales rose by 12.5%.",
    "About 2/3 of them agreed.",
    "He finished in 3rd place.",
    "Read pages 10-12 for Monday.",
    "World War II began in 1939.",
    "The Lakers won by 112 to 108.",
]


async def test_whisper_hears_the_words_that_were_to_be_read(starter: Config) -> None:
    wrong = said = 0
    async with backends.voice(starter) as voice, backends.transcriber(starter) as transcriber:
        for written in WRITTEN:
            reading = reading_of(written, "en")
            speech = await voice.synthesize(Sentence(written, written))
            transcript = await transcriber.transcribe(utterance(speech.clip))
            errors = edit_distance(words(reading_of(transcript.text, "en")), words(reading))
            wrong, said = wrong + errors, said + len(words(reading))
            print(f"{errors} wrong: {written} | {reading} | {transcript.text}")
    print(f"word error rate: {wrong} of {said}, {wrong / said:.3f}")
    assert wrong / said <= 0.10


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
