"""The command line: `jetson-voice run | replay | try | ask | say | devices | models | check-config | status | …`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from jetson_voice import __version__, commands, control_commands
from jetson_voice.audio import RecordingError
from jetson_voice.bench.turns import add_turns_to
from jetson_voice.config_file import ConfigError
from jetson_voice.control_client import ServiceError
from jetson_voice.journal import complain, start_logging
from jetson_voice.manifest import ModelError
from jetson_voice.protocols import StageError, StartError

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  has no public name

EX_CONFIG = 78
"""sysexits(3): a configuration that cannot work; systemd does not restart on it."""


def main(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911  one status for each kind of failure
    """Run one command; 0 when it worked, 78 for a configuration that cannot work, 1 for other failures."""
    options = parser().parse_args(arguments)
    start_logging()
    try:
        return int(options.command(options) or 0)
    except (ConfigError, StartError) as problem:
        complain(str(problem))
        return EX_CONFIG
    except StageError as problem:
        return failed(problem.reason)
    except (ServiceError, ModelError, RecordingError) as problem:
        return failed(str(problem))
    except BrokenPipeError:
        return failed("whoever read the output has gone")
    except OSError as problem:
        return failed(f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem))
    except KeyboardInterrupt:
        return 130


def failed(reason: str) -> int:
    """Say why on one line; the exit status."""
    complain(f"jetson-voice: {reason}")
    return 1


def parser() -> argparse.ArgumentParser:
    """Every command and option."""
    root = argparse.ArgumentParser(
        prog="jetson-voice",
        description="A hands-free voice assistant that runs whole on this device.",
        epilog="Without --config: /etc/jetson-voice/config.toml when it exists, else models/starter.toml of the "
        "checkout. Exit status: 0 done, 1 failed, 2 wrong usage, 78 the configuration cannot work.",
    )
    root.add_argument("--version", action="version", version=f"jetson-voice {__version__}")
    verbs = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    run = _command(verbs, "run", commands.run, "listen and answer until told to stop")
    _takes_config(run)

    replay = _command(verbs, "replay", commands.replay, "hold the conversation in a recording, in real time")
    replay.add_argument("recording", metavar="IN.wav", type=Path, help="what the microphone hears (16-bit PCM)")
    replay.add_argument("--out", metavar="OUT.wav", type=Path, required=True, help="what the speaker plays")
    replay.add_argument(
        "--events",
        metavar="FILE.jsonl",
        type=Path,
        help="write what happens, one JSON object a line",
    )
    _takes_config(replay, default="models/starter.toml of the checkout")

    attempt = _command(verbs, "try", commands.try_out, "hold one conversation turn on files, and check it by ear")
    attempt.add_argument(
        "--folder",
        metavar="DIR",
        type=Path,
        default=Path("try"),
        help="for its files (default: try)",
    )
    _takes_config(attempt, default="models/starter.toml of the checkout")

    ask = _command(
        verbs,
        "ask",
        commands.ask,
        "ask the running service, which answers aloud, or the language model alone; the answer is printed",
    )
    ask.add_argument("text", metavar="TEXT", nargs="+", help="the question")
    _takes_config(ask)

    say = _command(verbs, "say", commands.say, "let the running service speak a text, or speak it alone")
    say.add_argument("text", metavar="TEXT", nargs="+", help="what to say")
    say.add_argument("--out", metavar="OUT.wav", type=Path, help="write a WAV file instead of using the speaker")
    _takes_config(say)
    for verb in (ask, say):
        verb.add_argument("--alone", action="store_true", help="without the running service, as with --config")

    control_commands.add_to(verbs)

    statistics = _command(verbs, "stats", commands.stats, "how fast it was, what nearly woke it and what failed")
    statistics.add_argument("--since", metavar="TIME", help="as journalctl takes it: yesterday, -1h, 2026-11-22")
    statistics.add_argument(
        "--unit", metavar="UNIT", default="jetson-voice", help="whose journal (default: %(default)s)"
    )
    statistics.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, help="lines of journalctl -o json; - is stdin"
    )
    statistics.add_argument("--json", action="store_true", help="for a program")

    bench = _command(verbs, "bench", None, "measure it; without a COMMAND: turns")
    bench_verbs = bench.add_subparsers(title="commands", metavar="COMMAND")
    bench.set_defaults(**vars(add_turns_to(bench_verbs).parse_args([])))
    sentences = _command(bench_verbs, "sentences", commands.bench_sentences, "how sentences are cut, beside others")
    sentences.add_argument("--out", metavar="FILE.md", type=Path, help="write the table into a file, too")

    _command(verbs, "devices", commands.devices, "list the microphones and speakers of this machine")

    models = _command(verbs, "models", None, "list or download models")
    model_verbs = models.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = _command(model_verbs, "list", commands.list_models, "what each profile holds, and whether it is here")
    listing.add_argument("--profile", metavar="P", help="only this profile (default: all)")
    pulling = _command(model_verbs, "pull", commands.pull_models, "download what is missing or damaged, and check it")
    pulling.add_argument("--profile", metavar="P", help="a profile's models (default: those the configuration names)")
    pulling.add_argument(
        "--from",
        metavar="DIR",
        type=Path,
        dest="from_folder",
        help="take them from this models directory, not from the network",
    )
    for verb in (listing, pulling):
        verb.add_argument("--directory", metavar="DIR", type=Path, help="where the models are (default: as configured)")
        _takes_config(verb)

    check = _command(verbs, "check-config", commands.check_config, "say what is wrong with a configuration file")
    check.add_argument("config", metavar="FILE", nargs="?", type=Path, help="the file")

    _takes_doctor(verbs)
    return root


def _takes_doctor(verbs: Verbs) -> None:
    examine = _command(
        verbs, "doctor", commands.doctor, "examine everything that might keep it from working, with the fix"
    )
    examine.epilog = "Exit status: 0 nothing fails, 1 something fails, 78 the configuration cannot be used."
    examine.add_argument("--json", action="store_true", help="print a list of objects: topic, level, text, fix")
    examine.add_argument(
        "--quick", action="store_true", help="compare the sizes of the models' files, not their sha256"
    )
    examine.add_argument(
        "--echo", action="store_true", help="play a test sound, and measure only how much of it comes back"
    )
    _takes_config(examine)


def _command(verbs: Verbs, name: str, command: commands.Command | None, text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    if command:
        verb.set_defaults(command=command)
    return verb


def _takes_config(verb: argparse.ArgumentParser, default: str = "see jetson-voice --help") -> None:
    verb.add_argument("--config", metavar="FILE", type=Path, help=f"the configuration file (default: {default})")
