"""The import rule: who may know whom."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from jetson_voice import backends, config
from jetson_voice.backends.echoes import ECHOES

SOURCES = Path(config.__file__).parent
PURE = {
    "audio", "bench/picture", "bench/waterfall", "clauses", "command", "config", "control_protocol",
    "conversation", "echo/alignment", "echo/audio_clock", "echo/canceller", "echo/cancellation", "echo/delay",
    "echo/interpolation", "echo/playback", "echo/remainder", "endings", "endpointing",
    "events", "exit_phrases", "heard", "hearing", "languages",
    "list_items", "live", "loudness", "monitor", "multilingual", "near_misses", "open_marks", "own_voice", "own_words",
    "patience", "pauses", "phantoms", "phrases", "protocols", "quiet", "reloading", "remarks", "repetition", "scores",
    "sentence_ends", "sentences", "spoken_part", "spoken_text", "turn_summary", "vitals", "wake_phrase",
    "wake_rules",
}  # fmt: skip
READING = {path.relative_to(SOURCES).with_suffix("").as_posix() for path in (SOURCES / "reading").rglob("*.py")}
STORY = {"assistant", "listening", "priming", "delivery", "hold", "reply", "requests", "concurrency"}
LIBRARIES_OF_THE_CORE = {"anyio", "exceptiongroup", "numpy", "soxr", "typing_extensions"}
ONE_BACKEND_EACH = {
    "openwakeword", "pymicro_wakeword", "faster_whisper", "ctranslate2", "ollama", "openai", "xllamacpp", "piper",
    "espeakng_loader",
    "opencc",
}  # fmt: skip


CONTENDERS = {"pysbd", "sentence_stream", "stream2sentence"}


def imports_of(path: Path) -> set[str]:
    """The full names of the modules that a file imports, at its top or later."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own(names: set[str]) -> set[str]:
    """The project's modules among them: `sentences`, `backends`."""
    return {name.split(".")[1] for name in names if name.startswith("jetson_voice.")}


@pytest.mark.parametrize("module", sorted(PURE | READING))
def test_a_pure_module_knows_pure_modules_only(module: str) -> None:
    imports = imports_of(SOURCES / f"{module}.py")
    modules = {path.stem for path in SOURCES.glob("*.py")}
    assert own(imports) & (modules | {"backends"}) <= PURE
    for forbidden in ("anyio", "threading", "socket", "time", "asyncio", "subprocess", "os"):
        assert forbidden not in {name.split(".")[0] for name in imports}


@pytest.mark.parametrize("module", sorted(STORY))
def test_the_story_of_a_turn_knows_no_library_and_no_backend(module: str) -> None:
    imports = imports_of(SOURCES / f"{module}.py")
    modules = {path.stem for path in SOURCES.glob("*.py")}
    assert own(imports) & (modules | {"backends"}) <= PURE | STORY
    outside = {name.split(".")[0] for name in imports} - {"jetson_voice"} - set(sys.stdlib_module_names)
    assert outside <= LIBRARIES_OF_THE_CORE


def test_a_library_is_known_to_one_backend_only() -> None:
    for path in SOURCES.rglob("*.py"):
        imported = {name.split(".")[0] for name in imports_of(path)} & ONE_BACKEND_EACH
        assert not imported or path.parent.name == "backends", f"{path.name} imports {imported}"


def test_one_module_spells_numbers() -> None:
    knowing = {path.name for path in SOURCES.rglob("*.py") if any("unicode_rbnf" in name for name in imports_of(path))}
    assert knowing == {"numbers.py"}


def test_a_contender_is_known_to_the_bench_only() -> None:
    for path in SOURCES.rglob("*.py"):
        imported = {name.split(".")[0] for name in imports_of(path)} & CONTENDERS
        assert not imported or path.relative_to(SOURCES).as_posix() == "bench/contenders.py"


def test_only_the_composition_root_and_the_commands_know_the_backends() -> None:
    files = {path for path in SOURCES.rglob("*.py") if path.parent.name != "backends"}
    knowing = {path.relative_to(SOURCES).as_posix() for path in files if "backends" in own(imports_of(path))}
    bench = {"bench/household.py", "bench/modes.py", "bench/session.py"}
    assert knowing == bench | {
        "app.py",
        "loading.py",
        "commands.py",
        "tryout.py",
        "doctor/libraries.py",
        "doctor/echo_test.py",
    }


def test_nothing_of_the_daemon_knows_the_bench() -> None:
    files = {path for path in SOURCES.rglob("*.py") if path.parent.name != "bench"}
    assert {path.name for path in files if "bench" in own(imports_of(path))} <= {"cli.py", "commands.py"}


def test_nothing_runs_outside_a_scope() -> None:
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import asyncio" not in text, path.name
        assert "create_task(" not in text, path.name


@pytest.mark.parametrize(
    ("section", "option", "table"),
    [
        (config.Microphone, "echo", ECHOES),
        (config.Wake, "backend", backends.WAKE_WORDS),
        (config.Listen, "turn_detector", backends.TURN_DETECTORS),
        (config.LanguageModel, "backend", backends.LANGUAGE_MODELS),
    ],
)
def test_the_configuration_offers_the_rows_of_the_table_and_no_others(
    section: type, option: str, table: dict[str, object]
) -> None:
    choices = get_args(get_type_hints(section)[option])
    assert choices == tuple(table)
    assert getattr(section(), option) == next(iter(table))
