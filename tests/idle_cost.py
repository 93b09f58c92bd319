"""What the whole daemon costs while nobody speaks: run as a process in the virtual room, and looked at from outside."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ambience import Room, as_clip
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import wait_for
from jetson_voice.config import Config
from wake_recall import ALL_WORDS

REPOSITORY: Final = Path(__file__).parents[1]
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")

QUIET: Final = Room("fan", -75)
NOISY: Final = Room("office", -50)

IDLE_SECONDS: Final = 20
IDLE_COUNT: Final = 3
PHRASES_SECONDS: Final = 120
SETTLING_SECONDS: Final = 40
"""By then the gate knows the loudest of the rooms."""


@dataclass(frozen=True)
class Idle:
    """Shares of a core, measured several times, and MiB; of the daemon's process and of the microphone's."""

    shares: Sequence[tuple[float, float]]
    mib: tuple[float, float]

    @property
    def cpu(self) -> str:
        """Two cells of a table: both together, and the microphone's; medians, with the least and the greatest."""
        return f"{in_per_cent([sum(each) for each in self.shares])} | {in_per_cent([each[1] for each in self.shares])}"

    @property
    def memory(self) -> str:
        """The same of the memory."""
        return f"{sum(self.mib):.0f} MiB | {self.mib[1]:.0f} MiB"


def stop_tapes(room: VirtualRoom) -> None:
    """For them the sound server works in blocks of 5 ms, and wakes the process of the microphone for each."""
    room.microphone.close()
    room.speaker.close()


def settings(config: Config, *, ollama: str = "") -> str:
    """The starter configuration with three wake words, as a file anywhere; with an Ollama's URL, on that."""
    starter = (REPOSITORY / "models" / "starter.toml").read_text(encoding="utf-8")
    text = starter.replace('directory = "."', f'directory = "{config.models.directory}"')
    if ollama:
        text = text.replace('"embedded"', '"ollama"') + f'[llm.ollama]\nurl = "{ollama}"\n'
    return text + "".join(f'[[wake.words]]\nmodel = "{word.model}"\n' for word in ALL_WORDS.words)


def idle_daemon(
    room: VirtualRoom,
    text: str,
    noise: Room,
    *,
    settling: float = SETTLING_SECONDS,
    seconds: float = IDLE_SECONDS,
    count: int = IDLE_COUNT,
) -> Idle:
    """What `jetson-voice run` with this configuration takes while nobody speaks in this noise."""
    own = room.directory / "idle.toml"
    own.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "jetson_voice", "run", "--config", str(own)]
    directories = dict.fromkeys(("RUNTIME_DIRECTORY", "STATE_DIRECTORY"), str(room.directory))
    environment = room.environment | directories | {"PYTHONPATH": str(REPOSITORY / "daemon")}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stderr
            next(line for line in daemon.stderr if "all models are loaded" in line)
            # Then it makes its own phrases, one after the other, and keeps them together.
            wait_for(lambda: any((room.directory / "phrases").glob("*.wav")), PHRASES_SECONDS, "prepared phrase")
            room.say(as_clip(noise.noise(settling + seconds * count + 5)))
            time.sleep(settling)
            both = with_child(daemon.pid)
            shares = [cpu_shares(both, seconds) for _ in range(count)]
            ours, microphones = map(resident_mib, both)
            return Idle(shares, (ours, microphones))
        finally:
            daemon.terminate()


def with_child(pid: int) -> tuple[int, int]:
    """The daemon's process and its only child, the microphone's."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    [child] = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return pid, child


def cpu_shares(processes: tuple[int, int], seconds: float) -> tuple[float, float]:
    """The share of a core that each of two processes takes from now on."""
    before, began_at = [*map(cpu_seconds, processes)], time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - began_at
    ours, microphones = ((cpu_seconds(each) - then) / passed for each, then in zip(processes, before, strict=True))
    return ours, microphones


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def resident_mib(pid: int) -> float:
    """What a process holds in memory."""
    [resident] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(resident.split()[1]) / 1024


def in_per_cent(shares: Sequence[float]) -> str:
    """Median, least and greatest."""
    return f"{statistics.median(shares):.2%} ({min(shares):.2%} to {max(shares):.2%})"
