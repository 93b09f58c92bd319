"""Where the assistant is spoken to aloud and listened to: the virtual room, or this machine's own devices."""

from __future__ import annotations

import time
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.bench.room import Said, VirtualRoom
from jetson_voice.bench.tape import LOUD, Recording
from jetson_voice.protocols import Microphone, Speaker

SPEECH_LEVEL: Final = 200
SHARE_OF_PEAK: Final = 50
"""What is 34 dB below the loudest sample is silence: the noise of a recording is no speech."""

NOISE_SECONDS: Final = 0.5
ABOVE_NOISE: Final = 3


class Place(Protocol):
    """Times are those of time.monotonic(), in seconds."""

    async def say(self, clip: Clip) -> Said:
        """Somebody says this, beginning now; it may be over on return."""
        ...

    def end_of_speech(self, said: Said) -> float:
        """When the microphone heard its last loud sample; to be called once it was said. Blocks; TimeoutError."""
        ...

    def first_sound(self, after: float) -> float:
        """When the assistant was first heard after a time at which it was silent. Blocks; TimeoutError."""
        ...


class InTheRoom:
    """The virtual room, to about 5 ms."""

    def __init__(self, room: VirtualRoom) -> None:
        self._room = room

    async def say(self, clip: Clip) -> Said:
        """Into the room's microphone."""
        return self._room.say(clip)

    def end_of_speech(self, said: Said) -> float:
        """By the microphone's tape."""
        return self._room.heard(said, level=level_of(said.clip)).end

    def first_sound(self, after: float) -> float:
        """By the speaker's tape."""
        return self._room.speaker.wait_for_sound(after)


class OnTheDevices:
    """The questions come out of the machine's speaker, like the answers; the microphone hears both, and is the tape."""

    def __init__(self, speaker: Speaker, recording: Recording) -> None:
        self._speaker = speaker
        self._recording = recording
        self._level = LOUD

    async def say(self, clip: Clip) -> Said:
        """Through the speaker; what the microphone has heard just before is the room's noise."""
        now = time.monotonic()
        noise, _ = self._recording.between(now - NOISE_SECONDS)
        self._level = max(LOUD, ABOVE_NOISE * int(np.abs(noise.astype(np.int32)).max(initial=0)))
        # The speaker shall be free again by the time the answer is there.
        await self._speaker.play(Clip(clip.samples[: loud_samples(clip)[-1] + 1], clip.rate_hz))
        return Said(clip, now)

    def end_of_speech(self, said: Said) -> float:
        """From the first sound on it lasts as long as the clip does: what comes after is the room's echo."""
        loud = loud_samples(said.clip)
        begin = self._recording.wait_for_sound(said.asked_at, level=self._level)
        return begin + float(loud[-1] - loud[0]) / said.clip.rate_hz

    def first_sound(self, after: float) -> float:
        """As the microphone heard it."""
        return self._recording.wait_for_sound(after, level=self._level)


class RecordedMicrophone:
    """A microphone, and all that it has heard."""

    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone
        self.recording = Recording(SAMPLE_RATE_HZ)

    async def read(self) -> Frame:
        """The microphone's next frame."""
        frame = await self._microphone.read()
        self.recording.append(frame.samples, time.monotonic())
        return frame


def level_of(clip: Clip) -> int:
    """Above it a sample is loud."""
    return max(SPEECH_LEVEL, int(np.abs(clip.samples.astype(np.int32)).max(initial=0)) // SHARE_OF_PEAK)


def loud_samples(clip: Clip) -> npt.NDArray[np.intp]:
    """Which samples are loud."""
    return np.flatnonzero(np.abs(clip.samples.astype(np.int32)) > level_of(clip))
