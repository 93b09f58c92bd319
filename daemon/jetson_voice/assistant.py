"""The whole story: wait for the wake word, hear the command, race the answer against the wake word.

            idle                    a turn (one scope)
    mic ──► wait_for_wake ──► hear_command ──► race( answer , wait_for_wake ) ──► idle, or the next turn if the wake won
                                                  │
                   answer = transcribe ─► [ think ─► synthesize ─► play ]    (reply.py)

Exactly one coroutine reads the microphone at any moment. Losing the race cancels everything that the turn started.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from anyio import CancelScope
from typing_extensions import assert_never

from jetson_voice.audio import Frame, joined
from jetson_voice.concurrency import first
from jetson_voice.endpointing import Endpoint, Endpointer, EndpointRules
from jetson_voice.events import (
    CommandHeard,
    Interrupted,
    NothingHeard,
    Observer,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.protocols import Microphone, SpeechDetector, Utterance, Wake, WakeWord

UTTERANCES_A_TURN = 2
"""The first one without words was the tail of the wake word, and the command comes after a pause."""


@dataclass(frozen=True)
class Ears:
    """What the assistant listens with."""

    microphone: Microphone
    wake_word: WakeWord
    speech_detector: SpeechDetector


class Assistant:
    """Hears its name and a command, answers it, and falls silent at once when its name is said again."""

    def __init__(
        self,
        ears: Ears,
        *,
        answer: Callable[[Utterance], Awaitable[TurnEnded]],
        rules: EndpointRules,
        pre_roll_seconds: float,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._answer = answer
        self._rules = rules
        self._pre_roll_seconds = pre_roll_seconds
        self._recent: deque[Frame] = deque()
        self._observe = observe

    async def run(self) -> NoReturn:
        """Answer every command, for ever."""
        wake = await self.wait_for_wake()
        while True:
            wake = await self.take_turn(wake) or await self.wait_for_wake()

    async def wait_for_wake(self) -> Wake:
        """Listen until a wake word is heard."""
        while True:
            _, wake = await self._hear_frame()
            if wake:
                return wake

    async def take_turn(self, wake: Wake) -> Wake | None:
        """Hear one command and answer it; the wake word that interrupted the answer, if one did."""
        for _ in range(UTTERANCES_A_TURN):
            utterance = await self._hear_command(wake)
            if utterance is None:
                self._observe(NothingHeard())
                break
            ended, interruption = await self._answer_unless_interrupted(utterance)
            if interruption or ended.outcome != "nothing heard":
                self._observe(ended)
                return interruption
        self._observe(TurnEnded("nothing heard"))
        return None

    async def _hear_command(self, wake: Wake) -> Utterance | None:
        """The wake word and the words after it, or None when nobody speaks; said again, it begins anew."""
        command = Command(wake, self._recent, self._rules)
        while True:
            frame, again = await self._hear_frame()
            if again:
                command = Command(again, self._recent, self._rules)
                continue
            is_speech = await self._ears.speech_detector.is_speech(frame)
            match command.after(frame, is_speech=is_speech):
                case Endpoint.OPEN:
                    continue
                case Endpoint.NOTHING_SAID:
                    return None
                case Endpoint.COMPLETE:
                    utterance = command.utterance()
                    silence = frame.ends_at - utterance.ended_at
                    self._observe(CommandHeard(utterance.clip.seconds, utterance.ended_at, silence))
                    return utterance
                case endpoint:
                    assert_never(endpoint)

    async def _answer_unless_interrupted(self, utterance: Utterance) -> tuple[TurnEnded, Wake | None]:
        ended = TurnEnded("interrupted")

        async def answer() -> None:
            nonlocal ended
            ended = await self._answer(utterance)

        wake = await first(answer, self.wait_for_wake)
        if wake and ended.outcome == "interrupted":
            self._observe(Interrupted(wake.word))
        return ended, wake

    async def _hear_frame(self) -> tuple[Frame, Wake | None]:
        """The next frame, remembered for the pre-roll, and the wake word that it completes."""
        frame = await self._ears.microphone.read()
        self._recent.append(frame)
        while frame.ends_at - self._recent[0].ends_at > self._pre_roll_seconds:
            self._recent.popleft()
        with CancelScope(shield=True):  # an answer that ends meanwhile must not swallow a detection
            wake = await self._ears.wake_word.heard_in(frame)
        if wake:
            self._observe(WakeHeard(wake.word, wake.score, wake.at))
        return frame, wake


class Command:
    """A command while it is being said: its sound so far, and whether it is over."""

    def __init__(self, wake: Wake, pre_roll: Sequence[Frame], rules: EndpointRules) -> None:
        self._wake = wake
        self._frames = list(pre_roll)
        self._began_at = pre_roll[-1].ends_at
        self._endpointer = Endpointer(rules)

    def after(self, frame: Frame, *, is_speech: bool) -> Endpoint:
        """What is known about its end once one more frame has been heard."""
        self._frames.append(frame)
        return self._endpointer.after(frame.seconds, is_speech=is_speech)

    def utterance(self) -> Utterance:
        """The whole of it, from the pre-roll on."""
        ended_at = self._began_at + self._endpointer.last_speech_at
        return Utterance(joined(self._frames), self._wake.word, ended_at)
