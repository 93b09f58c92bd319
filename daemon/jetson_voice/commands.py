"""What each command of the command line does."""

from __future__ import annotations

import errno
import faulthandler
import logging
import sys
from argparse import Namespace
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import TypeAlias

import anyio
from typing_extensions import assert_never

from jetson_voice import app, backends, control_commands, tryout
from jetson_voice.assembly import TimedObserver, conversation_of
from jetson_voice.audio import read_wav
from jetson_voice.config import Config
from jetson_voice.config_file import load
from jetson_voice.control_client import NoServiceError
from jetson_voice.event_log import logged, written_to
from jetson_voice.language_servers import checked_url
from jetson_voice.manifest import Profile, load_manifest
from jetson_voice.models import list_models as print_models
from jetson_voice.models import missing, pull
from jetson_voice.paths import MANIFEST, STARTER_CONFIG, usual_config
from jetson_voice.sentences import Sentence, sentences_of, split
from jetson_voice.stats import statistics
from jetson_voice.turn_summary import Turns

Command: TypeAlias = Callable[[Namespace], int | None]


def run(options: Namespace) -> None:
    """Listen and answer until told to stop."""
    faulthandler.enable()  # the watchdog ends with SIGABRT: then it is in the journal what every thread did
    turns = Turns()

    def observers_of(config: Config) -> list[TimedObserver]:
        return [logged(transcripts=config.log.transcripts, turns=turns)]

    anyio.run(app.run, partial(configuration, options), observers_of)


def replay(options: Namespace) -> None:
    """Hold the conversation in a recording, in real time."""
    config = configuration(options, STARTER_CONFIG)
    heard = read_wav(options.recording)
    check_writable(options.out, but_not=options.recording)
    observers = [logged(transcripts=True)]
    with ExitStack() as closes:
        if options.events:
            observers.append(written_to(closes.enter_context(options.events.open("w", encoding="utf-8"))))
        anyio.run(app.replay, config, heard, options.out, observers)
    print(f"{options.out}: what the speaker played")


def try_out(options: Namespace) -> int:
    """Hold one conversation turn on files; 0 when the answer was heard as it was written."""
    return tryout.one_turn(configuration(options, STARTER_CONFIG), options.folder)


def configuration(options: Namespace, usual: Path | None = None) -> Config:
    """The configuration that was asked for, or the usual one; from here on its log level counts."""
    config = load(options.config or usual or usual_config())
    logging.getLogger("jetson_voice").setLevel(config.log.level.upper())
    return config


def check_writable(path: Path, *, but_not: Path | None = None) -> None:
    """OSError when a file cannot be written there, or would be written over what is read; an old one stays."""
    if but_not and path.exists() and path.samefile(but_not):
        raise FileExistsError(errno.EEXIST, "it is the recording itself", str(path))
    with path.open("ab"):
        pass


def ask(options: Namespace) -> None:
    """Let the running service answer, or print the language model's answer sentence by sentence as it is spoken."""
    if done_by_service(control_commands.ask_there, options, alone=bool(options.alone or options.config)):
        return
    anyio.run(_ask, configuration(options), " ".join(options.text))


async def _ask(config: Config, text: str) -> None:
    async with backends.language_model(config) as language_model:
        messages = conversation_of(config).with_question(text, at=anyio.current_time())
        async with (
            aclosing(language_model.reply(messages)) as chunks,
            aclosing(sentences_of(chunks)) as sentences,
        ):
            async for sentence in sentences:
                print(sentence.spoken, flush=True)


def done_by_service(ask: Callable[[str], None], options: Namespace, *, alone: bool) -> bool:
    """Whether the running service has done it; False, and it is said, when none runs; ServiceError."""
    if alone:
        return False
    try:
        ask(" ".join(options.text))
    except NoServiceError:
        print("no service runs: doing it alone", file=sys.stderr)
        return False
    return True


def say(options: Namespace) -> None:
    """Let the running service speak a text, or speak it sentence by sentence."""
    if done_by_service(control_commands.say_there, options, alone=bool(options.alone or options.config or options.out)):
        return
    if options.out:
        check_writable(options.out)
    anyio.run(_say, configuration(options), " ".join(options.text), options.out)


async def _say(config: Config, text: str, out: Path | None) -> None:
    async with AsyncExitStack() as stack:
        voice = await stack.enter_async_context(backends.voice(config))
        mouth = backends.wav_speaker(config, out) if out else backends.speaker(config)
        speaker = await stack.enter_async_context(mouth)
        for sentence in split([text]):
            speech = await voice.synthesize(Sentence(written=sentence, spoken=sentence))
            await speaker.play(speech.clip)


def stats(options: Namespace) -> None:
    """Sum up the journal: latencies, near misses, failures."""
    statistics(options.unit, options.since, options.source, as_json=options.json)


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
    """What each profile holds, or one of them, and whether it is here."""
    manifest = load_manifest(MANIFEST)
    profiles = [manifest.profile(options.profile)] if options.profile else manifest.profiles.values()
    print_models(profiles, options.directory or backends.models_of(configuration(options)))


def pull_models(options: Namespace) -> None:
    """Download what is missing or damaged, of a profile or of what the configuration names, and check it."""
    config = configuration(options)
    wanted = load_manifest(MANIFEST).profile(options.profile) if options.profile else named_by(config)
    if options.from_folder:
        wanted = wanted.taken_from(options.from_folder)
    pull(wanted, options.directory or backends.models_of(config))


def named_by(config: Config) -> Profile:
    """The models that a configuration names, as far as the manifest knows them."""
    known = load_manifest(MANIFEST).models
    models = tuple(model for name, model in known.items() if name in config.model_names)
    ollama = config.llm.ollama.model if config.llm.backend == "ollama" else ""
    return Profile("the configuration", "what the configuration names", models, ollama)


def check_config(options: Namespace) -> None:
    """Say what is wrong with a configuration file, and which models it still needs."""
    path = options.config or usual_config()
    config = load(path)
    match config.llm.backend:
        case "ollama":
            checked_url("llm.ollama.url", config.llm.ollama.url)
        case "openai":
            checked_url("llm.openai.url", config.llm.openai.url)
        case "embedded":
            pass
        case backend:
            assert_never(backend)
    print(f"{path}: every option is understood")
    directory = backends.models_of(config)
    absent = [model.name for model in missing(named_by(config), directory)]
    if absent:
        print(f"not yet in {directory}: {', '.join(absent)}; run jetson-voice models pull --config {path}")


def doctor(options: Namespace) -> int:
    """Examine everything that might keep it from working."""
    from jetson_voice import doctor  # noqa: PLC0415  needs what no other command does

    return doctor.run(options)


def bench_sentences(options: Namespace) -> None:
    """Compare our sentences with those of others, and print the table."""
    from jetson_voice.bench.sentences import report  # noqa: PLC0415  needs what no other command does

    if options.out:
        check_writable(options.out)
    table = report()
    print(table, end="")
    if options.out:
        options.out.write_text(table, encoding="utf-8")
