"""The models that the configuration names: here, of the right size and content, open to the service."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jetson_voice.config import Config
from jetson_voice.doctor.access import READ, User, may
from jetson_voice.doctor.findings import Finding, fail, ok, warn
from jetson_voice.languages import LANGUAGES
from jetson_voice.manifest import Model
from jetson_voice.models import sha256_of
from jetson_voice.progress import in_words

TOPIC: Final = "models"
PULL: Final = "jetson-voice models pull"


@dataclass(frozen=True)
class Wanted:
    """A file of a model; its size and SHA-256 where the manifest knows them."""

    model: str
    path: Path
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Found:
    """What is in its place."""

    wanted: Wanted
    size: int | None = None
    """Bytes; None when there is no such file."""

    sha256: str | None = None
    """None when it was not read."""

    problem: str = ""
    """Why it could not be looked at."""

    open_to_user: bool = True


def wanted_by(config: Config, known: Mapping[str, Model]) -> list[Wanted]:
    """The files that the configuration needs, as far as can be told without loading them."""
    directory = Path(config.models.directory)
    listed = [
        Wanted(name, directory / name / file.name, file.size, file.sha256)
        for name in sorted(config.model_names & known.keys())
        for file in known[name].files
    ]
    own = [Wanted(each, directory / Path(each).expanduser()) for each in _of_ones_own(config, known)]
    return [*listed, *(each for each in own if each.path not in {file.path for file in listed})]


def _of_ones_own(config: Config, known: Mapping[str, Model]) -> Iterator[str]:
    """Files that the manifest does not know: whisper's as a folder, the others as they are named."""
    if config.stt.model not in known:
        yield f"{config.stt.model}/model.bin"
    yield from (voice for voice in config.tts.voices.named.values() if voice not in known)
    if config.llm.backend == "embedded":
        yield config.llm.embedded.model
    for word in config.wake.words:
        if word.model.endswith((".onnx", ".json")):
            yield word.model
        elif config.wake.backend == "openwakeword":
            yield f"openwakeword/{word.model}.onnx"


def voiceless(config: Config) -> list[Finding]:
    """A line for each language that is spoken to the assistant and has no voice of its own."""
    return [
        warn(
            TOPIC,
            f"tts.voices.{language} is empty: espeak-ng speaks {LANGUAGES[language]}, robot-like",
            f"name a Piper voice, then {PULL}",
        )
        for language in config.stt.languages
        if language not in config.tts.voices.named
    ]


def findings_of(found: Sequence[Found], user: User) -> list[Finding]:
    """A line for each model that is whole, a line for each file that is not."""
    findings = []
    for name, group in itertools.groupby(found, key=lambda each: each.wanted.model):
        files = list(group)
        if len(files) > 1 and all(each.size is None and not each.problem for each in files):
            findings.append(fail(TOPIC, f"{name} is missing in {files[0].wanted.path.parent.parent}", PULL))
            continue
        problems = [problem for each in files if (problem := _problem(each, user))]
        findings.extend(problems or [_whole(name, files)])
    return findings


def _problem(found: Found, user: User) -> Finding | None:
    wanted, path = found.wanted, found.wanted.path
    if found.problem:
        return fail(TOPIC, f"{path} cannot be read: {found.problem}", f"give {user.name} access to it and its folders")
    if found.size is None:
        advice = PULL if wanted.sha256 else f"{PULL} where the manifest has it, or put it there"
        return fail(TOPIC, f"{path} is missing", advice)
    if wanted.size is not None and found.size != wanted.size:
        return fail(TOPIC, f"{path} has {found.size} bytes instead of {wanted.size}", PULL)
    if found.sha256 is not None and wanted.sha256 is not None and found.sha256 != wanted.sha256:
        return fail(TOPIC, f"{path} is damaged: its sha256 is not that of the manifest", PULL)
    if not found.open_to_user:
        advice = f"sudo chmod -R u=rwX,go=rX {path.parent}; and each folder above must be open to {user.name}"
        return fail(TOPIC, f"{user.name} may not read {path}", advice)
    return None


def _whole(name: str, files: Sequence[Found]) -> Finding:
    size = in_words(sum(each.size or 0 for each in files))
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    if all(each.sha256 for each in files):
        return ok(TOPIC, f"{name}: {count}, {size}, intact")
    return ok(TOPIC, f"{name}: {count}, {size}, not compared with a sha256")


def looked_at(wanted: Sequence[Wanted], user: User, *, quick: bool) -> list[Found]:
    """What is there; every byte is read and hashed, unless it is to be quick."""
    return [_found(each, user, quick=quick) for each in wanted]


def _found(wanted: Wanted, user: User, *, quick: bool) -> Found:
    try:
        size = _size(wanted.path)
        whole = wanted.sha256 is not None and size == wanted.size and not quick
        return Found(wanted, size, sha256_of(wanted.path) if whole else None, "", may(user, wanted.path, READ))
    except (FileNotFoundError, NotADirectoryError):
        return Found(wanted)
    except OSError as error:
        return Found(wanted, problem=error.strerror or str(error))


def _size(path: Path) -> int:
    """Bytes of the file, or of all files of a voice's folder."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.iterdir())
    return path.stat().st_size
