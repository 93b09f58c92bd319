"""Mute and volume: kept on disk, so that a muted assistant stays muted over a restart, and put between the devices."""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from jetson_voice.audio import Clip, Frame
from jetson_voice.protocols import Microphone, Speaker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sound:
    """What a person has set."""

    is_muted: bool = False
    volume_percent: int = 100
    """100 leaves the sound as it is; the amplitude follows it evenly, 0 is silence."""


class SoundSettings:
    """Mute and volume as they are now; a change counts at once, and is kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sound = kept_in(path)
        if self._sound.is_muted:
            log.warning("still muted: no wake word can be heard until jetson-voice unmute")

    @property
    def sound(self) -> Sound:
        """What is set."""
        return self._sound

    def mute(self) -> None:
        """Hear nothing more; OSError when it counts but cannot be kept."""
        log.warning("muted: no wake word can be heard until jetson-voice unmute")
        self._set(replace(self._sound, is_muted=True))

    def unmute(self) -> None:
        """Hear again; OSError when it counts but cannot be kept."""
        log.info("no longer muted")
        self._set(replace(self._sound, is_muted=False))

    def set_volume(self, percent: int) -> None:
        """Speak so loud from the next sentence on; OSError when it counts but cannot be kept."""
        log.info("volume: %d %%", percent)
        self._set(replace(self._sound, volume_percent=percent))

    def _set(self, sound: Sound) -> None:
        self._sound = sound
        keep(sound, self._path)


def kept_in(path: Path) -> Sound:
    """What was set; the defaults, with a warning, when the file says nothing of use."""
    try:
        return sound_of(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Sound()
    except (OSError, ValueError) as error:
        log.warning("%s: %s; not muted, full volume", path, error)
        return Sound()


def sound_of(value: object) -> Sound:
    """What a JSON value says; ValueError."""
    match value:
        case {"is_muted": bool(is_muted), "volume_percent": int(percent)} if 0 <= percent <= 100:
            return Sound(is_muted, percent)
        case _:
            raise ValueError(f"it wants is_muted and volume_percent, and says {str(value)[:60]}")


def keep(sound: Sound, path: Path) -> None:
    """Write the file whole or not at all; OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(asdict(sound), file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


class WithMute:
    """A microphone that gives silence while it is muted: sound goes on in time, and none of it is heard."""

    def __init__(self, microphone: Microphone, settings: SoundSettings) -> None:
        self._microphone = microphone
        self._settings = settings

    async def read(self) -> Frame:
        """The next frame, or silence of its length in its place."""
        frame = await self._microphone.read()
        return Frame(frame.at, np.zeros_like(frame.samples)) if self._settings.sound.is_muted else frame


class WithVolume:
    """A speaker that plays as loud as is set."""

    def __init__(self, speaker: Speaker, settings: SoundSettings) -> None:
        self._speaker = speaker
        self._settings = settings

    @property
    def position(self) -> float:
        """Seconds of sound that have left the speaker."""
        return self._speaker.position

    def duck(self, *, is_soft: bool) -> None:
        """Play softer than that, or no longer."""
        self._speaker.duck(is_soft=is_soft)

    async def play(self, clip: Clip) -> None:
        """Play the clip at the volume that is set as it begins."""
        await self._speaker.play(at_volume(clip, self._settings.sound.volume_percent))


def at_volume(clip: Clip, percent: int) -> Clip:
    """The same sound, softer."""
    if percent == 100:
        return clip
    return replace(clip, samples=(clip.samples * np.float32(percent / 100)).astype(np.int16))
