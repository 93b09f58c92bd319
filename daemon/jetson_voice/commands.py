"""What each command of the command line does."""

from __future__ import annotations

import logging
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TypeAlias

import anyio

from jetson_voice import app, backends, tryout
from jetson_voice.audio import read_wav
from jetson_voice.config import Config
from jetson_voice.config_file import load
from jetson_voice.event_log import logged, written_to
from jetson_voice.manifest import load_manifest
from jetson_voice.models import list_models as print_models
from jetson_voice.models import pull
from jetson_voice.paths import MANIFEST, STARTER_CONFIG, usual_config
from jetson_voice.sentences import Sentence, sentences_of, split

Command: TypeAlias = Callable[[Namespace], int | None]


def run(options: Namespace) -> None:
    """Listen and answer until told to stop."""
    config = load(options.config or usual_config())
    log_from(config.log.level)
    anyio.run(app.run, config, [logged(transcripts=config.log.transcripts)])


def replay(options: Namespace) -> None:
    """Hold the conversation in a recording, in real time."""
    config = load(options.config or STARTER_CONFIG)
    heard = read_wav(options.recording)
    log_from(config.log.level)
    observers = [logged(transcripts=True)]
    if not options.events:
        anyio.run(app.replay, config, heard, options.out, observers)
        return
    with options.events.open("w", encoding="utf-8") as file:
        anyio.run(app.replay, config, heard, options.out, [*observers, written_to(file)])


def log_from(level: str) -> None:
    """Log from a level on; of the libraries, only what should worry somebody."""
    logging.getLogger("jetson_voice").setLevel(level.upper())


def try_out(options: Namespace) -> int:
    """Hold one conversation turn on files; 0 when the answer was heard as it was written."""
    config = load(options.config or STARTER_CONFIG)
    return tryout.one_turn(config, options.folder)


def ask(options: Namespace) -> None:
    """Print the language model's answer sentence by sentence, as it would be spoken."""
    anyio.run(_ask, load(options.config or usual_config()), options.text)


async def _ask(config: Config, text: str) -> None:
    async with backends.language_model(config) as language_model:
        messages = app.conversation_of(config).user_said(text, at=anyio.current_time())
        async with (
            aclosing(language_model.reply(messages)) as chunks,
            aclosing(sentences_of(chunks)) as sentences,
        ):
            async for sentence in sentences:
                print(sentence.spoken, flush=True)


def say(options: Namespace) -> None:
    """Speak a text, sentence by sentence."""
    anyio.run(_say, load(options.config or usual_config()), options.text, options.out)


async def _say(config: Config, text: str, out: Path | None) -> None:
    async with AsyncExitStack() as stack:
        voice = await stack.enter_async_context(backends.voice(config))
        mouth = backends.wav_speaker(config, out) if out else backends.speaker(config)
        speaker = await stack.enter_async_context(mouth)
        for sentence in split([text]):
            speech = await voice.synthesize(Sentence(written=sentence, spoken=sentence))
            await speaker.play(speech.clip)


def devices(_: Namespace) -> None:
    """List the microphones and speakers of this machine."""
    from jetson_voice.backends.pyaudio_devices import listed  # noqa: PLC0415  needs PortAudio

    found = listed()
    for device in found:
        uses = [use for use in ("microphone", "speaker") if device.serves(use)]
        print(f"{device.index:3}  {device.name:40}  {device.rate_hz:6} Hz  {', '.join(uses)}")
    if not found:
        print("no sound devices: is the card plugged in, and is this user in the group audio?", file=sys.stderr)


def list_models(options: Namespace) -> None:
    """What each profile holds, and whether it is here."""
    print_models(load_manifest(MANIFEST), models_directory(options))


def pull_models(options: Namespace) -> None:
    """Download what is missing, and check it."""
    pull(load_manifest(MANIFEST), options.profile, models_directory(options))


def models_directory(options: Namespace) -> Path:
    """Where the models are: as asked, or as configured."""
    return options.directory or backends.models_of(load(options.config or usual_config()))


def check_config(options: Namespace) -> None:
    """Say what is wrong with a configuration file; nothing wrong: say so."""
    path = options.config or usual_config()
    load(path)
    print(f"{path}: every option is understood", file=sys.stderr)
