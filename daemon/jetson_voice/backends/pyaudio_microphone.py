from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import anyio
import anyio.lowlevel
import anyio.to_thread
import numpy as np
import soxr

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame, Samples
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.bell import Bell
from jetson_voice.backends.pyaudio_devices import OpenStream, Rescan

FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE_HZ
FIRST_RETRY_SECONDS: Final = 0.5
LAST_RETRY_SECONDS: Final = 10.0
CLOSING_SECONDS: Final = 2.0
SILENT_SECONDS: Final = 3.0
"""A microphone that gives nothing for so long hangs: it has neither an error nor an end."""

_log = logging.getLogger(__name__)


class PyAudioMicrophone:
    """A sound card's microphone, opened again for as long as it takes whenever it is lost."""

    def __init__(self, pump: _Pump, bell: Bell) -> None:
        self._pump = pump
        self._bell = bell

    @classmethod
    @asynccontextmanager
    async def opened(cls, options: config.Microphone) -> AsyncIterator[PyAudioMicrophone]:
        """Ready once the device gives sound, however long that takes; holds no task group."""
        with Bell.hung_up() as bell:
            pump = _Pump(options, bell)
            pump.start()
            try:
                while not pump.has_opened.is_set():
                    await bell.rung()
                yield cls(pump, bell)
            finally:
                await _stopped(pump)

    async def read(self) -> Frame:
        """The next frame; its time counts the frames that were dropped before it, too."""
        await anyio.lowlevel.checkpoint()
        while (frame := self._pump.frames.take()) is None:
            with anyio.move_on_after(SILENT_SECONDS) as patience:
                await self._bell.rung()
            if patience.cancelled_caught:
                self._pump.report_hang()
        return frame

    @property
    def frames_dropped(self) -> int:
        """How many frames nobody read in time."""
        return self._pump.frames.dropped


async def _stopped(pump: _Pump) -> None:
    pump.stopping.set()
    with anyio.CancelScope(shield=True):
        await anyio.to_thread.run_sync(pump.join, CLOSING_SECONDS)
    if pump.is_alive():
        _log.warning("the microphone does not close: the sound system does not answer")


class FrameBuffer:
    """Frames on their way to the reader; when it is full the oldest goes, and is counted."""

    def __init__(self, seconds: float) -> None:
        self._frames: deque[Frame] = deque(maxlen=max(1, round(seconds / FRAME_SECONDS)))
        self._lock = threading.Lock()
        self._count = 0
        self.dropped = 0

    def put(self, samples: Samples) -> None:
        """Add the next FRAME_SAMPLES."""
        with self._lock:
            if len(self._frames) == self._frames.maxlen:
                self.dropped += 1
            self._frames.append(Frame(self._count * FRAME_SAMPLES / SAMPLE_RATE_HZ, samples))
            self._count += 1

    def take(self) -> Frame | None:
        """The oldest one, if there is one."""
        with self._lock:
            return self._frames.popleft() if self._frames else None


class Framing:
    """Cuts sound of any rate into pieces of FRAME_SAMPLES at 16 kHz: none lost, none invented."""

    def __init__(self, rate_hz: int) -> None:
        self._resampling = (
            None if rate_hz == SAMPLE_RATE_HZ else soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="int16")
        )
        self._rest: Samples = np.zeros(0, np.int16)

    def pieces(self, samples: Samples) -> Iterator[Samples]:
        """All the pieces that are complete with these samples."""
        if self._resampling:
            samples = self._resampling.resample_chunk(samples)
        self._rest = np.concatenate([self._rest, samples])
        while len(self._rest) >= FRAME_SAMPLES:
            piece, self._rest = self._rest[:FRAME_SAMPLES], self._rest[FRAME_SAMPLES:]
            yield piece


class _Pump(threading.Thread):
    """The one thread that touches the device; daemonic, for a hung sound server never lets go."""

    def __init__(self, options: config.Microphone, bell: Bell) -> None:
        super().__init__(name="microphone", daemon=True)
        self.frames = FrameBuffer(options.buffer_seconds)
        self.has_opened = threading.Event()
        self.stopping = threading.Event()
        self._device = options.device
        self._bell = bell
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._is_lost = False
        self._dropped_before = 0
        self._is_dropping = False

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._capture_until_rescan()
            except (OSError, SystemError) as error:  # PyAudio raises either when it loses its device
                self._report_loss(pyaudio_devices.reason(error))
                self.stopping.wait(self._retry_seconds)
                self._retry_seconds = min(2 * self._retry_seconds, LAST_RETRY_SECONDS)

    def _capture_until_rescan(self) -> None:
        rescans = Rescan.wished()
        with pyaudio_devices.opened(self._device, "microphone", SAMPLE_RATE_HZ, FRAME_SECONDS) as capture:
            framing = Framing(capture.rate_hz)
            while not self.stopping.is_set() and Rescan.wished() == rescans:
                samples = _read(capture)
                self._report_sound(capture)
                for piece in framing.pieces(samples):
                    self.frames.put(piece)
                self._bell.ring()
                self._report_drops()

    def _report_loss(self, reason: str) -> None:
        if not self._is_lost:
            _log.warning("no microphone: %s; trying again", reason)
        self._is_lost = True

    def report_hang(self) -> None:
        """Say once that the device is open and gives no sound."""
        if not self._is_lost:
            self._report_loss(f"no sound for {SILENT_SECONDS:g} s")

    def _report_drops(self) -> None:
        """Say that sound is lost, when it begins: the reader has fallen behind by the whole buffer."""
        dropped, before = self.frames.dropped, self._dropped_before
        if dropped > before and not self._is_dropping:
            _log.warning("sound is dropped: the daemon is too busy (microphone.buffer_seconds)")
        self._is_dropping = dropped > before
        self._dropped_before = dropped

    def _report_sound(self, capture: OpenStream) -> None:
        if self._is_lost or not self.has_opened.is_set():
            _log.info("microphone: %s at %d Hz", capture.device.name, capture.rate_hz)
        self._is_lost = False
        self._retry_seconds = FIRST_RETRY_SECONDS
        self.has_opened.set()


def _read(capture: OpenStream) -> Samples:
    # PortAudio closes a stream that raises, and PyAudio would raise for an overflow.
    sound = capture.stream.read(capture.block, exception_on_overflow=False)
    return np.frombuffer(sound, np.int16)
