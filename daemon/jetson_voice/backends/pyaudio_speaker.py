from __future__ import annotations

import logging
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import anyio
import anyio.to_thread
import numpy as np

from jetson_voice import config
from jetson_voice.audio import Clip, Samples, faded_out
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.bell import Bell
from jetson_voice.backends.pyaudio_devices import OpenStream
from jetson_voice.protocols import StageError

SLICE_SECONDS: Final = 0.01
"""An interruption waits for half a slice and for what PortAudio buffers, three of them: silent after 50 ms.

Slices of 20 ms take 85 ms. Slices of 5 ms run dry as soon as another thread computes.
"""

TAIL_SLICES: Final = 3
"""What PortAudio buffers, and drops when a stream is stopped."""

IDLE_SECONDS: Final = 2.0
"""After this long without sound the device is let go."""

PATIENCE_SECONDS: Final = 3.0
"""A clip that takes this much longer than it lasts has met a sound system that does not answer."""

CLOSING_SECONDS: Final = 2.0
NOTHING: Final = Clip(np.zeros(0, np.int16), 22_050)

_log = logging.getLogger(__name__)


class PyAudioSpeaker:
    """A sound card's speaker; its device is open only while there is something to say."""

    def __init__(self, options: config.Speaker, bell: Bell) -> None:
        self._options = options
        self._bell = bell
        self._writer = _Writer(options, bell)
        self._heard_before = 0.0
        self._playback = _Playback(NOTHING)

    @classmethod
    @asynccontextmanager
    async def opened(cls, options: config.Speaker) -> AsyncIterator[PyAudioSpeaker]:
        """Ready at once: a missing speaker is a warning now, an error of `play`. No task group."""
        with Bell.hung_up() as bell:
            speaker = cls(options, bell)
            try:
                await speaker._warn_if_missing()
                yield speaker
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(speaker._writer.close)

    @property
    def position(self) -> float:
        """Seconds of sound heard since the opening, less what the device still holds."""
        return self._heard_before + self._playback.heard_seconds

    async def play(self, clip: Clip) -> None:
        """Ends with the clip's last sample; cancelled, with silence, about 55 ms later."""
        playback = self._playback = _Playback(clip)
        self._writer.play(playback)
        try:
            with anyio.move_on_after(clip.seconds + PATIENCE_SECONDS):
                await self._ended_or_cut(playback)
        finally:
            self._heard_before = self.position
            self._playback = _Playback(NOTHING)
            if not playback.ended.is_set():
                self._writer.leave()
                self._writer = _Writer(self._options, self._bell)
        if not playback.ended.is_set():
            raise StageError("play", "the sound system does not answer")
        if playback.error:
            raise StageError("play", playback.error)

    async def _ended_or_cut(self, playback: _Playback) -> None:
        try:
            await self._ended(playback)
        finally:
            playback.cut.set()
            with anyio.move_on_after(PATIENCE_SECONDS, shield=True):
                await self._ended(playback)

    async def _ended(self, playback: _Playback) -> None:
        while not playback.ended.is_set():
            await self._bell.rung()

    async def _warn_if_missing(self) -> None:
        try:
            await self.play(NOTHING)
        except StageError as error:
            _log.warning("no speaker: %s; trying again with each answer", error.reason)


@dataclass(eq=False)
class _Playback:
    """A clip on its way through the writer, which tells here how far it came."""

    clip: Clip
    cut: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    heard_seconds: float = 0.0
    error: str = ""


class _Writer(threading.Thread):
    """The one thread that touches the device.

    While a sound server hangs it cannot end, and is left behind: it ends when the server goes on or dies,
    and is daemonic for the case that it never does.
    """

    def __init__(self, options: config.Speaker, bell: Bell) -> None:
        super().__init__(name="speaker", daemon=True)
        self._line = _Line(options)
        self._bell = bell
        # `play` waits for one clip before it hands over the next: one clip and the farewell fit.
        self._playbacks: queue.Queue[_Playback | None] = queue.Queue(maxsize=2)
        self.start()

    def play(self, playback: _Playback) -> None:
        """Begin at once."""
        self._playbacks.put_nowait(playback)

    def leave(self) -> None:
        """Let it end when it can."""
        self._playbacks.put_nowait(None)

    def close(self) -> None:
        """Let it end, and wait for that a while."""
        self.leave()
        self.join(CLOSING_SECONDS)
        if self.is_alive():
            _log.warning("the speaker does not close: the sound system does not answer")

    def run(self) -> None:
        while playback := self._next():
            try:
                self._line.play(playback)
            except (OSError, SystemError) as error:  # PyAudio raises either when it loses its device
                playback.error = pyaudio_devices.reason(error)
                self._line.close()
            finally:
                playback.ended.set()
                self._bell.ring()
        self._line.close()

    def _next(self) -> _Playback | None:
        while True:
            try:
                return self._playbacks.get(timeout=IDLE_SECONDS if self._line.is_open else None)
            except queue.Empty:
                self._line.close()


class _Line:
    """The device, open at the rate of what is played, and stopped between two clips."""

    def __init__(self, options: config.Speaker) -> None:
        self._device = options.device
        self._fade_seconds = options.fade_ms / 1000
        self._held = ExitStack()
        self._output: OpenStream | None = None
        self._asked_hz = 0

    @property
    def is_open(self) -> bool:
        return self._output is not None

    def play(self, playback: _Playback) -> None:
        """Ends when the device has played the last sample, or the last one of the fade."""
        output = self._started(playback.clip.rate_hz)
        buffered = output.stream.get_write_available()
        clip = playback.clip.at_rate(output.rate_hz)
        written = times_dry = 0
        while written < len(clip.samples) and not playback.cut.is_set():
            times_dry += written > 2 * buffered and output.stream.get_write_available() >= buffered
            piece = clip.samples[written : written + output.block]
            _write(output, piece)
            written += len(piece)
            playback.heard_seconds = max(0, written - buffered) / output.rate_hz
        rest = clip.samples[written:]
        if written and len(rest):
            fade = faded_out(rest, round(self._fade_seconds * output.rate_hz))
            _write(output, fade)
            written += len(fade)
        # Each sample of silence that fits in has pushed out one of the clip's.
        _write(output, np.zeros(max(buffered, TAIL_SLICES * output.block), np.int16))
        output.stream.stop_stream()
        if times_dry:
            _log.warning("the sound had %d gaps: the machine is too busy", times_dry)
        is_whole = written == len(clip.samples)
        playback.heard_seconds = playback.clip.seconds if is_whole else written / output.rate_hz

    def close(self) -> None:
        self._output = None
        self._held.close()

    def _started(self, rate_hz: int) -> OpenStream:
        if self._output and self._asked_hz == rate_hz:
            # A device that was lost while nothing played tells so only now, and may be back.
            with suppress(OSError):
                self._output.stream.start_stream()
                return self._output
        self.close()
        opened = pyaudio_devices.opened(self._device, "speaker", rate_hz, SLICE_SECONDS)
        self._output = self._held.enter_context(opened)
        self._asked_hz = rate_hz
        self._output.stream.start_stream()
        return self._output


def _write(output: OpenStream, samples: Samples) -> None:
    output.stream.write(samples.tobytes(), exception_on_underflow=False)
