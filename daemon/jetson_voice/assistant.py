"""The whole story: wait for the wake word, hear the command, race the answer against the wake word.

            idle                    a turn (one scope)
    mic ──► wait_for_cue ──► hear_command ──► race( answer , wait_for_wake ) ──► idle, or the next turn if the wake won
                    │                           ▲ │
       a program ───┴── asks or says ───────────┘ │
                   answer = transcribe ─► [ think ─► synthesize ─► play ]    (reply.py)

After an answer it listens on for a while: a follow-up needs no wake word, and is a turn of its own.

Exactly one coroutine reads the microphone at any moment. Losing the race cancels everything that the turn started.
A program may be the third in the race: told to stop, the assistant falls silent as if its name had been said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from anyio import CancelScope
from typing_extensions import assert_never

from jetson_voice.audio import Frame
from jetson_voice.command import Command
from jetson_voice.concurrency import first
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.endpointing import Endpoint, EndpointRules, FollowUp
from jetson_voice.events import (
    CommandHeard,
    FollowUpAwaited,
    FollowUpOver,
    Interrupted,
    NothingHeard,
    Observer,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.protocols import Microphone, SpeechDetector, Utterance, Wake, WakeWord
from jetson_voice.requests import Cue, Pending, Requests, requested

UTTERANCES_A_TURN = 2
"""The first one without words was the tail of the wake word, and the command comes after a pause."""


@dataclass(frozen=True)
class Ears:
    """What the assistant listens with."""

    microphone: Microphone
    wake_word: WakeWord
    speech_detector: SpeechDetector


def never() -> bool:
    """The command is heard to its end, whatever happens."""
    return False


class Assistant:
    """Hears its name and a command, answers it, and falls silent at once when its name is said again."""

    def __init__(
        self,
        ears: Ears,
        *,
        answer: Callable[[Utterance | Ask | Say], Awaitable[TurnEnded]],
        requests: Requests,
        rules: EndpointRules,
        follow_up: FollowUp,
        pre_roll_seconds: float,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._answer = answer
        self._requests = requests
        self._rules = rules
        self._follow_up = follow_up
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

    async def take_turn(self, cue: Cue) -> Cue | None:
        """Hear one command, or take one request, and answer it; the cue of the next turn, if there is one by then."""
        match cue:
            case Wake():
                return await self._answer_command(cue)
            case Utterance():
                ended, interruption = await self._answer_unless_interrupted(cue)
                return await self._end(ended, interruption)
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

    async def _answer_command(self, wake: Wake) -> Cue | None:
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
                return await self._end(ended, interruption)
        self._observe(TurnEnded("nothing heard"))
        return None

    async def _end(self, ended: TurnEnded, interruption: Wake | None) -> Cue | None:
        """Report the end of a turn; the cue that comes so soon after it that it belongs to the same conversation."""
        self._observe(ended)
        seconds = self._follow_up.after(question=ended.asks)
        if interruption or not seconds or ended.outcome not in ("answered", "not understood"):
            return interruption
        self._observe(FollowUpAwaited(seconds))
        cue: Cue | None = await first(partial(self._hear_follow_up, seconds), self._requests.until_stopped)
        if not cue:
            self._observe(FollowUpOver())
        return cue

    async def _hear_follow_up(self, seconds: float) -> Wake | Utterance | None:
        """What is said, begun within so many seconds, or the wake word; None when it stays quiet.

        It begins with what comes now: what came before is the assistant's own voice. While nobody speaks, a program's
        request need not wait for the end of it.
        """
        command = Command("", [], self._rules.beginning_within(seconds), began_at=self._now)
        return await self._hear(command, unless=lambda: self._requests.one_waits and not command.has_begun)

    async def _hear_unless_stopped(self, wake: Wake) -> Utterance | TurnEnded | None:
        async def stopped() -> TurnEnded:
            await self._requests.until_stopped()
            return TurnEnded("stopped")

        return await first(partial(self._hear_command, wake), stopped)

    async def _hear_command(self, wake: Wake) -> Utterance | None:
        """The wake word and the words after it, or None when nobody speaks; said again, it begins anew."""
        heard: Wake | Utterance | None = wake
        while isinstance(heard, Wake):
            heard = await self._hear(Command(heard.word, self._recent, self._rules, began_at=self._now))
        return heard

    async def _hear(self, command: Command, *, unless: Callable[[], bool] = never) -> Wake | Utterance | None:
        """The command to its end; None when nobody speaks, and the wake word when it is said meanwhile."""
        while not unless():
            frame, wake = await self._hear_frame()
            if wake:
                return wake
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
        return None

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

    @property
    def _now(self) -> float:
        """The audio time just after the last frame."""
        return self._recent[-1].ends_at

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
