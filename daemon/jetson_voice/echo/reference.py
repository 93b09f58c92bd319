"""What the speaker played, and when: the reference by which an echo is known."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, Samples, Span, at_gain_from
from jetson_voice.echo.interpolation import Sound, interpolated

KEPT_SECONDS: Final = 4.0
"""An echo comes back within half a second, and a late reader of the microphone is seconds behind."""

MOST_PIECES: Final = 256
"""Of clips within that time; when there are more, the oldest is forgotten."""


class Reference:
    """All that was played lately, on one line of time: the runtime's clock, in seconds. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: deque[_Piece] = deque(maxlen=MOST_PIECES)
        self._stretch = 0

    def begin_stretch(self) -> None:
        """From here on the times are stamped anew: the device was started, or had a gap."""
        with self._lock:
            self._stretch += 1

    def plays(self, clip: Clip, at: float, *, skipped_seconds: float = 0.0) -> Playing:
        """The clip is heard from this time on, to its end unless it is cut; it may lack so much of its beginning."""
        samples = clip.at_rate(SAMPLE_RATE_HZ).samples
        with self._lock:
            piece = _Piece(at, samples, clip.says, self._stretch, samples)
            while self._pieces and self._pieces[0].end < at - KEPT_SECONDS:
                self._pieces.popleft()
            self._pieces.append(piece)
        return Playing(self, piece, skipped_seconds=skipped_seconds)

    def between(self, begin: float, count: int, *, step: float = 1 / SAMPLE_RATE_HZ) -> Sound:
        """So many samples from this time on, `step` seconds apart; silence where nothing was played."""
        sound = np.zeros(count, np.float32)
        for piece in self._within(begin, begin + count * step):
            first = (begin - piece.begin) * SAMPLE_RATE_HZ
            sound += interpolated(piece.samples, first, step * SAMPLE_RATE_HZ, count)
        return sound

    def is_silent(self, begin: float, end: float) -> bool:
        """Whether nothing was heard of it between two times."""
        return not any(piece.sounds(begin, end) for piece in self._within(begin, end))

    def stretch(self, begin: float, end: float) -> int | None:
        """The number of the last stretch that is heard between two times; None when none is."""
        return max((piece.stretch for piece in self._within(begin, end)), default=None)

    def says(self, begin: float, end: float) -> frozenset[str]:
        """The wake phrases and stop words that are said in it between two times."""
        return frozenset(
            span.phrase
            for piece in self._within(begin, end)
            for span in piece.says
            if piece.begin + span.begin < min(end, piece.end) and begin < min(piece.end, piece.begin + span.end)
        )

    def cut(self, piece: _Piece, seconds: float) -> None:
        """No more than this was heard of the piece."""
        with self._lock:
            piece.samples = piece.samples[: max(0, round(seconds * SAMPLE_RATE_HZ))]

    def scale(self, piece: _Piece, seconds: float, gain: float) -> None:
        """From there on the piece is heard at this gain."""
        with self._lock:
            first = max(0, round(seconds * SAMPLE_RATE_HZ))
            piece.samples = at_gain_from(first, piece.samples, piece.original, gain, SAMPLE_RATE_HZ)

    def _within(self, begin: float, end: float) -> list[_Piece]:
        with self._lock:
            return [piece.copy() for piece in self._pieces if piece.begin < end and piece.end > begin]


class Playing:
    """A clip that is being heard; seconds are those of the clip."""

    def __init__(self, reference: Reference, piece: _Piece, *, skipped_seconds: float = 0.0) -> None:
        self._reference = reference
        self._piece = piece
        self._skipped_seconds = skipped_seconds

    def cut(self, seconds: float) -> None:
        """Only so many seconds of it are heard."""
        self._reference.cut(self._piece, seconds - self._skipped_seconds)

    def at_gain(self, seconds: float, gain: float) -> None:
        """What comes after these seconds of it is heard at this gain."""
        self._reference.scale(self._piece, seconds - self._skipped_seconds, gain)

    def slips(self, seconds: float, at: float) -> Playing:
        """The device had a gap: what comes after the first `seconds` is heard from `at` on, in a new stretch."""
        here = seconds - self._skipped_seconds
        rest = Clip(
            self._piece.original[max(0, round(here * SAMPLE_RATE_HZ)) :],
            SAMPLE_RATE_HZ,
            tuple(Span(span.phrase, span.begin - here, span.end - here) for span in self._piece.says),
        )
        self.cut(seconds)
        self._reference.begin_stretch()
        return self._reference.plays(rest, at, skipped_seconds=seconds)


@dataclass(eq=False)
class _Piece:
    begin: float
    samples: Samples
    says: tuple[Span, ...]
    stretch: int
    original: Samples
    """As the clip is, at full volume."""

    @property
    def end(self) -> float:
        return self.begin + len(self.samples) / SAMPLE_RATE_HZ

    def copy(self) -> _Piece:
        return _Piece(self.begin, self.samples, self.says, self.stretch, self.original)

    def sounds(self, begin: float, end: float) -> bool:
        first = max(0, round((begin - self.begin) * SAMPLE_RATE_HZ))
        last = max(0, round((end - self.begin) * SAMPLE_RATE_HZ))
        return bool(self.samples[first:last].any())
