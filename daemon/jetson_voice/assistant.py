"""The whole story: wait for the wake word, hear the command, race the answer against the wake word.

            idle                    a turn (one scope)
    mic ──► wait_for_cue ──► hear_command ──► race( answer , wait_for_wake ) ──► idle, or the next turn if the wake won
                    │                           ▲ │
       a program ───┴── asks or says ───────────┘ │
                   answer = transcribe ─► [ think ─► synthesize ─► play ]    (reply.py)

Exactly one coroutine reads the microphone at any moment. Losing the race cancels everything that the turn started.
A program may be the third in the race: told to stop, the assistant falls silent as if its name had been said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from anyio import CancelScope
from typing_extensions import assert_never

from jetson_voice.audio import Frame, joined
from jetson_voice.concurrency import first
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.endpointing import Endpoint, Endpointer, EndpointRules
from jetson_voice.events import (
    CommandHeard,
    Interrupted,
    NothingHeard,
    Observer,
    Requested,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.protocols import Microphone, SpeechDetector, Utterance, Wake, WakeWord
from jetson_voice.requests import Cue, Pending, Requests

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
        answer: Callable[[Utterance | Ask | Say], Awaitable[TurnEnded]],
        requests: Requests,
        rules: EndpointRules,
        pre_roll_seconds: float,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._answer = answer
        self._requests = requests
        self._rules = rules
        self._pre_roll_seconds = pre_roll_seconds
        self._recent: deque[Frame] = deque()
        self._observe = observe

    async def run(self) -> NoReturn:
        """Answer every command and request, for ever."""
        cue = await self.wait_for_cue()
        while True:
            cue = await self.take_turn(cue) or await self.wait_for_cue()

    async def wait_for_cue(self) -> Cue:
        """Listen until a wake word is heard or a program asks for something; the wake word comes first."""
        while True:
            wake = await first(self.wait_for_wake, self._requests.until_one_waits)
            if cue := wake or self._requests.take():
                return cue

    async def wait_for_wake(self) -> Wake:
        """Listen until a wake word is heard."""
        while True:
            _, wake = await self._hear_frame()
            if wake:
                return wake

    async def take_turn(self, cue: Cue) -> Wake | None:
        """Hear one command, or take one request, and answer it; the wake word that interrupted it, if one did."""
        match cue:
            case Wake():
                return await self._answer_command(cue)
            case Pending():
                return await self._answer_request(cue)
            case _:
                assert_never(cue)

    async def _answer_request(self, pending: Pending) -> Wake | None:
        with pending:
            self._observe(requested(pending.request))
            pending.ended, interruption = await self._answer_unless_interrupted(pending.request)
            self._observe(pending.ended)
        return interruption

    async def _answer_command(self, wake: Wake) -> Wake | None:
        for _ in range(UTTERANCES_A_TURN):
            match await self._hear_unless_stopped(wake):
                case None:
                    self._observe(NothingHeard())
                    break
                case TurnEnded() as stopped:
                    self._observe(stopped)
                    return None
                case utterance:
                    ended, interruption = await self._answer_unless_interrupted(utterance)
            if interruption or ended.outcome != "nothing heard":
                self._observe(ended)
                return interruption
        self._observe(TurnEnded("nothing heard"))
        return None

    async def _hear_unless_stopped(self, wake: Wake) -> Utterance | TurnEnded | None:
        async def stopped() -> TurnEnded:
            await self._requests.until_stopped()
            return TurnEnded("stopped")

        return await first(partial(self._hear_command, wake), stopped)

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

    async def _answer_unless_interrupted(self, question: Utterance | Ask | Say) -> tuple[TurnEnded, Wake | None]:
        ended = TurnEnded("interrupted")

        async def answer() -> None:
            nonlocal ended
            ended = await self._answer(question)

        async def stopped() -> None:
            nonlocal ended
            await self._requests.until_stopped()
            ended = TurnEnded("stopped")

        wake = await first(answer, self.wait_for_wake, stopped)
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


def requested(request: Ask | Say) -> Requested:
    """The event that a request begins with."""
    match request:
        case Ask(text):
            return Requested("ask", text)
        case Say(text):
            return Requested("say", text)
        case _:
            assert_never(request)


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
