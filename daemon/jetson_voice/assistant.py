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

from anyio import CancelScope, sleep_forever
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
    SpeculationDropped,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.hold import Hold
from jetson_voice.patience import Patience
from jetson_voice.protocols import Microphone, SpeechDetector, TurnDetector, Utterance, Wake, WakeWord
from jetson_voice.requests import Cue, Pending, Requests, requested

UTTERANCES_A_TURN = 2
"""The first one without words was the tail of the wake word, and the command comes after a pause."""


@dataclass(frozen=True)
class Ears:
    """What the assistant listens with."""

    microphone: Microphone
    wake_word: WakeWord
    speech_detector: SpeechDetector
    turn_detector: TurnDetector


class Assistant:
    """Hears its name and a command, answers it, and falls silent at once when its name is said again."""

    def __init__(
        self,
        ears: Ears,
        *,
        answer: Callable[[Utterance | Ask | Say, Hold], Awaitable[TurnEnded]],
        prepare: Callable[[], Awaitable[None]],
        requests: Requests,
        rules: EndpointRules,
        patience: Patience,
        follow_up: FollowUp,
        pre_roll_seconds: float,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._answer = answer
        self._prepare = prepare
        self._requests = requests
        self._rules = rules
        self._patience = patience
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
                return await self._answer_wake(cue)
            case Command():
                return await self._end(*await self._answer_command(cue))
            case Pending():
                return await self._answer_request(cue)
            case _:
                assert_never(cue)

    async def _answer_wake(self, wake: Wake) -> Cue | None:
        for _ in range(UTTERANCES_A_TURN):
            command = self._command_after(wake)
            ended, interruption = await self._answer_command(command)
            if interruption or ended.outcome != "nothing heard" or not command.is_spoken:
                break
        return await self._end(ended, interruption)

    async def _answer_request(self, pending: Pending) -> Wake | None:
        with pending:
            self._observe(requested(pending.request))
            ended, interruption = await self._race(pending.request, Hold.none(), self.wait_for_wake)
            pending.ended = ended or self._interrupted(interruption)
            self._observe(pending.ended)
        return interruption

    async def _answer_command(self, command: Command) -> tuple[TurnEnded, Wake | None]:
        """Hear the command to its end and answer it: how that ended, and the wake word that interrupted the answer.

        At every pause that may be its end the answer is begun; whoever goes on speaking never hears of it. Said again
        before the end, the wake word begins the command anew.
        """
        while True:
            match await self._hear_unless_stopped(command):
                case Wake() as again:
                    command = self._command_after(again)
                    continue
                case TurnEnded() as over:
                    return over, None
                case utterance:
                    hold, began_at = Hold(), self._now
            ended, wake = await self._race(utterance, hold, partial(self._listen_on, command, hold))
            if ended or hold.is_released:
                return ended or self._interrupted(wake), wake
            self._observe(SpeculationDropped(self._now - began_at))
            if wake:
                command = self._command_after(wake)

    def _command_after(self, wake: Wake) -> Command:
        return Command(wake.word, self._recent, self._rules, began_at=self._now)

    async def _hear_unless_stopped(self, command: Command) -> Utterance | Wake | TurnEnded:
        async def stopped() -> TurnEnded:
            await self._requests.until_stopped()
            return TurnEnded("stopped")

        async def prepare() -> None:
            if not command.has_begun:
                await self._prepare()
            await sleep_forever()

        heard: Utterance | Wake | TurnEnded | None = await first(partial(self._hear, command), stopped, prepare)
        return heard or TurnEnded("nothing heard")

    async def _hear(self, command: Command) -> Utterance | Wake | None:
        """What was said until the user pauses; None when nobody speaks, the wake word when it is said meanwhile."""
        while True:
            heard = await self._hear_more(command)
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

    async def _hear_more(self, command: Command) -> Endpoint | Wake:
        """One frame more of the command: whether it is over, or the wake word that the frame completes."""
        frame, wake = await self._hear_frame()
        if wake:
            return wake
        return command.after(frame, is_speech=await self._ears.speech_detector.is_speech(frame))

    async def _listen_on(self, command: Command, hold: Hold) -> Wake | None:
        """Release the answer when the command is over, and wait for the wake word; None when the user goes on."""
        if command.endpoint is Endpoint.PAUSED:
            wake = await self._hear_pause(command, hold)
            if wake or command.goes_on:
                return wake
        utterance = command.utterance()
        silence = self._now - utterance.ended_at
        self._observe(CommandHeard(utterance.clip.seconds, utterance.ended_at, silence))
        hold.release()
        return await self.wait_for_wake()

    async def _hear_pause(self, command: Command, hold: Hold) -> Wake | None:
        """Hear until the pause has ended the command, or the user goes on; the wake word when it is said meanwhile.

        How long a pause is needed may change while it lasts: its words become known, its answer becomes ready.
        """
        completeness = await self._ears.turn_detector.completeness(command.utterance().clip)
        command.end_pause_after(
            lambda: self._patience.needed(completeness, hold.understood, is_answered=hold.is_awaited)
        )
        while command.endpoint is not Endpoint.COMPLETE and not command.goes_on:
            heard = await self._hear_more(command)
            if isinstance(heard, Wake):
                return heard
        return None

    async def _race(
        self, question: Utterance | Ask | Say, hold: Hold, listen: Callable[[], Awaitable[Wake | None]]
    ) -> tuple[TurnEnded | None, Wake | None]:
        """Answer until somebody interrupts it: how it ended, if it did, and the wake word, if it was heard."""
        ended: TurnEnded | None = None

        async def answer() -> None:
            nonlocal ended
            ended = await self._answer(question, hold)

        async def stopped() -> None:
            nonlocal ended
            await self._requests.until_stopped()
            ended = TurnEnded("stopped")

        wake = await first(answer, listen, stopped)
        return ended, wake

    def _interrupted(self, wake: Wake | None) -> TurnEnded:
        if wake:
            self._observe(Interrupted(wake.word))
        return TurnEnded("interrupted")

    async def _end(self, ended: TurnEnded, interruption: Wake | None) -> Cue | None:
        """Report the end of a turn; the cue that comes so soon after it that it belongs to the same conversation."""
        self._observe(ended)
        seconds = self._follow_up.after(question=ended.asks)
        if interruption or not seconds or ended.outcome not in ("answered", "not understood"):
            return interruption
        self._observe(FollowUpAwaited(seconds))
        cue: Cue | None = await first(partial(self._wait_for_follow_up, seconds), self._requests.until_stopped)
        if not cue:
            self._observe(FollowUpOver())
        return cue

    async def _wait_for_follow_up(self, seconds: float) -> Wake | Command | None:
        """A command that has begun within so many seconds, or the wake word; None when it stays quiet.

        It begins with what comes now: what came before is the assistant's own voice. While nobody speaks, a program's
        request need not wait for the end of it.
        """
        command = Command("", [], self._rules.beginning_within(seconds), began_at=self._now)
        while not command.is_spoken:
            heard = await self._hear_more(command)
            if isinstance(heard, Wake):
                return heard
            is_wanted = self._requests.one_waits and not command.has_begun
            if is_wanted or heard is Endpoint.NOTHING_SAID:
                return None
        return command

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
