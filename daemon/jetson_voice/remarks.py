"""What somebody says while the assistant speaks, if it is as short as a stop word. No clock, no model."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

from jetson_voice.audio import Clip, Frame, joined
from jetson_voice.command import Command
from jetson_voice.protocols import Wake

LEAST_SPEECH_FRAMES: Final = 2
MOST_FRAMES: Final = 25
"""Two seconds: who speaks longer does not say "stop", but talks to somebody else."""

END_FRAMES: Final = 3
BEFORE_FRAMES: Final = 4
"""So much of what came before belongs to it, but no other remark: the speech detector misses the begin of an S."""

CERTAIN_FRAMES: Final = 5
"""So much speech is no cough."""


@dataclass(frozen=True)
class StopWord:
    """Somebody wants silence; `word` is what was understood."""

    word: str


Interruption: TypeAlias = Wake | Command
"""What ends an answer and begins the next turn: the wake word, or a command that has begun without it."""


class Remarks:
    """Tells where a remark begins and ends."""

    def __init__(self) -> None:
        self._frames: deque[tuple[Frame, bool]] = deque(maxlen=BEFORE_FRAMES + MOST_FRAMES + END_FRAMES)
        self._speech = self._silence = self._length = 0

    def begin_anew(self) -> None:
        """Forget what was said."""
        self._forget_all_but(0)

    def after(self, frame: Frame, *, is_speech: bool) -> Clip | None:
        """The remark that is over with this frame."""
        self._frames.append((frame, is_speech))
        self._speech += is_speech
        self._silence = 0 if is_speech else self._silence + 1
        if not self._speech:
            return None
        self._length += 1
        if self._silence < END_FRAMES:
            return None
        remark = joined(frame for frame, _ in self.said) if self.may_be_one else None
        self._forget_all_but(END_FRAMES)
        return remark

    def _forget_all_but(self, frames: int) -> None:
        while len(self._frames) > frames:
            self._frames.popleft()
        self._speech = self._silence = self._length = 0

    @property
    def may_be_one(self) -> bool:
        """Whether somebody is saying something short."""
        return self._speech >= LEAST_SPEECH_FRAMES and self._length - self._silence <= MOST_FRAMES

    @property
    def is_certain(self) -> bool:
        """Whether somebody surely speaks."""
        return self._speech >= CERTAIN_FRAMES

    @property
    def said(self) -> list[tuple[Frame, bool]]:
        """The sound from just before it, and whether each frame of it is speech."""
        return list(self._frames)[-(BEFORE_FRAMES + self._length) :]
