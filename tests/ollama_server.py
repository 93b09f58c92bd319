"""A real Ollama server of a test's own: loopback, its own models, gone afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import final

import httpx

_LISTENING = re.compile(r"Listening on (127\.0\.0\.1:\d+) ")


@final
class OllamaServer:
    """Runs `binary serve` on a free loopback port from `with` to its end, however that comes."""

    def __init__(self, binary: Path, *, max_queue: int = 512, start_seconds: float = 30.0) -> None:
        self.url = ""
        self._binary = binary.resolve(strict=True)
        self._max_queue = max_queue
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_log = ""

    def __enter__(self) -> OllamaServer:
        self._directory = tempfile.TemporaryDirectory(prefix="ollama-")
        try:
            self._start(Path(self._directory.name))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.kill()
        finally:
            self._ended_log = self.log
            self._directory.cleanup()

    @property
    def log(self) -> str:
        """All that the server and its runners have printed, also after they have ended."""
        path = Path(self._directory.name) / "log"
        return path.read_text(errors="replace") if path.exists() else self._ended_log

    def create(self, name: str, gguf_path: Path) -> None:
        """Imports a GGUF file as the model `name`, with the chat template that the file names."""
        blob = gguf_path.read_bytes()
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        request = {
            "model": name,
            "files": {gguf_path.name: digest},
            # Two threads spin while they wait for each other: several times slower on busy cores.
            "parameters": {"num_thread": 1},
            "stream": False,
        }
        with httpx.Client(base_url=self.url, timeout=60.0, trust_env=False) as client:
            client.post(f"/api/blobs/{digest}", content=blob).raise_for_status()
            client.post("/api/create", json=request).raise_for_status()

    def runner_cpu_seconds(self) -> float:
        """Processor time that the runners alive now have used: it stands still between answers."""
        server = self._process.pid if self._process else 0
        return sum(seconds for pid, seconds in self._members().items() if pid != server)

    def kill(self) -> None:
        """Ends the server and its runners with SIGKILL and returns when none of them is left."""
        if self._process is None:
            return
        if self._process.returncode is None:
            # Not reaped yet, so the group's number cannot be another's.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        _wait_until(lambda: not self._members(), 10.0, "the runners outlived SIGKILL")

    def _start(self, directory: Path) -> None:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(directory),
            "OLLAMA_HOST": "127.0.0.1:0",
            "OLLAMA_MODELS": str(directory / "models"),
            "OLLAMA_NUM_PARALLEL": "1",
            "OLLAMA_MAX_QUEUE": str(self._max_queue),
            "OLLAMA_DEBUG": "1",
        }
        with (directory / "log").open("wb") as log:
            self._process = process = subprocess.Popen(
                [self._binary, "serve"],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def listening() -> bool:
            if process.poll() is not None:
                raise RuntimeError(f"ollama serve ended with {process.returncode}:\n{self.log}")
            address = _LISTENING.search(self.log)
            self.url = f"http://{address[1]}" if address else ""
            return address is not None

        _wait_until(listening, self._start_seconds, "ollama serve does not listen")
        with httpx.Client(timeout=self._start_seconds, trust_env=False) as client:
            client.get(f"{self.url}/api/version").raise_for_status()

    def _members(self) -> dict[int, float]:
        """Processor seconds by process id of what still runs in the server's process group."""
        members: dict[int, float] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if self._process and int(fields[2]) == self._process.pid and fields[0] not in "ZX":
                ticks = int(fields[11]) + int(fields[12])
                members[int(stat.parent.name)] = ticks / os.sysconf("SC_CLK_TCK")
        return members


def _wait_until(condition: Callable[[], bool], seconds: float, failure: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{failure} ({seconds:g} s)")
        time.sleep(0.02)
