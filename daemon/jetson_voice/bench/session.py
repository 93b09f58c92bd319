"""A session of the bench: the models are loaded once, and the modes answer in turns, one question each."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import anyio
from anyio import to_thread

from jetson_voice import backends
from jetson_voice.assembly import assistant_of, ears_of, mind_of
from jetson_voice.audio import Clip
from jetson_voice.bench.household import Diary
from jetson_voice.bench.modes import StockWhisper, answering_of, settings_of
from jetson_voice.bench.places import InTheRoom, OnTheDevices, Place, RecordedMicrophone
from jetson_voice.bench.probes import Overheard, OverheardTranscriber, OverheardVoice
from jetson_voice.bench.room import Said, VirtualRoom
from jetson_voice.bench.usage import cpu_seconds, resident_mib
from jetson_voice.bench.waterfall import Mode, Turn, Waterfall, schedule, wasted_seconds, waterfall_of
from jetson_voice.concurrency import first
from jetson_voice.config import Config
from jetson_voice.delivery import Mind
from jetson_voice.events import SpeakingStarted, Transcribed, TurnEnded
from jetson_voice.listening import Ears
from jetson_voice.loading import load_models
from jetson_voice.requests import Requests

QUIET_SECONDS: Final = 1.0
"""Before each question; what waits in the microphone is read meanwhile."""

LONGEST_TURN_SECONDS: Final = 90.0


@dataclass(frozen=True)
class Measured:
    """The turns, and the memory with the daemon's own models loaded."""

    turns: Sequence[Turn]
    resident_mib: float


async def measured_turns(
    room: VirtualRoom | None,
    config: Config,
    modes: Sequence[Mode],
    questions: Mapping[str, Clip],
    *,
    turns: int,
    report: Callable[[Turn], None],
) -> Measured:
    """So many turns of each mode, in the room or else on the machine's own devices; StartError, StageError."""
    measured: list[Turn] = []
    async with opened(room, config, modes) as session:
        for mode, question in schedule(modes, list(questions), turns):
            measured.append(await session.turn(mode, question, questions[question]))
            report(measured[-1])
    return Measured(measured, session.resident_mib)


@asynccontextmanager
async def opened(room: VirtualRoom | None, config: Config, modes: Sequence[Mode]) -> AsyncGenerator[Session, None]:
    """The models and devices of one daemon, and the tutorial's own whisper where that mode is asked for."""
    async with AsyncExitStack() as stack:
        models = await load_models(stack, config)
        memory = resident_mib(os.getpid())
        stock = await StockWhisper.loaded(config) if "tutorial" in modes else None
        microphone = RecordedMicrophone(await stack.enter_async_context(backends.microphone(config)))
        speaker = await stack.enter_async_context(backends.speaker(config))
        await microphone.read()
        diary = Diary()
        language_model = Overheard(models.language_model, diary.note)
        overheard = replace(
            models,
            transcriber=OverheardTranscriber(models.transcriber, diary.note),
            language_model=language_model,
            voice=OverheardVoice(models.voice, diary.note),
        )
        minds = {mode: mind_of(overheard, speaker) for mode in modes}
        if stock:
            minds["tutorial"] = replace(minds["tutorial"], transcriber=OverheardTranscriber(stock, diary.note))
        place = InTheRoom(room) if room else OnTheDevices(speaker, microphone.recording)
        yield Session(config, place, ears_of(overheard, microphone), minds, language_model, diary, memory)


@dataclass(frozen=True)
class Asked:
    """A question that was said, and the CPU time until the end of its answer."""

    said: Said
    cpu_seconds: float


@dataclass(frozen=True)
class Session:
    """Everything that a turn in any of the modes needs."""

    config: Config
    place: Place
    ears: Ears
    minds: Mapping[Mode, Mind]
    language_model: Overheard
    diary: Diary
    resident_mib: float

    async def turn(self, mode: Mode, question: str, clip: Clip) -> Turn:
        """Ask one question aloud, as the first of a conversation, and hear the answer to its end; StageError."""
        diary = self.diary
        diary.happened.clear()
        config = settings_of(mode, self.config)
        answering = answering_of(mode, config, self.minds[mode], diary.note)
        assistant = assistant_of(config, self.ears, answering, Requests(), diary.note, speaker=self.minds[mode].speaker)
        asked = await first(partial(self._ask, clip), assistant.run)
        if asked is None:
            raise RuntimeError("an assistant listens for ever")
        outcomes = [ended.outcome for ended, _ in diary.of(TurnEnded)]
        waterfall = await self._waterfall(asked.said) if outcomes == ["answered"] else None
        return Turn(
            mode=mode,
            question=question,
            outcome=outcomes[0] if outcomes else "no answer",
            transcript=" ".join(heard.text for heard, _ in diary.of(Transcribed)),
            answer=self.language_model.answers[-1] if waterfall else "",
            waterfall=waterfall,
            speculations_dropped=len(wasted_seconds(diary.happened)),
            wasted_seconds=sum(wasted_seconds(diary.happened)),
            cpu_seconds=asked.cpu_seconds,
        )

    async def _ask(self, clip: Clip) -> Asked:
        await anyio.sleep(QUIET_SECONDS)
        before = cpu_seconds(os.getpid())
        said = await self.place.say(clip)
        with suppress(TimeoutError):
            await self.diary.until(TurnEnded, 1, LONGEST_TURN_SECONDS)
        return Asked(said, cpu_seconds(os.getpid()) - before)

    async def _waterfall(self, said: Said) -> Waterfall | None:
        speaking_at = self.diary.of(SpeakingStarted)[0][1]
        try:
            ended_at = await to_thread.run_sync(self.place.end_of_speech, said)
            heard_at = await to_thread.run_sync(self.place.first_sound, speaking_at)
        except TimeoutError:
            return None
        return waterfall_of(self.diary.happened, ended_at=ended_at, heard_at=heard_at)
