"""Microphones that know of the assistant's own voice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from anyio import current_time

from jetson_voice.audio import Echo, Frame
from jetson_voice.echo.alignment import Alignment
from jetson_voice.echo.audio_clock import AudioClock
from jetson_voice.echo.cancellation import Cancellation
from jetson_voice.echo.canceller import Canceller
from jetson_voice.echo.playback import (
    LONGEST_DELAY_SECONDS,
    WORDS_AFTER_SECONDS,
    WORDS_BEFORE_SECONDS,
    may_be_heard,
)
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import Microphone


class EchoCancelled:
    """A microphone from which the assistant's own voice is taken out, on the spot; its frames tell how well."""

    def __init__(
        self,
        microphone: Microphone,
        reference: Reference,
        canceller: Canceller,
        *,
        now: Callable[[], float] = current_time,
    ) -> None:
        self._microphone = microphone
        self._cancellation = Cancellation(reference, canceller)
        self._now = now

    @property
    def alignment(self) -> Alignment:
        """The echo's delay, as it is known."""
        return self._cancellation.alignment

    async def read(self) -> Frame:
        """The next frame without the echo; while nothing plays the microphone's own."""
        # Nothing is waited for from here on: a cancelled reader must lose no frame.
        return self._cancellation.heard(await self._microphone.read(), self._now())


class Annotated:
    """A microphone as it is; its frames tell that something plays, and which own words are in it."""

    def __init__(
        self, microphone: Microphone, reference: Reference, echo: Echo, *, now: Callable[[], float] = current_time
    ) -> None:
        self._microphone = microphone
        self._reference = reference
        self._echo = echo
        self._now = now
        self._clock = AudioClock()

    async def read(self) -> Frame:
        """The next frame, with `echo` while something plays; while nothing plays the microphone's own."""
        frame = await self._microphone.read()
        self._clock.read(frame.ends_at, self._now())
        begin, end = frame.at + self._clock.offset, frame.ends_at + self._clock.offset
        if not may_be_heard(self._reference, begin, end):
            return frame
        own_words = self._reference.says(
            begin - LONGEST_DELAY_SECONDS - WORDS_AFTER_SECONDS, end + WORDS_BEFORE_SECONDS
        )
        return replace(frame, echo=self._echo, own_words=own_words)
