"""Sounds for whisper to hear: people, Piper, noise and music; and what it makes of each."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from faster_whisper import WhisperModel
from piper import PiperVoice

import sounds
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.backends import faster_whisper, piper, silero, whisper_model
from jetson_voice.config import SpeechToText
from jetson_voice.hearing import Hearing, Outcome
from jetson_voice.languages import Language
from recordings import one_after_another, recording, silence

REPOSITORY: Final = Path(__file__).parents[1]
MODELS: Final = Path(os.environ.get("JETSON_VOICE_MODELS", REPOSITORY / "models")).resolve()
STT: Final = SpeechToText(model="whisper-base")

LIBRISPEECH: Final = (
    "It was the first great sorrow of his life. It was not so much the loss of the cotton itself, but the fantasy, "
    "the hopes, the dreams built around it."
)
RECORDED: Final = {
    "en_librispeech": LIBRISPEECH,
    "en_real_one_two_three": "1 2 3",
    "zh_opening_hours": "开放时间早上9点至下午5点。",
    "zh_values": "小米的核心价值观是什么？答案是真诚热爱！",
    "zh_most_beautiful": "林美丽最美丽、最漂亮、最可爱！",
    "zh_aishell": "广州市房地产中介协会分析",
}
SPOKEN: Final = (
    "Stop.", "Yes.", "No.", "Thank you.", "Goodbye.", "Louder.", "Next.", "Hello.", "What time is it?",
    "Play some music.", "Turn on the light.", "Turn off the lights in the kitchen.", "What is the capital of France?",
    "Set a timer for 10 minutes.", "How is the weather in London tomorrow?", "Tell me a joke.", "Who wrote Hamlet?",
    "Thanks for the music.", "See you tomorrow.", "Why is the sky blue?", "Remind me to call my mother at five.",
    "What is 17 times 23?", "Add milk and eggs to my shopping list.", "How do you say good morning in Chinese?",
    "Stop the music please.", "Please be quiet.", "Is there a train to Berlin tonight?",
    "Call me when the coffee is ready.", "No, no, no, the other one.",
    "Row, row, row your boat, gently down the stream.", "My number is 555, 8888.",
)  # fmt: skip
NUMBERS: Final = {"one": "1", "two": "2", "three": "3", "five": "5", "ten": "10", "x": "times"}
ANSWERS: Final = (
    "The capital of France is Paris.",
    "Because the air scatters blue light more than red light, the sky looks blue to us.",
    "The weather in London tomorrow will be cloudy with a little rain in the evening.",
)
UNUSUAL: Final = {
    "Call Siobhan.": "Siobhan",
    "Turn on the Zigbee lamp.": "Zigbee",
    "What does Kubernetes do?": "Kubernetes",
    "Play the song by Sigur Ros.": "Sigur Ros",
    "Send it to Xiaoming.": "Xiaoming",
}


@dataclass(frozen=True)
class Heard:
    """What became of one sound."""

    kind: str
    said: str
    language: Language
    hearing: Hearing | None

    @property
    def outcome(self) -> Outcome:
        return self.hearing.outcome if self.hearing else "nothing"

    @property
    def text(self) -> str:
        return self.hearing.text if self.hearing and self.outcome == "words" else ""

    @property
    def errors(self) -> int:
        """Of letters or hanzi."""
        return edit_distance(plain(self.text), plain(self.said))


def speech() -> Iterator[Heard]:
    """People and Piper, in every condition; and the assistant's own voice."""
    for name, said in RECORDED.items():
        language: Language = "zh" if name.startswith("zh") else "en"
        for condition, clip in conditions(recording(name)):
            yield heard(f"{'Chinese' if language == 'zh' else 'English'} recordings, {condition}", clip, said, language)
    for sentence in SPOKEN:
        for condition, clip in list(conditions(said_by_piper(sentence)))[::2]:
            yield heard(f"Piper, {condition}", clip, sentence)
    for sentence in SPOKEN[:16:2]:
        called = one_after_another(said_by_piper("Hey Jarvis,"), said_by_piper(sentence))
        yield heard("Piper, after the wake word", called, sentence, wake_phrase="hey jarvis")
    for answer in ANSWERS:
        for seed in (1, 2):
            yield heard(OWN_VOICE, sounds.across_the_room(said_by_piper(answer), seed=seed), answer)


OWN_VOICE: Final = "its own answer, from across the room"


def conditions(clip: Clip) -> Iterator[tuple[str, Clip]]:
    """The same in a quiet room, from far away, and in an office."""
    office = sounds.office(clip.seconds + 1)
    yield "clean", clip
    yield "20 dB quieter", sounds.quieter(clip, 20)
    yield "30 dB quieter", sounds.quieter(clip, 30)
    yield "office at 10 dB", sounds.with_noise(clip, office, snr_db=10)
    yield "office at 5 dB", sounds.with_noise(clip, office, snr_db=5)


def noises() -> Iterator[Heard]:
    """What nobody says, by itself and after the wake word; then speech that cannot be understood."""
    call = said_by_piper("Hey Jarvis.")
    for kind, clip in not_speech():
        yield heard(kind, clip)
    for kind, clip in not_speech()[::3]:
        called = one_after_another(call, silence(0.3), clip)
        yield heard(f"{kind}, after the wake word", called, wake_phrase="hey jarvis")
    for name in RECORDED:
        yield heard("a recording backwards", Clip(recording(name).samples[::-1].copy(), SAMPLE_RATE_HZ))
        yield heard("a recording behind a wall", sounds.behind_a_wall(recording(name)))
    for people in (3, 6, 12):
        for seed in (1, 2):
            yield heard("several people at once", babble(people, seed))


@cache
def not_speech() -> tuple[tuple[str, Clip], ...]:
    """Silence, noise and music, at several levels or from several seeds."""
    still = [("silence", silence(seconds)) for seconds in (0.5, 1.5, 4)]
    steady = [
        (kind, made)
        for level in (-50, -30, -15)
        for kind, made in (
            ("white noise", sounds.white(3, level_db=level)),
            ("pink noise", sounds.pink(3, level_db=level)),
            ("mains hum", sounds.mains(3, level_db=level)),
            ("keyboard", sounds.keyboard(4, level_db=level)),
            ("office", sounds.office(5, level_db=level)),
        )
    ]
    sudden = [
        (kind, made)
        for seed in (1, 2, 3)
        for kind, made in (("door", sounds.door(seed=seed)), ("coughs", sounds.coughs(seed=seed)))
    ]
    played = [("music", sounds.music(style, seed=seed)) for style in sounds.STYLES for seed in (1, 2, 3, 4)]
    return (*still, *steady, *sudden, *played)


def babble(people: int, seed: int, seconds: float = 6) -> Clip:
    """So many people who speak at once."""
    random = np.random.default_rng(seed)
    length = round(seconds * SAMPLE_RATE_HZ)
    voices = [sounds.floats(said_by_piper(SPOKEN[random.integers(8, len(SPOKEN))])) for _ in range(people)]
    return sounds.at_level(
        sounds.sum_of(np.roll(np.resize(voice, length), random.integers(length)) for voice in voices), -25
    )


def heard(kind: str, clip: Clip, said: str = "", language: Language = "en", *, wake_phrase: str = "") -> Heard:
    """What whisper makes of the sound, with a little silence around it."""
    part = silero.spoken_part_of(one_after_another(silence(0.3), clip, silence(0.5)))
    hearing = whisper(STT).hearing(part, wake_phrase)[0] if part else None
    result = Heard(kind, said, language, hearing)
    print(f"{kind}: {said!r} → {result.outcome} {hearing.written if hearing else ''!r}", file=sys.stderr)
    return result


@cache
def whisper(stt: SpeechToText) -> faster_whisper.Whisper:
    return faster_whisper.Whisper(loaded_model(), stt)


@cache
def loaded_model() -> WhisperModel:
    return whisper_model.loaded(STT, MODELS)


@cache
def joe() -> PiperVoice:
    return piper.loaded(piper.model_file("piper-en_US-joe-medium", "tts.voices.en", MODELS), "tts.voices.en")


@cache
def said_by_piper(sentence: str) -> Clip:
    samples = np.concatenate([chunk.audio_int16_array for chunk in joe().synthesize(sentence)])
    return Clip(samples, joe().config.sample_rate).at_rate(SAMPLE_RATE_HZ)


def plain(text: str) -> str:
    """Its letters, digits and hanzi; small numbers as digits."""
    words = re.sub(r"[a-z]+", lambda word: NUMBERS.get(word.group(), word.group()), text.casefold())
    return re.sub(r"[\W_]+", "", words)


def edit_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, start=1):
        above, row = row, [index]
        for column, each in enumerate(other, start=1):
            substituted = above[column - 1] + (letter != each)
            row.append(min(above[column] + 1, row[-1] + 1, substituted))
    return row[-1]
