"""Others speak while the assistant does, and do not call it: how often is it interrupted?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import anyio

from echo_room import EchoPath
from echo_scenes import CALL_SECONDS, ESPEAK_VOICES, NEAR_DBFS, Cost, Scene, ears_in, said_by, wakes_of
from echo_self import NAMES, sentences
from jetson_voice.audio import Clip
from jetson_voice.languages import Language
from jetson_voice.wake_rules import LESS_CLEAR
from wake_recall import Call, at_speech_level

ROOMS: Final = (
    Scene("-10 dB"),
    Scene("-10 dB, 30 ppm", EchoPath(drift_ppm=30, seed=4)),
    Scene("-10 dB, RT60 0.4 s", EchoPath(rt60_seconds=0.4, seed=7)),
)
VOICES: Final[dict[Language, tuple[str, ...]]] = {"en": ESPEAK_VOICES, "zh": ("cmn", "cmn+f3")}
SENTENCES: Final[dict[Language, int]] = {"en": 100, "zh": 50}


async def others() -> list[Call]:
    """Sentences without a wake word, as loud as the calls, none longer than the time between two calls."""
    said = []
    for language, voices in VOICES.items():
        for index, text in enumerate(texts(language)):
            call = Call("", await said_by(voices[index % len(voices)], text))
            if call.clip.seconds < CALL_SECONDS:
                said.append(at_speech_level(call, NEAR_DBFS))
    return said


def texts(language: Language) -> Iterator[str]:
    """Every second sentence of the readings' tables that is long enough to be one."""
    plain = [text for text in sentences(language) if not any(name in text.casefold() for name in NAMES)]
    least, most = (13, 70) if language == "en" else (6, 70)
    yield from [text for text in plain if least <= len(text) < most][: 2 * SENTENCES[language] : 2]


def others_row(scene: Scene, said: Sequence[Call], own: Clip, models: Path) -> str:
    """How often it is interrupted where the whole threshold counts, and as it is."""
    ears = anyio.run(ears_in, scene, said, own, models, Cost())
    counts = [len(wakes_of(ears, less_clear=less)) for less in (1.0, LESS_CLEAR)]
    seconds = sum(call.clip.seconds for call in said)
    return f"| {scene.name} | {seconds:.0f} s | {' | '.join(str(count) for count in counts)} |"
