from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio
import anyio.to_thread
import numpy as np

from jetson_voice import config
from jetson_voice.audio import Clip
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.bell import Bell
from jetson_voice.backends.pyaudio_line import Playback, SpeakerLine
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import StageError

PATIENCE_SECONDS: Final = 3.0
"""A clip that takes this much longer than it lasts has met a sound system that does not answer."""

NICE: Final = -10
"""The priority of the thread that plays; the systemd unit allows it."""

CLOSING_SECONDS: Final = 2.0
NOTHING: Final = Clip(np.zeros(0, np.int16), 22_050)

_log = logging.getLogger(__name__)


class PyAudioSpeaker:
    """A sound card's speaker; its device is open only while there is something to say, and shortly after."""

    def __init__(self, options: config.Speaker, bell: Bell, reference: Reference) -> None:
        self._options = options
        self._bell = bell
        self._reference = reference
        self._is_soft = threading.Event()
        self._writer = self._new_writer()
        self._heard_before = 0.0
        self._playback = Playback(NOTHING)

    @classmethod
    @asynccontextmanager
    async def opened(cls, options: config.Speaker, reference: Reference | None = None) -> AsyncIterator[PyAudioSpeaker]:
        """Ready at once: a missing speaker is a warning now, an error of `play`. No task group."""
        with Bell.hung_up() as bell:
            speaker = cls(options, bell, reference or Reference())
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

    def duck(self, *, is_soft: bool) -> None:
        """Softer, or as before, from the next slice on."""
        if is_soft:
            self._is_soft.set()
        else:
            self._is_soft.clear()

    async def play(self, clip: Clip) -> None:
        """Ends with the clip's last sample; cancelled, with silence, about 55 ms later."""
        playback = self._playback = Playback(clip)
        self._writer.play(playback)
        try:
            with anyio.move_on_after(clip.seconds + PATIENCE_SECONDS):
                await self._ended_or_cut(playback)
        finally:
            self._heard_before = self.position
            self._playback = Playback(NOTHING)
            if not playback.ended.is_set():
                self._writer.leave()
                self._writer = self._new_writer()
        if not playback.ended.is_set():
            raise StageError("play", "the sound system does not answer")
        if playback.error:
            raise StageError("play", playback.error)

    def _new_writer(self) -> _Writer:
        return _Writer(SpeakerLine(self._options, self._reference, self._is_soft), self._bell)

    async def _ended_or_cut(self, playback: Playback) -> None:
        try:
            await self._ended(playback)
        finally:
            playback.cut.set()
            with anyio.move_on_after(PATIENCE_SECONDS, shield=True):
                await self._ended(playback)

    async def _ended(self, playback: Playback) -> None:
        while not playback.ended.is_set():
            await self._bell.rung()

    async def _warn_if_missing(self) -> None:
        try:
            await self.play(NOTHING)
        except StageError as error:
            _log.warning("no speaker: %s; trying again with each answer", error.reason)


class _Writer(threading.Thread):
    """The one thread that touches the device.

    While a sound server hangs it cannot end, and is left behind: it ends when the server goes on or dies,
    and is daemonic for the case that it never does.
    """

    def __init__(self, line: SpeakerLine, bell: Bell) -> None:
        super().__init__(name="speaker", daemon=True)
        self._line = line
        self._bell = bell
        # `play` waits for one clip before it hands over the next: one clip and the farewell fit.
        self._playbacks: queue.Queue[Playback | None] = queue.Queue(maxsize=2)
        self.start()

    def play(self, playback: Playback) -> None:
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
        # Half of what PortAudio buffers is 15 ms: on a busy machine it would have gaps. Not every system allows it.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
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

    def _next(self) -> Playback | None:
        while self._line.is_open and self._playbacks.empty():
            try:
                self._line.rest()
            except (OSError, SystemError):
                # A device that is lost while nothing plays may be back by the next clip.
                self._line.close()
        return self._playbacks.get()
