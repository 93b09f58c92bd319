"""The whole story: wait for the wake word, hear the command, race the answer against the wake word.

            idle                    a turn (one scope)
    mic ──► wait_for_cue ──► hear_command ──► race( answer , wait_for_interruption ) ──► idle, or the next turn
                    │                           ▲ │
       a program ───┴── asks or says ───────────┘ │
                   answer = transcribe ─► [ think ─► synthesize ─► play ]    (reply.py)

After an answer it listens on for a while: a follow-up needs no wake word, and is a turn of its own.

Exactly one coroutine reads the microphone at any moment. Losing the race cancels everything that the turn started.
A program may be the third in the race: told to stop, the assistant falls silent as if its name had been said. So it
does at a stop word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NoReturn

from anyio import sleep_forever
from typing_extensions import assert_never

from jetson_voice.command import Command
from jetson_voice.concurrency import first
from jetson_voice.control_protocol import Ask, Say
from jetson_voice.endpointing import Endpoint, FollowUp
from jetson_voice.events import (
    CommandHeard,
    FollowUpAwaited,
    FollowUpOver,
    Interrupted,
    Observer,
    Silenced,
    SpeculationDropped,
    TurnEnded,
)
from jetson_voice.hold import Hold
from jetson_voice.listening import Listener
from jetson_voice.protocols import Utterance, Wake
from jetson_voice.remarks import Interruption, StopWord
from jetson_voice.requests import Cue, Pending, Requests, requested

UTTERANCES_A_TURN = 2
"""The first one without words was the tail of the wake word, and the command comes after a pause."""


class Assistant:
    """Hears its name and a command, answers it, and falls silent at once when its name is said again."""

    def __init__(
        self,
        listener: Listener,
        *,
        answer: Callable[[Utterance | Ask | Say, Hold], Awaitable[TurnEnded]],
        prepare: Callable[[], Awaitable[None]],
        requests: Requests,
        follow_up: FollowUp,
        observe: Observer,
    ) -> None:
        self._listener = listener
        self._answer = answer
        self._prepare = prepare
        self._requests = requests
        self._follow_up = follow_up
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
        return await self._listener.wait_for_wake()

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
            command = self._listener.command_after(wake)
            ended, interruption = await self._answer_command(command)
            if interruption or ended.outcome != "nothing heard" or not command.is_spoken:
                break
        return await self._end(ended, interruption)

    async def _answer_request(self, pending: Pending) -> Interruption | None:
        with pending:
            self._observe(requested(pending.request))
            ended, interruption = await self._race(pending.request, Hold.none(), self._listener.wait_for_interruption)
            pending.ended = ended or self._interrupted(interruption)
            self._observe(pending.ended)
        return interruption

    async def _answer_command(self, command: Command) -> tuple[TurnEnded, Interruption | None]:
        """Hear the command to its end and answer it: how that ended, and the wake word or command that interrupted it.

        At every pause that may be its end the answer is begun; whoever goes on speaking never hears of it. Said again
        before the end, the wake word begins the command anew.
        """
        while True:
            match await self._hear_unless_stopped(command):
                case Wake() as again:
                    command = self._listener.command_after(again)
                    continue
                case TurnEnded() as over:
                    return over, None
                case utterance:
                    hold, began_at = Hold(), self._listener.now
            ended, cue = await self._race(utterance, hold, partial(self._listen_on, command, hold))
            if ended or hold.is_released:
                return ended or self._interrupted(cue), cue
            self._observe(SpeculationDropped(self._listener.now - began_at))
            if isinstance(cue, Wake):
                command = self._listener.command_after(cue)

    async def _hear_unless_stopped(self, command: Command) -> Utterance | Wake | TurnEnded:
        async def stopped() -> TurnEnded:
            await self._requests.until_stopped()
            return TurnEnded("stopped")

        async def prepare() -> None:
            if not command.has_begun:
                await self._prepare()
            await sleep_forever()

        heard: Utterance | Wake | TurnEnded | None = await first(
            partial(self._listener.hear, command), stopped, prepare
        )
        return heard or TurnEnded("nothing heard")

    async def _listen_on(self, command: Command, hold: Hold) -> Interruption | StopWord | None:
        """Release the answer when the command is over, and hear who interrupts it; None when the user goes on."""
        if command.endpoint is Endpoint.PAUSED:
            wake = await self._listener.hear_pause(command, hold)
            if wake or command.goes_on:
                return wake
        utterance = command.utterance()
        silence = self._listener.now - utterance.ended_at
        self._observe(CommandHeard(utterance.clip.seconds, utterance.ended_at, silence))
        hold.release()
        return await self._listener.wait_for_interruption()

    async def _race(
        self,
        question: Utterance | Ask | Say,
        hold: Hold,
        listen: Callable[[], Awaitable[Interruption | StopWord | None]],
    ) -> tuple[TurnEnded | None, Interruption | None]:
        """Answer until somebody interrupts it: how it ended, if it did, and the wake word or command that was heard."""
        ended: TurnEnded | None = None

        async def answer() -> None:
            nonlocal ended
            ended = await self._answer(question, hold)

        async def stopped() -> None:
            nonlocal ended
            await self._requests.until_stopped()
            ended = TurnEnded("stopped")

        async def interrupted() -> Interruption | None:
            nonlocal ended
            match await listen():
                case StopWord(word):
                    if not ended:
                        self._observe(Silenced(word))
                        ended = TurnEnded("stopped")
                    return None
                case cue:
                    return cue

        cue: Interruption | None = await first(answer, interrupted, stopped)
        return ended, cue

    def _interrupted(self, cue: Interruption | None) -> TurnEnded:
        if cue:
            self._observe(Interrupted(cue.word if isinstance(cue, Wake) else ""))
        return TurnEnded("interrupted")

    async def _end(self, ended: TurnEnded, interruption: Interruption | None) -> Cue | None:
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
        command = self._listener.follow_up_within(seconds)
        while not command.is_spoken:
            heard = await self._listener.hear_more(command)
            if isinstance(heard, Wake):
                return heard
            is_wanted = self._requests.one_waits and not command.has_begun
            if is_wanted or heard is Endpoint.NOTHING_SAID:
                return None
        return command
