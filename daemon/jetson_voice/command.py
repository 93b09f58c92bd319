"""A command while it is being said: its sound so far, and whether it is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from jetson_voice.audio import Clip, Frame, joined, with_silence_at_end
from jetson_voice.endpointing import Endpoint, Endpointer, EndpointRules
from jetson_voice.protocols import Utterance

SILENCE_AFTER_SECONDS: Final = 0.24
"""Smart Turn tells complete commands best from others after so much of it, real or not (docs/turn.md)."""


class Command:
    """Begun at an audio time in seconds, with the sound from before it; a follow-up has no wake phrase."""

    def __init__(self, wake_phrase: str, pre_roll: Sequence[Frame], rules: EndpointRules, *, began_at: float) -> None:
        self._wake_phrase = wake_phrase
        self._frames = list(pre_roll)
        self._began_at = began_at
        self._endpointer = Endpointer(rules)
        self._is_speech = False
        self.endpoint = Endpoint.OPEN
        """What is known about its end by now."""

    @property
    def has_begun(self) -> bool:
        """Whether somebody has begun to speak."""
        return self._endpointer.last_speech_at > 0

    @property
    def is_spoken(self) -> bool:
        """Whether it is a command already, and no click or cough."""
        return self._endpointer.is_command

    def after(self, frame: Frame, *, is_speech: bool) -> Endpoint:
        """What is known about its end once one more frame has been heard."""
        self._frames.append(frame)
        self._is_speech = is_speech
        self.endpoint = self._endpointer.after(frame.seconds, is_speech=is_speech)
        return self.endpoint

    def end_pause_after(self, silence: Callable[[], float]) -> None:
        """Let this pause be the end when it comes to so many seconds; asked after each frame, it may change."""
        self._endpointer.end_pause_after(silence)

    @property
    def goes_on(self) -> bool:
        """Whether the user speaks, and has time to."""
        return self._is_speech and self.endpoint is Endpoint.OPEN

    @property
    def silence_seconds(self) -> float:
        """For how long nobody has spoken."""
        return self._endpointer.silence_seconds

    def as_if_over(self) -> Clip:
        """Its sound up to the pause, and so much silence after it as the turn detector expects after a complete one."""
        return with_silence_at_end(joined(self._frames), self.silence_seconds, wanted_seconds=SILENCE_AFTER_SECONDS)

    def utterance(self) -> Utterance:
        """The whole of it, from the pre-roll on."""
        ended_at = self._began_at + self._endpointer.last_speech_at
        return Utterance(joined(self._frames), self._wake_phrase, ended_at)
