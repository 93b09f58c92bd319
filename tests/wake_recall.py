"""How many wake words are lost because the wake word sleeps while nothing stirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ambience import Room, Sound, amplitude, as_clip
from jetson_voice import backends
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip
from jetson_voice.backends.openwakeword import OpenWakeWord
from jetson_voice.config import Config, Models, TextToSpeech, Voices, Wake, WakeWord
from jetson_voice.protocols import Wake as Heard
from jetson_voice.quiet import QuietGate, SleepsInQuiet
from jetson_voice.sentences import Sentence
from recordings import frames_of, heard, recording

ALL_WORDS: Final = Wake(
    words=(
        WakeWord("hey_jarvis", "hey jarvis"),
        WakeWord("alexa", "alexa"),
        WakeWord("hey_mycroft", "hey mycroft"),
    )
)
ROOMS: Final = [Room(kind, dbfs) for dbfs in (-75, -60, -50) for kind in ("hiss", "fan", "office")]
LEVELS_DBFS: Final = (-26, -36, -44)
"""From a loud voice beside the microphone to a soft one across the room."""

RECORDED: Final = {"alexa_test": "alexa", "hey_mycroft_test": "hey mycroft"}
SPOKEN: Final = {
    "Hey Jarvis.": "hey jarvis",
    "Hey Jarvis, what time is it?": "hey jarvis",
    "Alexa.": "alexa",
    "Alexa, play some music.": "alexa",
    "Hey Mycroft.": "hey mycroft",
    "Hey Mycroft, good morning.": "hey mycroft",
}
PITCHES: Final = (0.88, 1.0, 1.12)
"""A voice is made deeper and slower, or higher and faster."""

FIRST_CALL_SECONDS: Final = 15.0
"""By then the gate knows the room."""

CALL_SECONDS: Final = 5.0
SOON_SECONDS: Final = 0.7
"""So long after the end of a call its wake word may be heard."""


@dataclass(frozen=True)
class Call:
    """A wake word as somebody says it, perhaps with a command."""

    phrase: str
    clip: Clip


@dataclass(frozen=True)
class Recall:
    """Of so many calls in a room: what is heard by one who never sleeps, and by one who does."""

    said: int
    heard: int
    lost: int
    latest_frames: int
    """How many frames later the sleeper heard one, at most."""

    awake: float
    """The share of the frames that are listened to while nobody calls."""


async def table_of_lost(models: Path) -> str:
    """All rooms, all levels, as a section of docs/measured.md."""
    said = [at_speech_level(call, dbfs) for dbfs in LEVELS_DBFS for call in await calls(models)]
    rows = []
    for room in ROOMS:
        found = await recall(room, said, models)
        rows.append(
            f"| {room.kind}, {room.dbfs} dBFS | {found.said} | {found.heard} | {found.lost} "
            f"| {found.latest_frames} | {found.awake:.0%} |\n"
        )
    return (
        "## Wake words lost to sleep\n\n"
        "Two recordings, and six phrases of Piper at three pitches, each at -26, -36 and -44 dBFS. The noise is made:\n"
        "hiss is white, a fan pink, an office a fan with reversed speech over it.\n\n"
        "| room | said | heard without sleep | of these lost to sleep | heard later by frames, at most "
        "| share of the frames listened to while nobody calls |\n|---|---|---|---|---|---|\n" + "".join(rows).rstrip()
    )


async def calls(models: Path) -> list[Call]:
    """The recorded ones, and a synthetic voice at three pitches."""
    said = [Call(phrase, recording(name)) for name, phrase in RECORDED.items()]
    voices = Voices(zh="", en="piper-en_US-joe-medium")
    config = Config(models=Models(str(models)), tts=TextToSpeech(voices=voices))
    async with backends.voice(config) as voice:
        for text, phrase in SPOKEN.items():
            for pitch in PITCHES:
                clip = (await voice.synthesize(Sentence(text, text))).clip
                said.append(Call(phrase, Clip(clip.samples, round(clip.rate_hz * pitch)).at_rate(SAMPLE_RATE_HZ)))
    return said


async def recall(room: Room, said: Sequence[Call], models: Path) -> Recall:
    """Both listen to all the calls in the room, one every five seconds."""
    scene = in_room(room, said)
    async with OpenWakeWord.opened(ALL_WORDS, models) as sleepless, OpenWakeWord.opened(ALL_WORDS, models) as sleepy:
        by_sleepless = await heard(sleepless, scene)
        by_sleeper = await heard(SleepsInQuiet(sleepy), scene)
    pairs = [
        (answer_to(call, index, by_sleepless), answer_to(call, index, by_sleeper)) for index, call in enumerate(said)
    ]
    due = [(first, second) for first, second in pairs if first]
    late = [second.at - first.at for first, second in due if second]
    return Recall(
        said=len(said),
        heard=len(due),
        lost=len(due) - len(late),
        latest_frames=round(max(late, default=0.0) * SAMPLE_RATE_HZ / FRAME_SAMPLES),
        awake=awake_share(room),
    )


def in_room(room: Room, said: Sequence[Call]) -> Clip:
    """The calls over the room's noise."""
    sound = room.noise(FIRST_CALL_SECONDS + CALL_SECONDS * len(said))
    for index, call in enumerate(said):
        begin = round(begins_at(index) * SAMPLE_RATE_HZ)
        sound[begin : begin + len(call.clip.samples)] += call.clip.samples
    return as_clip(sound)


def begins_at(index: int) -> float:
    """When each call begins, in seconds; no two of them alike in their place within a frame."""
    return FIRST_CALL_SECONDS + CALL_SECONDS * index + (index * 0.037) % 0.08


def answer_to(call: Call, index: int, wakes: Sequence[Heard]) -> Heard | None:
    """The first time that the call was heard."""
    begin = begins_at(index)
    end = begin + call.clip.seconds + SOON_SECONDS
    return next((wake for wake in wakes if wake.word == call.phrase and begin < wake.at < end), None)


def awake_share(room: Room, seconds: float = 300) -> float:
    """How much of the time the gate is open in the room when it knows it and nobody calls."""
    gate, settling = QuietGate(), 30
    admitted = [len(gate.admitted(frame)) for frame in frames_of(as_clip(room.noise(settling + seconds, seed=2)))]
    settled = admitted[round(settling * SAMPLE_RATE_HZ / FRAME_SAMPLES) :]
    return sum(settled) / len(settled)


def at_speech_level(call: Call, dbfs: float) -> Call:
    """The same call, its loud parts at this level."""
    samples = call.clip.samples.astype(np.float64)
    return Call(call.phrase, as_clip(samples * amplitude(dbfs) / np.sqrt(power_of_speech(samples))))


def power_of_speech(samples: Sound) -> float:
    """Its mean power without the pauses: whatever is 20 dB below the loudest 20 ms."""
    pieces = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    powers = np.mean(np.square(pieces), axis=1)
    return float(powers[powers > powers.max() / 100].mean())
