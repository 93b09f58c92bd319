"""The ears in use: one frame after the other, and commands from them. Whoever calls is the only reader just then."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from anyio import CancelScope, WouldBlock, create_memory_object_stream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from typing_extensions import assert_never

from jetson_voice.audio import Echo, Frame
from jetson_voice.command import Command
from jetson_voice.concurrency import first
from jetson_voice.endpointing import Endpoint, EndpointRules, reached
from jetson_voice.events import NothingHeard, Observer, WakeHeard
from jetson_voice.exit_phrases import STOP_WORDS, InterruptedBy, asks_for_silence
from jetson_voice.hold import Hold
from jetson_voice.patience import Patience
from jetson_voice.protocols import (
    Microphone,
    SpeechDetector,
    StageError,
    Transcriber,
    TurnDetector,
    Utterance,
    Wake,
    WakeRising,
    WakeWord,
)
from jetson_voice.remarks import Interruption, Remarks, StopWord

REMARKS_WAITING: Final = 1
"""While whisper reads one; what is said then as well is not read."""

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
    transcriber: Transcriber


class Listener:
    """Hears the wake word in every frame, and tells when a command pauses and when it is over."""

    def __init__(
        self,
        ears: Ears,
        *,
        rules: EndpointRules,
        patience: Patience,
        pre_roll_seconds: float,
        interrupted_by: InterruptedBy,
        duck: Duck,
        observe: Observer,
    ) -> None:
        self._ears = ears
        self._rules = rules
        self._patience = patience
        self._pre_roll_seconds = pre_roll_seconds
        self._interrupted_by = interrupted_by
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

    async def wait_for_interruption(self) -> Interruption | StopWord:
        """Listen while the assistant speaks, until it is called, told to stop, or somebody speaks in its place."""
        if self._interrupted_by == "wake-word":
            return await self.wait_for_wake()
        said, to_read = create_memory_object_stream[Utterance](REMARKS_WAITING)
        with said, to_read:
            interruption: Interruption | StopWord = await first(
                partial(self._hear_interruption, said), partial(self._stop_word_in, to_read)
            )
        return interruption

    async def _hear_interruption(self, said: MemoryObjectSendStream[Utterance]) -> Interruption:
        """A wake word or a command; remarks are given to whoever reads them, while the frames go on."""
        remarks = Remarks()
        while True:
            frame, wake = await self._hear_frame()
            if wake:
                return wake
            if frame.echo is Echo.RAW or not frame.own_words.isdisjoint(STOP_WORDS):
                remarks.begin_anew()
                continue
            is_speech = await self._ears.speech_detector.is_speech(frame) and frame.echo is not Echo.ALONE
            if remark := remarks.after(frame, is_speech=is_speech):
                with suppress(WouldBlock):
                    said.send_nowait(Utterance(remark, wake_phrase="", ended_at=frame.ends_at))
            if is_speech and remarks.may_be_one:
                self._speak_softly(frame)
            if self._interrupted_by == "speech" and remarks.is_certain:
                return self._command_begun_with(remarks.said)

    def _command_begun_with(self, said: Sequence[tuple[Frame, bool]]) -> Command:
        command = Command("", [], self._rules, began_at=said[0][0].at)
        for frame, is_speech in said:
            command.after(frame, is_speech=is_speech)
        return command

    async def _stop_word_in(self, remarks: MemoryObjectReceiveStream[Utterance]) -> StopWord:
        while True:
            remark = await remarks.receive()
            with suppress(StageError):  # where it matters, the turn tells
                heard = await self._ears.transcriber.transcribe(remark)
                if asks_for_silence(heard.text):
                    return StopWord(heard.text)

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

        How long a pause is needed may change while it lasts: its words become known, its sound is judged, its answer
        becomes ready.
        """
        completeness: float | None = None
        command.end_pause_after(
            lambda: self._patience.needed(completeness or 0.0, hold.understood, is_answered=hold.is_awaited)
        )
        while command.endpoint is not Endpoint.COMPLETE and not command.goes_on:
            heard = await self.hear_more(command)
            if isinstance(heard, Wake):
                return heard
            is_due = hold.understood or reached(command.silence_seconds, self._patience.judged_by_seconds)
            if completeness is None and is_due:  # not before: whisper, which the answer waits for, has the cores
                completeness = await self._ears.turn_detector.completeness(command.as_if_over())
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
                self._speak_softly(frame)
            case None:
                self._duck(is_soft=frame.ends_at < self._soft_until)
            case _:
                assert_never(heard)
        return frame, None

    def _speak_softly(self, frame: Frame) -> None:
        self._soft_until = frame.ends_at + SOFT_SECONDS
        self._duck(is_soft=True)
