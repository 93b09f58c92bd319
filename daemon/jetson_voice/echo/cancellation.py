"""The echo taken out of one frame after the other: measured, aligned, cancelled. No clock, no microphone.

It is at work only while something plays, or has just played. Then the last half second is compared with the reference
every now and then (delay.py), the alignment follows what is measured, and the canceller is given the reference as it
would sound in the microphone if there were no room, no delay and one clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

import numpy as np

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Echo, Frame, joined
from jetson_voice.echo.alignment import Alignment, Measured
from jetson_voice.echo.audio_clock import AudioClock
from jetson_voice.echo.canceller import BLOCK_SAMPLES, MARGIN_SECONDS, Cancelled, Canceller
from jetson_voice.echo.delay import REFERENCE_SAMPLES, WINDOW_SAMPLES, lag_of
from jetson_voice.echo.playback import LONGEST_DELAY_SECONDS, WORDS_AFTER_SECONDS, WORDS_BEFORE_SECONDS, may_be_heard
from jetson_voice.echo.reference import Reference
from jetson_voice.echo.remainder import Remainder

RECENT_FRAMES: Final = WINDOW_SAMPLES // FRAME_SAMPLES + 1
FRAMES_BETWEEN_MEASUREMENTS: Final = 3
"""While the delay is known; every frame while it is not."""

JUMP_SECONDS: Final = 0.2
"""When audio time and the runtime's clock come apart by this much, the microphone is another one, or stood still. A
smaller jump is only a delay that has changed, and is measured as such: a busy machine alone makes jumps of 40 ms."""

SLEWS: Final = 500e-6
"""A small correction of the alignment is spread over time, half a millisecond a second: the filter follows it."""

STEPS_FROM_SECONDS: Final = 250e-6
WARM_SECONDS: Final = 3.0
"""So much played sound must be heard until the canceller knows the room (research figure: 12 dB after 2 to 3 s)."""

AUDIBLE: Final = 30.0
"""The root mean square of a played frame that teaches the canceller something: -60 dBFS."""


class Cancellation:
    """Takes the reference out of the frames, which follow each other; kept for the life of the daemon."""

    def __init__(self, reference: Reference, canceller: Canceller) -> None:
        self._reference = reference
        self._canceller = canceller
        self._clock = AudioClock()
        self._recent: deque[Frame] = deque(maxlen=RECENT_FRAMES)
        self._stretch: int | None = None
        self._offset = 0.0
        self._alignment = Alignment()
        self._applied = 0.0
        self._is_cancelling = False
        self._unmeasured = 0
        self._taught_seconds = 0.0
        self._remainder = Remainder()

    @property
    def alignment(self) -> Alignment:
        """The echo's delay, as it is known."""
        return self._alignment

    def heard(self, frame: Frame, now: float) -> Frame:
        """The frame, which came at this time of the runtime's clock, without the echo; itself while nothing plays."""
        self._clock.read(frame.ends_at, now)
        self._recent.append(frame)
        offset = self._clock.offset
        if not may_be_heard(self._reference, frame.at + offset, frame.ends_at + offset):
            self._is_cancelling = False
            return frame
        self._follow(frame)
        own_words = self._own_words(frame)
        if not self._alignment.is_locked:
            self._is_cancelling = False
            return replace(frame, echo=Echo.RAW, own_words=own_words)
        cancelled = self._without_echo(frame)
        self._remainder.after(frame.samples, cancelled.person)
        return replace(frame, samples=cancelled.sound, echo=self._echo, own_words=own_words)

    @property
    def _echo(self) -> Echo:
        """What is left of the echo, as far as that can be told."""
        if self._taught_seconds < WARM_SECONDS:
            return Echo.RAW
        return Echo.CANCELLED if self._remainder.is_somebody else Echo.ALONE

    def _follow(self, frame: Frame) -> None:
        """Measure the delay when it is time to."""
        offset = self._clock.offset
        stretch = self._reference.stretch(frame.at + offset - LONGEST_DELAY_SECONDS, frame.ends_at + offset)
        has_jumped = abs(offset - self._offset) > JUMP_SECONDS
        if has_jumped or (stretch is not None and stretch != self._stretch):
            self._stretch, self._offset = stretch, offset
            self._alignment = self._alignment.new_stretch(frame.at)
        self._unmeasured += 1
        is_due = not self._alignment.is_locked or self._unmeasured >= FRAMES_BETWEEN_MEASUREMENTS
        if is_due and len(self._recent) == RECENT_FRAMES:
            self._unmeasured = 0
            self._measure()

    def _measure(self) -> None:
        line = self._alignment
        heard = joined(self._recent).samples[-WINDOW_SAMPLES:].astype(np.float32)
        begin = self._recent[-1].ends_at - WINDOW_SAMPLES / SAMPLE_RATE_HZ
        middle = begin + WINDOW_SAMPLES / SAMPLE_RATE_HZ / 2
        earliest = begin + line.delay_at(middle) - LONGEST_DELAY_SECONDS
        played = self._reference.between(
            earliest + self._offset - line.delay_at(earliest),
            REFERENCE_SAMPLES,
            step=(1 - line.drift) / SAMPLE_RATE_HZ,
        )
        lag = lag_of(heard, played)
        if lag is not None:
            same = earliest + lag / SAMPLE_RATE_HZ
            delay = begin - same + line.delay_at(same) + line.drift * (middle - begin)
            self._alignment = line.after(Measured(middle, delay))

    def _own_words(self, frame: Frame) -> frozenset[str]:
        """The wake phrases and stop words that the assistant says, or has just said."""
        delay, unsure = self._alignment.delay_at(frame.at), 0.0
        if not self._alignment.is_locked:
            delay, unsure = 0.0, LONGEST_DELAY_SECONDS
        shift = self._offset - delay
        return self._reference.says(
            frame.at + shift - WORDS_AFTER_SECONDS - unsure, frame.ends_at + shift + WORDS_BEFORE_SECONDS
        )

    def _without_echo(self, frame: Frame) -> Cancelled:
        if not self._is_cancelling:
            self._begin()
        return self._cancelled(frame)

    def _begin(self) -> None:
        """Give the canceller what came just before, so that it goes on from it and not from the last answer's end."""
        self._is_cancelling = True
        self._applied = self._alignment.delay_at(self._recent[0].at)
        before = list(self._recent)[:-1]
        self._remainder.begin([(frame.samples, self._cancelled(frame).person) for frame in before])

    def _cancelled(self, frame: Frame) -> Cancelled:
        before, self._applied = self._applied, self._next_delay(frame)
        played = self._reference.between(
            frame.at + MARGIN_SECONDS + self._offset - before,
            FRAME_SAMPLES,
            step=(frame.seconds - (self._applied - before)) / FRAME_SAMPLES,
        )
        if float(np.sqrt(np.mean(np.square(played)))) > AUDIBLE:
            self._taught_seconds += frame.seconds
        reference = np.clip(np.rint(played), -32_768, 32_767).astype(np.int16)
        blocks = [
            self._canceller.cancelled(frame.samples[at : at + BLOCK_SAMPLES], reference[at : at + BLOCK_SAMPLES])
            for at in range(0, FRAME_SAMPLES, BLOCK_SAMPLES)
        ]
        return Cancelled(
            np.concatenate([block.sound for block in blocks]), np.concatenate([block.person for block in blocks])
        )

    def _next_delay(self, frame: Frame) -> float:
        """The delay at the end of the frame: what the line says, or some way towards that."""
        wanted = self._alignment.delay_at(frame.ends_at)
        expected = self._applied + self._alignment.drift * frame.seconds
        off = wanted - expected
        if abs(off) > STEPS_FROM_SECONDS:
            return wanted
        most = SLEWS * frame.seconds
        return expected + min(most, max(-most, off))
