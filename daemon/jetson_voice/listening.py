"""The ears in use: one frame after the other, and commands from them. Whoever calls is the only reader just then."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, Protocol

from anyio import CancelScope
from typing_extensions import assert_never

from jetson_voice.audio import Frame
from jetson_voice.command import Command
from jetson_voice.endpointing import Endpoint, EndpointRules
from jetson_voice.events import NothingHeard, Observer, WakeHeard
from jetson_voice.hold import Hold
from jetson_voice.patience import Patience
from jetson_voice.protocols import Microphone, SpeechDetector, TurnDetector, Utterance, Wake, WakeRising, WakeWord

SOFT_SECONDS: Final = 0.8
"""What may be a wake word is one by then, or none: the answer is as loud as before within a second."""


class Duck(Protocol):
    """A speaker's way to play softly."""

    def __call__(self, *, is_soft: bool) -> None:
        """Speak softly from now on, or as loud as before."""
        ...


@dataclass(frozen=True)
class Ears:
    """What the assistant listens with."""

    microphone: Microphone
    wake_word: WakeWord
    speech_detector: SpeechDetector
    turn_detector: TurnDetector


class Listener:
    """Hears the wake word in every frame, and tells when a command pauses and when it is over."""

    def __init__(
        self,
        ears: Ears,
        *,
        rules: EndpointRules,
        patience: Patience,
        pre_roll_seconds: float,
        duck: Duck,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._rules = rules
        self._patience = patience
        self._pre_roll_seconds = pre_roll_seconds
        self._recent: deque[Frame] = deque()
        self._soft_until = float("-inf")
        self._duck = duck
        self._observe = observe

    @property
    def now(self) -> float:
        """The audio time just after the last frame."""
        return self._recent[-1].ends_at

    async def wait_for_wake(self) -> Wake:
        """Listen until a wake word is heard."""
        while True:
            _, wake = await self._hear_frame()
            if wake:
                return wake

    def command_after(self, wake: Wake) -> Command:
        """The command that the wake word begins; the sound from before it belongs to it."""
        return Command(wake.word, self._recent, self._rules, began_at=self.now)

    def follow_up_within(self, seconds: float) -> Command:
        """A command that may begin within so many seconds, and begins with what comes now."""
        return Command("", [], self._rules.beginning_within(seconds), began_at=self.now)

    async def hear(self, command: Command) -> Utterance | Wake | None:
        """What was said until the user pauses; None when nobody speaks, the wake word when it is said meanwhile."""
        while True:
            heard = await self.hear_more(command)
            match heard:
                case Wake():
                    return heard
                case Endpoint.OPEN:
                    continue
                case Endpoint.NOTHING_SAID:
                    self._observe(NothingHeard())
                    return None
                case Endpoint.PAUSED | Endpoint.COMPLETE:
                    return command.utterance()
                case _:
                    assert_never(heard)

    async def hear_more(self, command: Command) -> Endpoint | Wake:
        """One frame more of the command: whether it is over, or the wake word that the frame completes."""
        frame, wake = await self._hear_frame()
        if wake:
            return wake
        return command.after(frame, is_speech=await self._ears.speech_detector.is_speech(frame))

    async def hear_pause(self, command: Command, hold: Hold) -> Wake | None:
        """Hear until the pause has ended the command, or the user goes on; the wake word when it is said meanwhile.

        How long a pause is needed may change while it lasts: its words become known, its answer becomes ready.
        """
        completeness = await self._ears.turn_detector.completeness(command.utterance().clip)
        command.end_pause_after(
            lambda: self._patience.needed(completeness, hold.understood, is_answered=hold.is_awaited)
        )
        while command.endpoint is not Endpoint.COMPLETE and not command.goes_on:
            heard = await self.hear_more(command)
            if isinstance(heard, Wake):
                return heard
        return None

    async def _hear_frame(self) -> tuple[Frame, Wake | None]:
        """The next frame, remembered for the pre-roll, and the wake word that it completes.

        While something like a wake word is heard, the assistant speaks softly: so it is easier to tell, and to say.
        """
        frame = await self._ears.microphone.read()
        self._recent.append(frame)
        while frame.ends_at - self._recent[0].ends_at > self._pre_roll_seconds:
            self._recent.popleft()
        with CancelScope(shield=True):  # an answer that ends meanwhile must not swallow a detection
            heard = await self._ears.wake_word.heard_in(frame)
        match heard:
            case Wake():
                self._observe(WakeHeard(heard.word, heard.score, heard.at))
                return frame, heard
            case WakeRising():
                self._soft_until = frame.ends_at + SOFT_SECONDS
            case None:
                pass
            case _:
                assert_never(heard)
        self._duck(is_soft=frame.ends_at < self._soft_until)
        return frame, None
