"""Memory: what is free now, against what the configured models will still take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jetson_voice.config import Config
from jetson_voice.doctor.findings import Finding, fail, ok, warn
from jetson_voice.doctor.language_model import tagged
from jetson_voice.doctor.machine import memory_of
from jetson_voice.doctor.models import Wanted
from jetson_voice.doctor.servers import OllamaFacts, ollama_facts
from jetson_voice.doctor.system import text_of
from jetson_voice.doctor.units import OURS, unit_of
from jetson_voice.language_servers import on_this_machine
from jetson_voice.progress import in_words

TOPIC: Final = "memory"
MIB: Final = 2**20

PROGRAM_BYTES: Final = 500 * MIB
"""Python, onnxruntime and Piper beside their models (an estimate, not measured on a Jetson)."""

OLLAMA_BYTES: Final = 820 * MIB
"""Beside a model of 7 billion parameters: 224 MiB for 4096 tokens, about 600 for computing (calculated)."""

NOT_YET_PULLED: Final[Mapping[str, int]] = {"qwen2.5:7b": 4_700_000_000, "qwen2.5:3b": 1_900_000_000}


@dataclass(frozen=True)
class Need:
    """What will take memory that it does not have yet."""

    what: str
    bytes: int


@dataclass(frozen=True)
class Memory:
    """What can be had without and with swapping, in bytes, and who will want it."""

    available: int
    swap_free: int
    needs: Sequence[Need]


def findings_of(memory: Memory) -> list[Finding]:
    """What is to be said of it."""
    free = f"{_gb(memory.available)} free"
    if not memory.needs:
        return [ok(TOPIC, f"{free}; everything is loaded already")]
    needed = sum(need.bytes for need in memory.needs)
    sums = ", ".join(f"{need.what} {in_words(need.bytes)}" for need in memory.needs)
    text = f"{free}, about {_gb(needed)} needed ({sums})"
    if needed <= memory.available:
        return [ok(TOPIC, text)]
    advice = "end what else runs (a desktop first), or take smaller models: qwen2.5:3b, whisper-base"
    if needed <= memory.available + memory.swap_free:
        return [warn(TOPIC, f"{text}: it will swap", advice)]
    return [fail(TOPIC, f"{text}, and no swap for the rest", advice)]


def needs_of(config: Config, files: Sequence[Wanted], ollama: OllamaFacts | None, *, runs: bool) -> list[Need]:
    """What is not in memory yet: nothing of the service while it runs, nothing of Ollama once it is loaded."""
    needs = []
    if not runs:
        models = sum(file.size or _size_of(file.path) for file in files)
        needs = [Need("the service", PROGRAM_BYTES), Need("its models", models)]
    if ollama is not None:
        name = tagged(config.llm.ollama.model)
        size = ollama.models.get(name) or NOT_YET_PULLED.get(name)
        if size and name not in {tagged(each.name) for each in ollama.loaded}:
            needs.append(Need(config.llm.ollama.model, size + OLLAMA_BYTES))
    return needs


def probed(config: Config, files: Sequence[Wanted]) -> Memory:
    """The memory of this machine; an Ollama elsewhere takes none of it."""
    local = config.llm.backend == "ollama" and on_this_machine(config.llm.ollama.url)
    unit = unit_of(OURS)
    meminfo = text_of(Path("/proc/meminfo"))
    return Memory(
        memory_of(meminfo, "MemAvailable"),
        memory_of(meminfo, "SwapFree"),
        needs_of(
            config,
            files,
            ollama_facts(config.llm.ollama.url) if local else None,
            runs=unit is not None and unit.is_active,
        ),
    )


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
