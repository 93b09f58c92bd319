"""What a session of the bench has measured: as tables and as JSON."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from typing_extensions import assert_never

from jetson_voice.bench.barge_in import BargeIns
from jetson_voice.bench.waterfall import Mode, Turn, Waterfall
from jetson_voice.config import Config
from jetson_voice.stats import Percentiles, percentiles

ROWS: Final[Mapping[str, str]] = {
    "endpoint": "endpoint decided",
    "transcript": "transcript",
    "first_token": "first token",
    "first_sentence": "first sentence",
    "first_sample_made": "first sample made",
    "first_sample_heard": "first sample heard",
}
"""Moments of a waterfall; all count from the end of speech."""

ABOUT: Final[Mapping[Mode, str]] = {
    "default": "The daemon as it is.",
    "sequential": "The same ears and whisper, nothing ahead: the whole answer is written, then made, then played.",
    "tutorial": "The usual loop: a pause of 0.8 s, faster-whisper as it comes, cut at every stop, piece after piece.",
}

BOARD: Final = Path("/proc/device-tree/model")


@dataclass(frozen=True)
class Table:
    """Percentiles by row, and what else there is to say."""

    title: str
    unit: str = ""
    rows: Sequence[tuple[str, ...]] = ()
    notes: Sequence[str] = ()

    @property
    def head(self) -> tuple[str, ...]:
        """Above the rows."""
        return (self.unit, "p50", "p90", "p99", "worst")


@dataclass(frozen=True)
class Results:
    """Everything that was measured, and on what."""

    about: str
    """One line: the day, the machine, the models, the place."""

    turns: Sequence[Turn]
    resident_mib: float
    """With all models of the daemon loaded, and nothing else."""

    barge_ins: BargeIns | None

    @property
    def modes(self) -> list[Mode]:
        """Those that were measured, in order."""
        return list(dict.fromkeys(turn.mode for turn in self.turns))

    def of(self, mode: Mode) -> list[Turn]:
        """The turns of a mode."""
        return [turn for turn in self.turns if turn.mode == mode]

    def waterfalls(self, mode: Mode) -> list[Waterfall]:
        """Those of the turns that were measured."""
        return [turn.waterfall for turn in self.of(mode) if turn.waterfall]

    def first_sound(self, mode: Mode) -> Percentiles | None:
        """Seconds from the end of speech to the first sample heard."""
        return spread(each.first_sample_heard for each in self.waterfalls(mode))


def about(config: Config, *, place: str, today: date, cores: int) -> str:
    """On what it was measured."""
    machine = BOARD.read_text().strip("\0\n") if BOARD.exists() else platform.machine()
    models = ", ".join((Path(config.stt.model).name, language_model_of(config), *voices_of(config)))
    return f"{today}, {machine}, {cores} cores, {models}; {place}"


def language_model_of(config: Config) -> str:
    """The language model's name."""
    match config.llm.backend:
        case "ollama":
            return config.llm.ollama.model
        case "openai":
            return config.llm.openai.model
        case "embedded":
            return Path(config.llm.embedded.model).name
        case backend:
            assert_never(backend)


def voices_of(config: Config) -> list[str]:
    """The voices' names."""
    return [Path(voice).name for voice in (config.tts.voices.zh, config.tts.voices.en) if voice]


def spread(values: Iterable[float]) -> Percentiles | None:
    """Their percentiles; None of nothing."""
    known = list(values)
    return percentiles(known) if known else None


def line_of(turn: Turn) -> str:
    """A turn in one line."""
    if not turn.waterfall:
        return f"{turn.mode:10}  not measured, {turn.outcome}: {turn.question}"
    moments = ", ".join(f"{name} {in_ms(getattr(turn.waterfall, field))}" for field, name in ROWS.items())
    return f"{turn.mode:10}  {moments} ms: {turn.question}"


def tables(results: Results) -> list[Table]:
    """Everything, as it is shown."""
    found = [table_of_mode(mode, results) for mode in results.modes]
    if results.barge_ins:
        found.append(table_of_barge_ins(results.barge_ins))
    memory = f"Memory with all models of the daemon loaded: {results.resident_mib:.0f} MiB."
    return [*found, Table("All of it", notes=[*comparison(results), memory])]


def table_of_mode(mode: Mode, results: Results) -> Table:
    """The waterfall of a mode, and what it cost."""
    turns, waterfalls = results.of(mode), results.waterfalls(mode)
    rows = [row(name, [getattr(each, field) for each in waterfalls]) for field, name in ROWS.items()]
    rows.append(row("endpoint → first sample heard", [each.after_endpoint for each in waterfalls]))
    spent = spread(turn.cpu_seconds for turn in turns)
    cpu = f"{spent.p50:.1f} s ({spent.worst:.1f} at worst)" if spent else "not measured"
    notes = [
        ABOUT[mode],
        f"CPU time of a turn, all cores: {cpu}.",
    ]
    ahead = [each for each in waterfalls if each.is_ahead]
    if ahead or any(turn.speculations_dropped for turn in turns):
        ready = [each.after_endpoint for each in ahead if each.was_ready]
        rows.append(row("the same, where its sound was ready by then", ready))
        wasted = sum(turn.wasted_seconds for turn in turns)
        dropped = sum(turn.speculations_dropped for turn in turns)
        notes += [
            f"Begun before the endpoint: {len(ahead)} of {len(waterfalls)}; its sound was ready by then: {len(ready)}.",
            f"Begun in vain: {dropped} times, {wasted:.1f} s of work thrown away.",
        ]
    title = f"{mode}: {len(waterfalls)} of {len(turns)} turns measured"
    return Table(title, "ms after the end of speech", rows, notes)


def table_of_barge_ins(barge_ins: BargeIns) -> Table:
    """How fast it fell silent."""
    silencings = barge_ins.silencings
    rows = [
        row("detection → last sample of the old answer", [each.after_detection for each in silencings]),
        row("last sound of the wake word → the same", [each.after_wake_word for each in silencings]),
    ]
    silent = f"{barge_ins.unmeasured} more met a silent moment of the answer, and count for nothing."
    title = f"barge-in: {len(silencings)} of {barge_ins.wanted} measured"
    return Table(title, "ms", rows, [silent] if barge_ins.unmeasured else [])


def comparison(results: Results) -> list[str]:
    """The default mode beside the others, by the median first sound."""
    ours = results.first_sound("default")
    lines = []
    for mode in results.modes:
        theirs = results.first_sound(mode)
        if mode != "default" and ours and theirs:
            share = f"{ours.p50 / theirs.p50:.2f} of {mode} ({in_ms(ours.p50)} of {in_ms(theirs.p50)} ms)"
            lines.append(f"First sample heard, medians: default is {share}.")
    return lines


def row(name: str, seconds: Iterable[float]) -> tuple[str, ...]:
    """Percentiles in milliseconds."""
    found = spread(seconds)
    return (name, *map(in_ms, (found.p50, found.p90, found.p99, found.worst))) if found else (name, *"––––")


def in_ms(seconds: float) -> str:
    """Whole milliseconds."""
    return f"{1000 * seconds:.0f}"


def json_of(results: Results) -> str:
    """Everything, turn by turn, in seconds."""
    first_sound = {mode: found for mode in results.modes if (found := results.first_sound(mode))}
    everything: dict[str, Any] = asdict(results)
    everything["first_sound"] = {mode: asdict(found) for mode, found in first_sound.items()}
    return json.dumps(rounded(everything), ensure_ascii=False, indent=1)


def rounded(value: Any) -> Any:  # noqa: ANN401  whatever JSON has
    """The same, numbers to the thousandth."""
    match value:
        case float():
            return round(value, 3)
        case dict():
            return {key: rounded(each) for key, each in value.items()}
        case list() | tuple():
            return [rounded(each) for each in value]
        case _:
            return value
