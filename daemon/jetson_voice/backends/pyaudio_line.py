"""The speaker's device, and when each of its samples is heard. For the one thread that touches it."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jetson_voice import config
from jetson_voice.audio import Clip, Samples, faded_out
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.pyaudio_devices import OpenStream
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import DUCKED_GAIN

SLICE_SECONDS: Final = 0.01
"""An interruption waits for half a slice and for what PortAudio buffers, three of them: silent after 50 ms.

Slices of 20 ms take 85 ms. Slices of 5 ms run dry as soon as another thread computes.
"""

TAIL_SLICES: Final = 3
"""What PortAudio buffers, and drops when a stream is stopped."""

IDLE_SECONDS: Final = 2.0
"""After this long without sound the device is let go; until then it plays silence: its clock goes on, and with it
what is known of the echo's delay."""

SLIP_SECONDS: Final = 0.02
"""When the device is so much later than it was, it had a gap."""

SLIPS_SEEN_IN: Final = 16
"""Writes. The writer's own delays are over by then."""


@dataclass(eq=False)
class Playback:
    """A clip on its way through the writer, which tells here how far it came."""

    clip: Clip
    cut: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    heard_seconds: float = 0.0
    error: str = ""


class SpeakerLine:
    """The device, open at the rate of what is played; between two clips it plays silence, for a while.

    While `is_soft` is set it plays softly, from the next slice on.
    """

    def __init__(self, options: config.Speaker, reference: Reference, is_soft: threading.Event) -> None:
        self._device = options.device
        self._fade_seconds = options.fade_ms / 1000
        self._reference = reference
        self._held = ExitStack()
        self._output: Output | None = None
        self._rested_seconds = 0.0
        self._is_soft = is_soft
        self._gain = 1.0

    @property
    def is_open(self) -> bool:
        """Whether the device is held."""
        return self._output is not None

    def play(self, playback: Playback) -> None:
        """Ends when the device has played the last sample that is not silent, or the last one of the fade."""
        self._rested_seconds = 0.0
        output = self._started(playback.clip.rate_hz)
        clip = playback.clip.at_rate(output.rate_hz)
        playing = self._reference.plays(playback.clip, output.next_heard_at)
        written, known_gain = 0, 1.0
        while written < len(clip.samples) and not playback.cut.is_set():
            piece = clip.samples[written : written + output.block]
            gain = DUCKED_GAIN if self._is_soft.is_set() else 1.0
            if gain != known_gain:
                playing.at_gain(written / output.rate_hz, gain)
                known_gain = gain
            if output.write(scaled(piece, self._gain, gain)):
                playing = playing.slips(written / output.rate_hz, output.next_heard_at - len(piece) / output.rate_hz)
                known_gain = 1.0
            self._gain = gain
            written += len(piece)
            playback.heard_seconds = max(0, written - output.buffered) / output.rate_hz
        rest = clip.samples[written:]
        if written and len(rest):
            fade = scaled(faded_out(rest, round(self._fade_seconds * output.rate_hz)), self._gain, self._gain)
            output.write(fade)
            written += len(fade)
        if len(rest):
            playing.cut(written / output.rate_hz)
        # Each sample of silence that fits in has pushed out one of the clip's.
        output.write_silence(max(0, output.buffered - silence_at_end(clip.samples[:written])))
        is_whole = written == len(clip.samples)
        playback.heard_seconds = playback.clip.seconds if is_whole else written / output.rate_hz

    def rest(self) -> None:
        """Play a little silence; the device is let go when there was enough of it."""
        if self._output:
            self._output.write_silence(self._output.block)
            self._rested_seconds += SLICE_SECONDS
            if self._rested_seconds >= IDLE_SECONDS:
                self.close()

    def close(self) -> None:
        """Let the device go."""
        self._output = None
        self._held.close()

    def _started(self, rate_hz: int) -> Output:
        if self._output and self._output.asked_hz == rate_hz:
            return self._output
        self.close()
        opened = self._held.enter_context(pyaudio_devices.opened(self._device, "speaker", rate_hz, SLICE_SECONDS))
        self._output = Output(opened, rate_hz, self._reference)
        return self._output


class Output:
    """A stream that runs, and when each sample of it is heard: the device takes one after the other, by its clock."""

    def __init__(self, opened: OpenStream, asked_hz: int, reference: Reference) -> None:
        self.asked_hz = asked_hz
        self.rate_hz = opened.rate_hz
        self.block = opened.block
        self._stream = opened.stream
        self._reference = reference
        self._written = 0
        self._began_at = 0.0
        self._late: deque[float] = deque(maxlen=SLIPS_SEEN_IN)
        self._stream.start_stream()
        self.buffered = max(self._stream.get_write_available(), TAIL_SLICES * self.block)
        self._reference.begin_stretch()

    @property
    def next_heard_at(self) -> float:
        """When the next sample that is written will be heard, in seconds of time.monotonic()."""
        if not self._written:
            self._began_at = time.monotonic()
        return self._began_at + self._written / self.rate_hz

    def write(self, samples: Samples) -> bool:
        """Wait until the device has taken the samples; whether it had a gap, after which they are heard later."""
        self._stream.write(samples.tobytes(), exception_on_underflow=False)
        self._written += len(samples)
        taken = self._written - self.buffered
        if taken > 0:
            self._late.append(time.monotonic() - self._began_at - taken / self.rate_hz)
        has_slipped = len(self._late) == SLIPS_SEEN_IN and min(self._late) > SLIP_SECONDS
        if has_slipped:
            self._began_at += min(self._late)
            self._late.clear()
        return has_slipped

    def write_silence(self, count: int) -> None:
        """So many samples of silence."""
        if self.write(np.zeros(count, np.int16)):
            self._reference.begin_stretch()


def scaled(samples: Samples, before: float, after: float) -> Samples:
    """The samples, a slice of them, at a gain that goes evenly from the one to the other."""
    if before == after == 1.0:
        return samples
    return (samples * np.linspace(before, after, len(samples), dtype=np.float32)).astype(np.int16)


def silence_at_end(samples: Samples) -> int:
    """How many samples at the end are silent."""
    loud = np.flatnonzero(samples)
    return len(samples) - (int(loud[-1]) + 1 if len(loud) else 0)
