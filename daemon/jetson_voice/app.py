"""The composition root: from a configuration to a running assistant, and its end in the reverse order.

run ── first ─┬─ told_to_stop
              └─ together ─┬─ load      the models, side by side; a wrong one ends the daemon
                           ├─ listen    as soon as the ears are there: wake word, turn, wake word, …
                           ├─ keep_primed   the language model, which may come and go
                           ├─ prepare_phrases   its own words, for when no model can speak them
                           ├─ reload    the configuration, on SIGHUP
                           ├─ beat      to systemd: ready, status, watchdog
                           └─ obey      programs, through the control socket
"""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic, NoReturn, TypeVar

from anyio import Event as Signal
from anyio import current_time, open_signal_receiver

from jetson_voice import backends, control, runtime_paths
from jetson_voice.assembly import TimedObserver, assistant_of, conversation_of, ears_of, mind_of, observed_by, reply_of
from jetson_voice.assistant import Assistant
from jetson_voice.audio import Clip, Frame
from jetson_voice.concurrency import first, together
from jetson_voice.config import Config
from jetson_voice.config_file import ConfigError
from jetson_voice.control_desk import Desk
from jetson_voice.control_feed import Feed
from jetson_voice.conversation import Conversation
from jetson_voice.delivery import Mind
from jetson_voice.echo.reference import Reference
from jetson_voice.events import Observer, Ready
from jetson_voice.listening import Ears
from jetson_voice.loading import Slots, load_models
from jetson_voice.memory import give_back
from jetson_voice.near_misses import NearMisses
from jetson_voice.protocols import Microphone, Speaker
from jetson_voice.pulse import AttendedMicrophone, AttendedSpeaker, Pulse
from jetson_voice.reloading import reloaded
from jetson_voice.requests import Cue, Requests
from jetson_voice.service import Systemd, beat
from jetson_voice.sound_settings import SoundSettings, WithMute, WithVolume

log = logging.getLogger("jetson_voice")

M = TypeVar("M", bound=Microphone)


async def run(read: Callable[[], Config], observers_of: Callable[[Config], Sequence[TimedObserver]]) -> None:
    """Listen and answer until SIGTERM or SIGINT; SIGHUP has the configuration read again."""
    systemd = Systemd.of()
    async with AsyncExitStack() as stack:
        daemon = Daemon(read, observers_of)
        life = partial(
            together,
            partial(daemon.slots.load, stack),
            daemon.listen,
            daemon.slots.keep_primed,
            daemon.slots.prepare_phrases,
            partial(daemon.reload, systemd),
            partial(beat, daemon.pulse, systemd),
            partial(control.obey, runtime_paths.own_socket(), daemon.desk),
        )
        await first(life, partial(end, systemd))


async def end(systemd: Systemd) -> None:
    """Return when the daemon is told to stop; systemd knows then that it does."""
    await told_to_stop()
    systemd.stopping()


class Daemon:
    """What the branches of the daemon share: the models, the conversation, and the configuration they run on."""

    def __init__(self, read: Callable[[], Config], observers_of: Callable[[Config], Sequence[TimedObserver]]) -> None:
        self._read = read
        self._observers_of = observers_of
        self._config = read()
        self._started_at = current_time()
        self._changed = Signal()
        self._conversation = conversation_of(self._config)
        self._sound = SoundSettings(runtime_paths.state_directory() / "sound.json")
        self._near_misses = NearMisses(self._config.wake.thresholds)
        self.pulse = Pulse()
        self.desk = Desk(Requests(), self._sound, Feed(self._sound, hears=self.pulse.hears))
        self.slots = Slots(
            self._config,
            self.pulse,
            system_prompt=lambda: self._config.conversation.system_prompt,
            scored=self._scored,
        )
        self._observe = self._observer()

    async def listen(self) -> None:
        """Answer every command, for ever."""
        models = await self.slots.ears()
        reference = Reference()
        async with (
            backends.microphone(self._config) as microphone,
            backends.speaker(self._config, reference) as speaker,
        ):
            self.pulse.listens()
            mind = mind_of(models, WithVolume(AttendedSpeaker(speaker, self.pulse), self._sound))
            attended = AttendedMicrophone(microphone, self.pulse)
            with backends.without_echo(self._config, attended, reference) as heard:
                await self._answer(ears_of(models, WithMute(heard, self._sound)), mind)

    async def _answer(self, ears: Ears, mind: Mind) -> NoReturn:
        self._observe(Ready())
        while True:
            self._changed = Signal()
            self._conversation = conversation_of(self._config).goes_on_from(self._conversation)
            self._observe = self._observer()
            reply = reply_of(self._config, mind, self._conversation, self._observe)
            assistant = assistant_of(self._config, ears, reply, self.desk.requests, self._observe, speaker=mind.speaker)
            await self._converse(assistant)

    async def _converse(self, assistant: Assistant) -> None:
        """Answer every command until the configuration has changed; a turn is never broken off for that."""
        while not self._changed.is_set():
            cue: Cue | None = await first(assistant.wait_for_cue, self._changed.wait)
            while cue:
                cue = await assistant.take_turn(cue)
            give_back()

    def _observer(self) -> Observer:
        config = self._config
        feed = self.desk.feed.observer(config.wake.thresholds, transcripts=config.log.transcripts)
        return observed_by([*self._observers_of(config), feed], since=self._started_at)

    def _scored(self, scores: Mapping[str, float], frame: Frame, heard: str) -> None:
        self.desk.feed.scored(scores, frame.ends_at)
        for miss in self._near_misses.after(scores, frame, heard):
            self._observe(miss)

    async def reload(self, systemd: Systemd) -> None:
        """Read the configuration again whenever SIGHUP asks for it; what is wrong with it changes nothing."""
        with open_signal_receiver(signal.SIGHUP) as signals:
            async for _ in signals:
                systemd.reloading()
                self._reload()
                systemd.ready()

    def _reload(self) -> None:
        try:
            change = reloaded(self._config, self._read())
        except (ConfigError, OSError) as problem:
            for line in str(problem).splitlines():
                log.error("not reloaded: %s", line)  # noqa: TRY400  the line says it all
            return
        self._config = change.config
        self._changed.set()
        log.info("the configuration was read again")
        if change.needs_restart:
            log.warning("changed, but needs a restart: %s", ", ".join(change.needs_restart))


async def replay(config: Config, heard: Clip, spoken: Path, observers: Sequence[TimedObserver]) -> None:
    """Answer the commands in a recording, in real time; write what the speaker plays to a WAV file."""
    microphone, speaker = backends.wav_microphone(heard), partial(backends.wav_speaker, config, spoken)

    async def listen() -> None:
        async with running(config, microphone, speaker, observers) as session:
            assistant, ended = session.assistant, session.microphone.ended
            cue: Cue | None = await first(assistant.wait_for_wake, ended)
            while cue:
                cue = await assistant.take_turn(cue) or await first(assistant.wait_for_wake, ended)

    await first(listen, told_to_stop)


@dataclass(frozen=True)
class Running(Generic[M]):
    """An assistant that listens, what it listens with, and what it remembers."""

    assistant: Assistant
    microphone: M
    conversation: Conversation


@asynccontextmanager
async def running(
    config: Config,
    microphone: AbstractAsyncContextManager[M],
    speaker: Callable[[Reference], AbstractAsyncContextManager[Speaker]],
    observers: Sequence[TimedObserver],
) -> AsyncGenerator[Running[M], None]:
    """Everything open, the models first, and Ready reported; closed in the reverse order."""
    async with AsyncExitStack() as stack:
        models = await load_models(stack, config)
        source = await stack.enter_async_context(microphone)
        observe = observed_by(observers, since=current_time())
        reference = Reference()
        mouth = await stack.enter_async_context(speaker(reference))
        heard = stack.enter_context(backends.without_echo(config, source, reference))
        conversation = conversation_of(config)
        reply = reply_of(config, mind_of(models, mouth), conversation, observe)
        assistant = assistant_of(config, ears_of(models, heard), reply, Requests(), observe, speaker=mouth)
        observe(Ready())
        yield Running(assistant, source, conversation)


async def told_to_stop() -> None:
    """Return when systemd or the user wants the daemon to end."""
    with open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            return
