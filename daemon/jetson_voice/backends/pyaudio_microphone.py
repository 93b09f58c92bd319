from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import anyio
import anyio.lowlevel
import anyio.to_thread
import numpy as np

from jetson_voice import config
from jetson_voice.audio import SAMPLE_RATE_HZ, Frame
from jetson_voice.backends import pyaudio_capture
from jetson_voice.backends.bell import Bell
from jetson_voice.backends.capture_messages import Found, Lost, Message, Sound, Unpacking
from jetson_voice.backends.framing import FrameBuffer, Framing
from jetson_voice.notices import notice

FIRST_RETRY_SECONDS: Final = 0.5
LAST_RETRY_SECONDS: Final = 5.0
OPENING_SECONDS: Final = 10.0
"""So long may Python and PortAudio take to open a device while the models load."""

SILENT_SECONDS: Final = 2.0
"""A microphone that gives nothing for so long hangs: it has neither an error nor an end."""

KILLING_SECONDS: Final = 2.0
CHUNK_BYTES: Final = 1 << 16
"""What a pipe holds."""

_log = logging.getLogger(__name__)


class PyAudioMicrophone:
    """A sound card's microphone, captured in a process of its own and opened again whenever it is lost."""

    def __init__(self, pump: _Pump, bell: Bell) -> None:
        self._pump = pump
        self._bell = bell

    @classmethod
    @asynccontextmanager
    async def opened(cls, options: config.Microphone) -> AsyncIterator[PyAudioMicrophone]:
        """Ready at once: the device is waited for by `read`. Holds no task group."""
        with Bell.hung_up() as bell:
            pump = _Pump(options, bell)
            pump.start()
            try:
                yield cls(pump, bell)
            finally:
                pump.stop()
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(pump.join)

    async def read(self) -> Frame:
        """The next frame, when there is a device; its time counts the frames that were dropped before it, too."""
        if not self._pump.frames.is_empty:
            await anyio.lowlevel.checkpoint()
        while (frame := self._pump.frames.take()) is None:
            await self._bell.rung()
        return frame

    @property
    def frames_dropped(self) -> int:
        """How many frames nobody read in time."""
        return self._pump.frames.dropped

    @property
    def lost_because(self) -> str:
        """Why nothing is heard now; empty while there is sound, and before it is known."""
        return self._pump.lost_because


class _Pump(threading.Thread):
    """Starts the process, passes on what it hears, kills it when it hangs; waits for it with a limit only."""

    def __init__(self, options: config.Microphone, bell: Bell) -> None:
        super().__init__(name="microphone", daemon=True)
        self.frames = FrameBuffer(options.buffer_seconds)
        self.lost_because = ""
        self._options = options
        self._bell = bell
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_found = False
        self._retry_seconds = FIRST_RETRY_SECONDS
        self._dropped_before = 0
        self._is_dropping = False

    def stop(self) -> None:
        """Let it end, now; from any thread."""
        self._stopping.set()
        # Started later than this, it is killed by the one who started it.
        if self._process:
            self._process.kill()

    def run(self) -> None:
        while not self._stopping.is_set():
            reason = self._capture()
            if not self._stopping.is_set():
                self._report_loss(reason)
                self._stopping.wait(self._retry_seconds)
                self._retry_seconds = min(2 * self._retry_seconds, LAST_RETRY_SECONDS)

    def _capture(self) -> str:
        """Pass on the sound of one process; why it ended."""
        try:
            with _started(self._options.device) as (self._process, pipe):
                return "" if self._stopping.is_set() else self._pass_on(_messages(pipe))
        except OSError as error:
            return f"its process does not start: {error.strerror}"

    def _pass_on(self, messages: Iterator[Message]) -> str:
        device, framing = Found("", SAMPLE_RATE_HZ), Framing(SAMPLE_RATE_HZ)
        for message in messages:
            match message:
                case Found():
                    device, framing = message, Framing(message.rate_hz)
                case Sound():
                    self._report_sound(device)
                    self._hear(message, framing)
                case Lost(reason):
                    return reason
        return "its process ended"

    def _hear(self, sound: Sound, framing: Framing) -> None:
        if time.monotonic() - sound.captured_at > self._options.buffer_seconds:
            # The daemon or the sound server stood still, and nobody waits for an answer to this any more.
            self.frames.skip()
        else:
            for piece in framing.pieces(np.frombuffer(sound.pcm, np.int16)):
                self.frames.put(piece)
        self._bell.ring()
        self._report_drops()

    def _report_sound(self, device: Found) -> None:
        if not self._is_found:
            self._is_found, self.lost_because = True, ""
            self._retry_seconds = FIRST_RETRY_SECONDS
            text = f"microphone: {device.device} at {device.rate_hz} Hz"
            notice("microphone_found", text, device=device.device)

    def _report_loss(self, reason: str) -> None:
        if self._is_found or not self.lost_because:
            self._is_found, self.lost_because = False, reason
            notice("microphone_lost", f"no microphone: {reason}; trying again", level=logging.WARNING, reason=reason)

    def _report_drops(self) -> None:
        """Say that sound is lost, when it begins: the reader has fallen behind by the whole buffer."""
        dropped, before = self.frames.dropped, self._dropped_before
        if dropped > before and not self._is_dropping:
            _log.warning("sound is dropped: the daemon is too busy (microphone.buffer_seconds)")
        self._is_dropping = dropped > before
        self._dropped_before = dropped


@contextmanager
def _started(device: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process that captures, and the pipe with what it tells; killed on exit, wherever it hangs. OSError."""
    command = [sys.executable, "-m", pyaudio_capture.__name__, str(os.getpid()), device]
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb"):
        try:
            # In a session of its own a terminal's Ctrl-C does not meet it while Python starts.
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, start_new_session=True)
        finally:
            os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            _wait_for_end(process)


def _wait_for_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(KILLING_SECONDS)
    except subprocess.TimeoutExpired:
        # Python removes it from the table of processes when it starts another one.
        _log.warning("the microphone's process %d cannot be killed: its driver hangs", process.pid)


def _messages(pipe: int) -> Iterator[Message]:
    """What it tells, and Lost when it tells nothing for too long, or ends."""
    news = select.poll()
    news.register(pipe, select.POLLIN)
    unpacking, patience_seconds = Unpacking(), OPENING_SECONDS
    while news.poll(patience_seconds * 1000):
        chunk = os.read(pipe, CHUNK_BYTES)
        if not chunk:
            yield Lost("its process ended")
            return
        yield from unpacking.messages(chunk)
        patience_seconds = SILENT_SECONDS
    yield Lost(f"no sound for {patience_seconds:g} s")
