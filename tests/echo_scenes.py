"""The assistant speaks without a pause in a synthetic room, somebody calls it: what the real ears make of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from anyio import run_process

from ambience import Sound, amplitude, as_clip, at_level
from echo_room import EchoPath, convolved, heard_frames, impulse_response, with_noise
from jetson_voice import backends
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Echo, Frame
from jetson_voice.backends import espeak
from jetson_voice.backends.openwakeword import OpenWakeWord
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.config import Config, Models, TextToSpeech, Voices
from jetson_voice.echo.cancelled import Annotated, EchoCancelled
from jetson_voice.echo.reference import Playing, Reference
from jetson_voice.protocols import Microphone, Wake
from jetson_voice.sentences import Sentence
from jetson_voice.wake_rules import LESS_CLEAR, rules_for
from wake_recall import ALL_WORDS, Call, at_speech_level, calls, power_of_speech

SILENCE: Final = Clip(np.zeros(FRAME_SAMPLES, np.int16), SAMPLE_RATE_HZ)
"""In the place of the sound where it is not looked at."""

FIRST_CALL_SECONDS: Final = 15.0
CALL_SECONDS: Final = 5.0
SOON_SECONDS: Final = 0.9
TIMES_EACH: Final = 3
"""Each time over other words of the assistant."""

NEAR_DBFS: Final = -36
PLAYED_DBFS: Final = -26
ESPEAK_VOICES: Final = ("en-us", "en", "en-gb-scotland", "en-us+f3", "en-029")
ANSWERS: Final = (
    "The Eiffel Tower was finished in eighteen eighty nine, and it was meant to stand for only twenty years.",
    "Tomorrow it will be mostly sunny, with a light wind from the west and a high of twenty two degrees.",
    "A cat sleeps about fifteen hours a day, which is more than almost any other animal in the house.",
    "I have set a timer for ten minutes, and I will tell you when it is over.",
    "Light from the sun needs a little more than eight minutes to reach us.",
    "To make pancakes you need flour, milk, two eggs, a pinch of salt, and some butter for the pan.",
    "Once upon a time a brave little dragon lived in a cave behind the waterfall, and it was afraid of the dark.",
)


@dataclass(frozen=True)
class Ear:
    """What the wake word made of one frame."""

    ends_at: float
    scores: Mapping[str, float]
    echo: Echo
    own_words: frozenset[str]


@dataclass
class Cost:
    """The CPU time of the echo canceller, alignment and all."""

    cpu_seconds: float = 0.0
    played_seconds: float = 0.0


@dataclass(frozen=True)
class Scene:
    """One room, one level, one pair of clocks."""

    name: str
    path: EchoPath = field(default_factory=EchoPath)
    signal_to_echo_db: float = -10.0
    is_cancelled: bool = True


async def all_calls(models: Path) -> list[Call]:
    """The corpus of wake_recall, and five voices of espeak-ng; all at the same level."""
    said = await calls(models)
    for voice in ESPEAK_VOICES:
        for phrase in ("hey jarvis", "alexa", "hey mycroft"):
            said.append(Call(phrase, await said_by(voice, f"{phrase.title()}.")))
    return TIMES_EACH * [at_speech_level(call, NEAR_DBFS) for call in said]


async def said_by(voice: str, text: str) -> Clip:
    """The text in a voice of espeak-ng."""
    spoken = await run_process(espeak.command(voice, 160), input=text.encode())
    return espeak.sound_of(spoken).at_rate(SAMPLE_RATE_HZ)


async def own_speech(models: Path) -> Clip:
    """Some answers, without a pause."""
    config = Config(models=Models(str(models)), tts=TextToSpeech(voices=Voices(zh="", en="piper-en_US-joe-medium")))
    async with backends.voice(config) as voice:
        clips = [(await voice.synthesize(Sentence(text, text))).clip.at_rate(SAMPLE_RATE_HZ) for text in ANSWERS]
    return as_clip(at_level(np.concatenate([clip.samples for clip in clips]).astype(np.float64), PLAYED_DBFS))


def begins_at(index: int) -> float:
    """When each call begins, in seconds; no two of them alike in their place within a frame."""
    return FIRST_CALL_SECONDS + CALL_SECONDS * index + (index * 0.037) % 0.08


def callers(said: Sequence[Call], seconds: float, rt60_seconds: float) -> Sound:
    """The calls as they come through the room."""
    sound = np.zeros(round(seconds * SAMPLE_RATE_HZ))
    for index, call in enumerate(said):
        begin = round(begins_at(index) * SAMPLE_RATE_HZ)
        sound[begin : begin + len(call.clip.samples)] += call.clip.samples
    roomy = convolved(sound, impulse_response(rt60_seconds, direct_db=0, seed=77))
    return roomy * (amplitude(NEAR_DBFS) / float(np.sqrt(power_of_speech(roomy))))


async def ears_in(scene: Scene | None, said: Sequence[Call], own: Clip, models: Path, cost: Cost) -> list[Ear]:
    """What is heard of the calls in a scene; without one, while nothing plays."""
    seconds = begins_at(len(said)) + 2
    rt60 = scene.path.rt60_seconds if scene else 0.3
    microphone = callers(said, seconds, rt60)
    reference = Reference()
    if scene:
        microphone = microphone + spoken_over(scene, own, len(microphone), reference).echo
    frames = list(heard_frames(with_noise(microphone), drift_ppm=scene.path.drift_ppm if scene else 0.0))
    is_cancelled = scene is not None and scene.is_cancelled
    return [ear async for ear in listened(frames, reference, models, cost, is_cancelled=is_cancelled)]


@dataclass(frozen=True)
class Spoken:
    """What the assistant says in a scene: its sound, its playing, its echo, and how loud the scene makes it."""

    played: Sound
    playing: Playing
    echo: Sound
    level: float


def spoken_over(scene: Scene, own: Clip, count: int, reference: Reference) -> Spoken:
    """The assistant speaks for so many samples without a pause, its echo at the scene's level."""
    played = np.resize(own.samples, count).astype(np.float64)
    reference.begin_stretch()
    echo = scene.path.echo(played)
    level = float(amplitude(NEAR_DBFS - scene.signal_to_echo_db) / np.sqrt(power_of_speech(echo)))
    return Spoken(played, reference.plays(as_clip(played), 0.0), echo * level, level)


def wakes_of(ears: Sequence[Ear], *, less_clear: float = LESS_CLEAR) -> list[Wake]:
    """The wake words that count as heard, by the rules of the assistant."""
    rules = rules_for(ALL_WORDS, less_clear=less_clear)
    frames = [Frame(ear.ends_at - SILENCE.seconds, SILENCE.samples, ear.echo, ear.own_words) for ear in ears]
    found = [rules.heard(ear.scores, frame) for ear, frame in zip(ears, frames, strict=True)]
    return [wake for wake in found if isinstance(wake, Wake)]


def masked(ears: Sequence[Ear]) -> list[Ear]:
    """As if nothing played, but for what the assistant says itself: one frame at the threshold is enough."""
    return [replace(ear, echo=Echo.NONE) for ear in ears]


def unguarded(ears: Sequence[Ear]) -> list[Ear]:
    """As if nothing played at all."""
    return [replace(ear, echo=Echo.NONE, own_words=frozenset()) for ear in ears]


def heard_of(said: Sequence[Call], wakes: Sequence[Wake]) -> list[bool]:
    """Of each call whether one of the wake words is it."""
    return [any(is_of(wake, call, index) for wake in wakes) for index, call in enumerate(said)]


def not_said(said: Sequence[Call], wakes: Sequence[Wake]) -> list[Wake]:
    """The wake words that are none of the calls; one that is heard twice in a call was said."""
    return [wake for wake in wakes if not any(is_of(wake, call, index) for index, call in enumerate(said))]


def is_of(wake: Wake, call: Call, index: int) -> bool:
    """Whether the wake word is this call."""
    begin = begins_at(index)
    return wake.word == call.phrase and begin < wake.at < begin + call.clip.seconds + SOON_SECONDS


async def listened(
    frames: Sequence[tuple[Frame, float]], reference: Reference, models: Path, cost: Cost, *, is_cancelled: bool
) -> AsyncIterator[Ear]:
    """Every frame as the real ears hear it, in simulated time."""
    microphone = SimulatedMicrophone(frames)
    with SpeexDsp.opened() as canceller:
        ears: Microphone = (
            EchoCancelled(microphone, reference, canceller, now=microphone.now)
            if is_cancelled
            else Annotated(microphone, reference, Echo.RAW, now=microphone.now)
        )
        async with wake_scores(models) as scores_of:
            for _ in frames:
                began_at = time.thread_time()
                frame = await ears.read()
                if frame.echo is not Echo.NONE:
                    cost.cpu_seconds += time.thread_time() - began_at
                    cost.played_seconds += frame.seconds
                yield Ear(frame.ends_at, await scores_of(frame), frame.echo, frame.own_words)


@asynccontextmanager
async def wake_scores(models: Path) -> AsyncIterator[Callable[[Frame], Awaitable[Mapping[str, float]]]]:
    """The real wake word: the score of each phrase after a frame."""
    latest: dict[str, float] = {}

    def scored(found: Mapping[str, float], frame: Frame, heard: str) -> None:
        del frame, heard
        latest.update(found)

    async with OpenWakeWord.opened(ALL_WORDS, models, scored) as wake_word:

        async def scores_of(frame: Frame) -> Mapping[str, float]:
            await wake_word.heard_in(frame)
            return dict(latest)

        yield scores_of


class SimulatedMicrophone:
    """Gives frames at once; the time is what it would be."""

    def __init__(self, frames: Iterable[tuple[Frame, float]]) -> None:
        self._frames = iter(frames)
        self._now = 0.0

    def now(self) -> float:
        """When the last frame came."""
        return self._now

    async def read(self) -> Frame:
        frame, self._now = next(self._frames)
        return frame
