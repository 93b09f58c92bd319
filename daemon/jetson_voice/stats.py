"""`jetson-voice stats`: how fast it was, what nearly woke it and what failed, from the journal."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from jetson_voice.notices import MESSAGE_IDS
from jetson_voice.turn_summary import WAITS

Entry: TypeAlias = Mapping[str, Any]
"""An entry as `journalctl -o json` writes it."""

STAGES: Final = {
    "endpoint": "JV_ENDPOINT_MS",
    **{name: f"JV_{name.upper()}_MS" for name in WAITS},
    "first sound": "JV_MS",
}
MANY_NEAR_MISSES: Final = 3


@dataclass(frozen=True)
class Percentiles:
    """Of how many values; in milliseconds or as scores."""

    count: int
    p50: float
    p90: float
    p99: float
    worst: float


@dataclass(frozen=True)
class Statistics:
    """All that the journal tells of some time."""

    turns: Mapping[str, int]
    """By outcome."""

    stages_ms: Mapping[str, Percentiles]
    speculation: Mapping[str, float]
    """Turns whose answer was begun ahead (`hits`), beginnings thrown away (`misses`), seconds of work lost."""

    wakes: Mapping[str, int]
    """Wake words heard, by word."""

    near_misses: Mapping[str, Percentiles]
    """Scores of what was nearly a wake word, by word."""

    failures: Mapping[str, int]
    """By stage and reason."""

    events: Mapping[str, int]
    """Microphone and language model, lost and found."""


def statistics(unit: str, since: str | None, source: Path | None, *, as_json: bool) -> None:
    """Print the statistics of a unit's journal, or of entries in a file (`-` for stdin); OSError."""
    with ExitStack() as closes:
        found = statistics_of(entries(lines(unit, since, source, closes)))
    if as_json:
        print(json.dumps({**asdict(found), "turns": {"total": sum(found.turns.values()), **found.turns}}))
    else:
        print("\n".join(shown(found)))


def lines(unit: str, since: str | None, source: Path | None, closes: ExitStack) -> Iterable[str]:
    """The entries as lines of JSON."""
    if source and str(source) == "-":
        return sys.stdin
    if source:
        return closes.enter_context(source.open(encoding="utf-8", errors="replace"))
    command = ["journalctl", "--unit", unit, "--output", "json", "--no-pager", "--quiet"]
    command += ["--since", since] if since else []
    # Only notices: the journal finds them by its index, and a year of debug lines is not read.
    command += [f"JV_EVENT={name}" for name in MESSAGE_IDS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    except FileNotFoundError:
        raise OSError("there is no journalctl here: give a file of entries with --from") from None
    except subprocess.CalledProcessError as failure:
        raise OSError(f"journalctl: {failure.stderr.strip()}") from None
    return done.stdout.splitlines()


def entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Those of ours; a line that is no entry is passed over."""
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("JV_EVENT"), str):
            yield entry


def statistics_of(entries: Iterable[Entry]) -> Statistics:
    """Sum up entries of any order."""
    turns: Counter[str] = Counter()
    wakes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    events: Counter[str] = Counter()
    speculation = {"hits": 0.0, "misses": 0.0, "lost_seconds": 0.0}
    waits: defaultdict[str, list[float]] = defaultdict(list)
    misses: defaultdict[str, list[float]] = defaultdict(list)
    for entry in entries:
        match entry["JV_EVENT"]:
            case "turn_complete":
                turns[text_of(entry, "JV_OUTCOME")] += 1
                if "JV_STAGE" in entry:
                    failures[f"{text_of(entry, 'JV_STAGE')}: {text_of(entry, 'JV_REASON')}"] += 1
                speculation["hits"] += text_of(entry, "JV_AHEAD") == "yes"
                speculation["misses"] += sum(numbers_of(entry, "JV_DROPPED"))
                speculation["lost_seconds"] += sum(numbers_of(entry, "JV_DROPPED_MS")) / 1000
                for stage, field in STAGES.items():
                    waits[stage] += numbers_of(entry, field)
            case "wake_heard":
                wakes[text_of(entry, "JV_WORD")] += 1
            case "wake_nearly_heard":
                misses[text_of(entry, "JV_WORD")] += numbers_of(entry, "JV_SCORE")
            case str(event):
                events[event] += 1
    return Statistics(
        turns=dict(turns.most_common()),
        stages_ms={stage: percentiles(waits[stage]) for stage in STAGES if waits[stage]},
        speculation=speculation,
        wakes=dict(wakes.most_common()),
        near_misses={word: percentiles(scores) for word, scores in misses.items() if scores},
        failures=dict(failures.most_common()),
        events=dict(events.most_common()),
    )


def text_of(entry: Entry, field: str) -> str:
    """A field's text; journald gives what is no UTF-8 as a list of bytes."""
    value = entry.get(field, "unknown")
    if isinstance(value, list):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def numbers_of(entry: Entry, field: str) -> list[float]:
    """The field's number, if it has one."""
    try:
        return [float(entry[field])]
    except (KeyError, TypeError, ValueError):
        return []


def percentiles(values: Sequence[float]) -> Percentiles:
    """By nearest rank: each is a value that was there."""
    ordered = sorted(values)
    p50, p90, p99 = (ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.9, 0.99))
    return Percentiles(len(ordered), p50, p90, p99, ordered[-1])


def shown(found: Statistics) -> list[str]:
    """The statistics as a table for a person."""
    if not (found.turns or found.wakes or found.near_misses or found.events):
        return ["nothing yet: no turn, and nothing like a wake word"]
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in found.turns.items())
    rows = [f"{sum(found.turns.values())} turns: {outcomes}" if outcomes else "no turns"]
    if found.stages_ms:
        rows += ["", f"{'milliseconds':14}{'n':>6}{'p50':>8}{'p90':>8}{'p99':>8}{'worst':>8}"]
        rows += [
            f"{stage:14}{each.count:6}{each.p50:8.0f}{each.p90:8.0f}{each.p99:8.0f}{each.worst:8.0f}"
            for stage, each in found.stages_ms.items()
        ]
    ahead = found.speculation
    if ahead["hits"] or ahead["misses"]:
        rows += [
            "",
            "begun ahead of the end of the command: {hits:.0f} heard, {misses:.0f} thrown away"
            " ({lost_seconds:.1f} s of work)".format(**ahead),
        ]
    for word in sorted({*found.wakes, *found.near_misses}):
        rows += ["", *shown_word(word, found.wakes.get(word, 0), found.near_misses.get(word))]
    for title, counts in (("failures", found.failures), ("events", found.events)):
        if counts:
            rows += ["", title, *(f"{count:6}  {what}" for what, count in counts.items())]
    return rows


def shown_word(word: str, heard: int, nearly: Percentiles | None) -> list[str]:
    """How often a wake word was heard and nearly heard."""
    if nearly is None:
        return [f"“{word}”: heard {heard} times, never nearly"]
    row = f"“{word}”: heard {heard} times, nearly {nearly.count} times (scores {nearly.p50:.2f} to {nearly.worst:.2f})"
    if nearly.count < MANY_NEAR_MISSES:
        return [row]
    return [row, f"  if that was you, lower the threshold of this word, to {nearly.p50:.2f} for half of them"]
