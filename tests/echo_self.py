"""The assistant speaks for an hour, its own name among what it says, and nobody is there."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

import numpy as np

from ambience import Sound, amplitude, as_clip
from echo_room import CAPTURE_SECONDS, EchoPath, with_noise
from echo_scenes import PLAYED_DBFS, Cost, Ear, SimulatedMicrophone, wake_scores
from jetson_voice import backends
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Echo, Frame, Span
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.config import Config, Models, TextToSpeech, Voices
from jetson_voice.echo.cancelled import EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.languages import Language
from jetson_voice.protocols import Voice
from jetson_voice.sentences import Sentence
from wake_recall import ALL_WORDS, power_of_speech

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MINUTES: Final = 60.0
UNIT: Final = Path(__file__).parent / "unit"
SENTENCES_AN_ANSWER: Final = 5
NAMES_EVERY: Final = 8
PAUSE_FRAMES: Final = 30
DRIFT_PPM: Final = 30.0
JITTER_SECONDS: Final = 0.015
ROOMS: Final = (
    EchoPath(rt60_seconds=0.3, drift_ppm=DRIFT_PPM),
    EchoPath(rt60_seconds=0.3, drift_ppm=DRIFT_PPM, seed=2),
    EchoPath(rt60_seconds=0.5, drift_ppm=DRIFT_PPM, delay_seconds=0.12, seed=3),
)
"""Somebody opens a door, or moves the thing: another room every third of the time."""

SAYING_NAMES: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "You call me by saying {}.",
        "{} is my name.",
        "Just say {}, and then ask.",
        "My friends call me {}, you know.",
    ),
    "zh": ("你可以说 {} 来叫我。", "我的名字是 {}。", "先说 {}，再提问。", "大家都叫我 {}，你也可以。"),
}
NAMES: Final = [word.spoken for word in ALL_WORDS.words]


@dataclass(frozen=True)
class SelfWakes:
    """What an hour of its own voice was to the wake word."""

    voice: str
    minutes: float
    own_names: int
    ears_raw: Sequence[Ear]
    ears: Sequence[Ear]


async def self_wakes(language: Language, minutes: float, models: Path, cost: Cost) -> SelfWakes:
    """It speaks for so many minutes."""
    names = {"en": "piper-en_US-joe-medium", "zh": ""}
    voices = TextToSpeech(voices=Voices(zh="", en=names["en"]))
    config = Config(models=Models(str(models)), wake=ALL_WORDS, tts=voices)
    raw: list[Ear] = []
    clean: list[Ear] = []
    said = 0
    async with AsyncExitStack() as stack:
        voice = await stack.enter_async_context(backends.voice(config))
        scores_raw = await stack.enter_async_context(wake_scores(models))
        scores_clean = await stack.enter_async_context(wake_scores(models))
        reference, home = Reference(), Home()
        microphone = SimulatedMicrophone(home)
        ears = EchoCancelled(microphone, reference, stack.enter_context(SpeexDsp.opened()), now=microphone.now)
        async for answer, names_in_it in answers(voice, language):
            if home.seconds >= 60 * minutes:
                break
            said += names_in_it
            heard = home.answered(answer, reference, ROOMS[int(home.seconds / 60 / max(minutes, 1) * len(ROOMS)) % 3])
            for frame in heard:
                began_at = time.thread_time()
                cleaned = await ears.read()
                if cleaned.echo is not Echo.NONE:
                    cost.cpu_seconds += time.thread_time() - began_at
                    cost.played_seconds += frame.seconds
                raw.append(Ear(frame.ends_at, await scores_raw(frame), cleaned.echo, cleaned.own_words))
                clean.append(Ear(frame.ends_at, await scores_clean(cleaned), cleaned.echo, cleaned.own_words))
    return SelfWakes(names[language] or "espeak-ng, Chinese", home.seconds / 60, said, raw, clean)


class Home:
    """The microphone's frames as the answers come; its clock is slower than the speaker's."""

    def __init__(self) -> None:
        self._frames: list[tuple[Frame, float]] = []
        self._count = 0
        self._random = np.random.default_rng(5)

    @property
    def seconds(self) -> float:
        """How long it has been heard, in audio time."""
        return self._count * FRAME_SAMPLES / SAMPLE_RATE_HZ

    def answered(self, answer: Clip, reference: Reference, path: EchoPath) -> Sequence[Frame]:
        """The answer is played, and comes back."""
        rate = 1 + path.drift_ppm * 1e-6
        begin = self.seconds * rate
        reference.begin_stretch()
        reference.plays(answer, begin + self._random.uniform(-JITTER_SECONDS, JITTER_SECONDS))
        played = np.pad(answer.samples, (0, -len(answer.samples) % FRAME_SAMPLES)).astype(np.float64)
        played = np.pad(played, (0, PAUSE_FRAMES * FRAME_SAMPLES))
        echo = path.echo(played)
        level = amplitude(PLAYED_DBFS) / np.sqrt(power_of_speech(echo))
        sound = as_clip(with_noise(echo * level, seed=self._count)).samples.reshape(-1, FRAME_SAMPLES)
        frames = [Frame((self._count + i) * FRAME_SAMPLES / SAMPLE_RATE_HZ, one) for i, one in enumerate(sound)]
        self._frames += [(frame, frame.ends_at * rate + CAPTURE_SECONDS) for frame in frames]
        self._count += len(frames)
        return frames

    def __iter__(self) -> Iterator[tuple[Frame, float]]:
        while True:
            yield self._frames.pop(0)


async def answers(voice: Voice, language: Language) -> AsyncIterator[tuple[Clip, int]]:
    """Answers of some sentences each, without end, and how often they say its names."""
    endless = cycle(sentences(language))
    while True:
        texts = [next(endless) for _ in range(SENTENCES_AN_ANSWER)]
        clips = [await spoken(voice, text) for text in texts]
        says: list[Span] = []
        seconds = 0.0
        for clip in clips:
            says += [Span(span.phrase, seconds + span.begin, seconds + span.end) for span in clip.says]
            seconds += clip.seconds
        samples = np.concatenate([clip.samples for clip in clips]).astype(np.float64)
        names = sum(name in text.casefold() for text in texts for name in NAMES)
        yield Clip(at_played_level(samples).samples, SAMPLE_RATE_HZ, tuple(says)), names


async def spoken(voice: Voice, text: str) -> Clip:
    """A sentence as the assistant says it, its own names marked."""
    return (await voice.synthesize(Sentence(text, text))).clip.at_rate(SAMPLE_RATE_HZ)


def at_played_level(samples: Sound) -> Clip:
    """Speech at the level at which it is played."""
    return as_clip(samples * amplitude(PLAYED_DBFS) / np.sqrt(power_of_speech(samples)))


def sentences(language: Language) -> list[str]:
    """What the readings' tables hold, as it is said; its own names come in between."""
    tables = tomllib.loads((UNIT / f"reading_{language}.toml").read_text(encoding="utf-8"))
    unchanged: list[str] = tables.pop("unchanged")["same"]
    plain = [said for table in tables.values() for said in table.values()] + unchanged
    texts: list[str] = []
    for index, text in enumerate(each for each in plain if len(each) > 3):
        texts.append(text)
        if index % (NAMES_EVERY - 1) == 0:
            count = index // (NAMES_EVERY - 1)
            patterns = SAYING_NAMES[language]
            texts.append(patterns[count % len(patterns)].format(NAMES[count % len(NAMES)].title()))
    return texts
