"""Measures which pauses end a command, by rules that wait longer or shorter, and writes docs/turn.md.

.venv/bin/python tests/measure_turns.py [FILE]     # ten minutes; what was heard is kept in FILE, and taken from there
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Final, TypeAlias
from zlib import crc32

from jetson_voice.endpointing import Endpoint, Endpointer
from jetson_voice.patience import SOUNDS_COMPLETE, SOUNDS_DOUBTFUL, SOUNDS_INCOMPLETE, Patience
from scripted import FRAME_SECONDS
from turn_corpus import PAUSES_SECONDS
from turn_observations import LISTEN, Judgement, Observation, observe

PAGE: Final = Path(__file__).parents[1] / "docs" / "turn.md"
LONG_SECONDS: Final = 1.4

Rule: TypeAlias = Callable[[float, str], float]
"""The silence in seconds that ends a command whose answer is ready, by how complete it sounds and by its words."""


def fixed(seconds: float) -> Rule:
    return lambda _completeness, _text: seconds


def judging(patience: Patience, *, complete: float = SOUNDS_COMPLETE, doubtful: float = SOUNDS_DOUBTFUL) -> Rule:
    """By the words and the sound: it is certain from `complete` on (0: any sound), and no help up to `doubtful`."""

    def as_now(completeness: float) -> float:
        """What is as far between the bounds that the daemon has."""
        if completeness >= complete:
            return 1.0
        if completeness <= doubtful:
            return min(completeness, SOUNDS_INCOMPLETE)
        doubt = (complete - completeness) / (complete - doubtful)
        return SOUNDS_COMPLETE - doubt * (SOUNDS_COMPLETE - SOUNDS_DOUBTFUL)

    return lambda completeness, text: patience.needed(as_now(completeness), text, is_answered=True)


def by_sound(shortest: float, longest: float) -> Rule:
    """Whatever the words are."""
    return lambda completeness, _: shortest if completeness >= SURE else longest


@dataclass(frozen=True)
class Outcome:
    """What a rule does to an item."""

    item: Observation
    cut_off: float
    """The share of the pauses in it that end the command; for a whole command 1 if it ends before its end."""

    cut_off_long: bool
    """Whether a pause of LONG_SECONDS ends it."""

    waited_seconds: float | None
    """From the last sound to the end of the command, when nothing more is said; None if it ended before, or never."""


def outcome(item: Observation, rule: Rule, *, answered_seconds: float = 0.0) -> Outcome:
    """`answered_seconds`: so long after a pause was noticed the answer is ready."""
    ends_at = end_of(item, item.alone, rule, answered_seconds)
    waited = ends_at - item.first_ends_at if ends_at and ends_at > item.first_ends_at else None
    cut = [end_of(item, each, rule, answered_seconds) is not None for each in item.with_pauses] or [waited is None]
    long = [with_long_pause(item, each) for each in item.with_pauses[-1:]]
    cut_long = any(end_of(item, each, rule, answered_seconds) for each in long)
    return Outcome(item, sum(cut) / len(cut), cut_long, waited)


def with_long_pause(item: Observation, speech: list[bool]) -> list[bool]:
    """The longest of the pauses made longer."""
    middle = round((item.first_ends_at + PAUSES_SECONDS[-1] / 2) / FRAME_SECONDS)
    more = round((LONG_SECONDS - PAUSES_SECONDS[-1]) / FRAME_SECONDS)
    return [*speech[:middle], *[False] * more, *speech[middle:]]


def end_of(item: Observation, speech: list[bool], rule: Rule, answered_seconds: float) -> float | None:
    """When the command is over, in seconds of sound; None when it goes on to the end of what is heard."""
    endpointer = Endpointer(LISTEN.rules)
    judgements = {each.frame: each for each in item.judgements}
    paused: Judgement | None = None
    for number, is_speech in enumerate(speech):
        if paused and not is_speech:
            is_answered = (number - paused.frame) * FRAME_SECONDS >= answered_seconds
            endpointer.end_pause_after(partial(rule, paused.completeness, paused.text) if is_answered else LONGEST_WAIT)
        match endpointer.after(FRAME_SECONDS, is_speech=is_speech):
            case Endpoint.COMPLETE:
                return (number + 1) * FRAME_SECONDS
            case Endpoint.PAUSED:
                paused = judgements.get(number)
    return None


LONGEST: Final = LISTEN.end_silence_longest_seconds
LONGEST_WAIT: Final = partial(float, LONGEST)
ANSWERED_SECONDS: Final = (0.5, 0.7, 0.9, 1.1)
STEPS: Final = (0.56, 0.64, 0.72, 0.8, 0.88, 0.96, 1.04)
"""Whole frames: any wait between two of them is the longer one."""

USUAL: Final = 1.12
SURE: Final = 0.975
"""From here on, and not before, a sound is complete where nothing is between the shortest and the usual wait."""

DEFAULT: Final = "**the default**"
RULES: Final[Mapping[str, Rule]] = {
    **{f"always {seconds} s": fixed(seconds) for seconds in (0.5, 0.8, 1.0, 1.1, 1.2)},
    **{f"sound alone: {shortest} or {LONGEST} s": by_sound(shortest, LONGEST) for shortest in (0.64, 0.88)},
    **{
        f"words alone: {shortest}, {USUAL} or {LONGEST} s": judging(Patience(shortest, USUAL, LONGEST), complete=0)
        for shortest in (0.64, 0.88)
    },
    **{
        f"words and sound: {shortest}, {USUAL} or {LONGEST} s": judging(
            Patience(shortest, USUAL, LONGEST), complete=SURE, doubtful=SURE
        )
        for shortest in STEPS
    },
    DEFAULT: judging(LISTEN.patience),
}
WHOLE: Final = ("whole", "whole recording")
COLUMNS: Final = ("unfinished", "hesitation", "looks over", "recording")


def table(heard: Sequence[Observation]) -> str:
    """A row for each rule."""
    head = (
        "| rule | answered too early | unfinished | hesitation | looks over | recording | *afterthought* "
        "| *long* | *no pause* | wait, mean | wait, median | wait, 9 of 10 |\n"
        f"|{'---|' * 12}"
    )
    rows = [row(name, [outcome(each, rule) for each in heard]) for name, rule in RULES.items()]
    for seconds in ANSWERED_SECONDS:
        outcomes = [outcome(each, RULES[DEFAULT], answered_seconds=seconds) for each in heard]
        rows.append(row(f"the default, the answer ready {seconds} s after the pause was noticed", outcomes))
    return "\n".join([head, *rows])


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    groups = (COLUMNS, *((each,) for each in COLUMNS), ("afterthought",))
    long = mean(each.cut_off_long for each in outcomes if each.item.kind in ("unfinished", "hesitation"))
    shares = [*(cut_off(outcomes, kinds) for kinds in groups), long, cut_off(outcomes, WHOLE)]
    waits = sorted(waits_of(outcomes))
    cells = [
        name,
        *(f"{share:.1%}" for share in shares),
        f"{mean(waits):.2f} s",
        f"{median(waits):.2f} s",
        f"{waits[len(waits) * 9 // 10]:.2f} s",
    ]
    return f"| {' | '.join(cells)} |"


def cut_off(outcomes: Iterable[Outcome], kinds: Sequence[str]) -> float:
    """The share of the pauses that end the command."""
    return mean(each.cut_off for each in outcomes if each.item.kind in kinds)


def waits_of(outcomes: Iterable[Outcome]) -> list[float]:
    """How long the users wait who have said all they wanted to say."""
    whole = (each for each in outcomes if each.item.kind in WHOLE)
    return [each.waited_seconds for each in whole if each.waited_seconds]


MOST_CUT_OFF: Final = 0.02
FOLDS: Final = 5
CANDIDATES: Final = tuple(
    (shortest, usual, complete, doubtful)
    for shortest in (0.72, 0.8, 0.88, 0.96)
    for usual in (1.04, 1.12)
    for complete in (0.97, 0.975, 0.98, 0.983, 0.985)
    for doubtful in (0.9, 0.92, 0.94, complete)
)


def cross_validated(heard: Sequence[Observation]) -> str:
    """What becomes of commands that had no say in the choice of the four numbers."""
    done = [
        [outcome(each, judging(Patience(shortest, usual, LONGEST), complete=c, doubtful=d)) for each in heard]
        for shortest, usual, c, d in CANDIDATES
    ]
    chosen: list[tuple[float, float, float, float]] = []
    unseen: list[Outcome] = []
    for fold in range(FOLDS):
        best = min(range(len(CANDIDATES)), key=lambda each: merit(held(done[each], fold, inside=False)))
        chosen.append(CANDIDATES[best])
        unseen.extend(held(done[best], fold, inside=True))
    return (
        f"Chosen in each fold (shortest, usual, complete, doubtful): {'; '.join(map(str, chosen))}. On the commands "
        f"that were left out: {cut_off(unseen, COLUMNS):.1%} answered too early, "
        f"a mean wait of {mean(waits_of(unseen)):.2f} s."
    )


def held(outcomes: Iterable[Outcome], fold: int, *, inside: bool) -> list[Outcome]:
    """The outcomes of a fold, or all others; the ways in which one command is said are in one fold."""
    return [each for each in outcomes if (crc32(each.item.said.translate(NO_MARKS).encode()) % FOLDS == fold) is inside]


NO_MARKS: Final = str.maketrans("", "", ",.")


def merit(outcomes: Sequence[Outcome]) -> tuple[bool, float]:
    """The less the better: few enough are answered too early, and then the wait is short."""
    cut = cut_off(outcomes, COLUMNS)
    return cut > MOST_CUT_OFF, mean(waits_of(outcomes)) if cut <= MOST_CUT_OFF else cut


HEAD: Final = """# When a command is over

Made by `tests/measure_turns.py`; what follows from it: [ADR 11](adr/0011-endpoint-by-meaning.md). {whole} whole
commands, and {paused} with a pause inside ({apart} afterthoughts not counted), of each of these lengths in seconds:
{pauses}. Most are English, spoken by Piper (one voice, four speeds, four levels, three levels of
noise, half of them after "Hey Jarvis"); the others are recordings of `tests/data`, four of six of them Chinese. Silero,
Smart Turn and whisper-base hear them as the assistant would. Where no row says otherwise the answer is ready at once,
which is the worst case.

- *answered too early*: the share of the pauses that end the command, of those in the next four columns
- *unfinished*: "Set a timer for | ten minutes."; *hesitation*: "Play, um, | something quiet."; *looks over*: "Turn
  on the light | in the kitchen."; half of each spoken in two parts, half cut from one sentence
- *recording*: cut at its quietest moments
- *afterthought*: as *looks over*, but the first part is spoken as a command of its own, which nobody can tell from one
- *long*: as *unfinished* and *hesitation*, with a pause of {long} s
- *no pause*: whole commands that were ended before their end
- *wait*: from the last sound of a whole command to its end
- *words and sound*: the first wait for a completeness of {sure} and more, the second below; the default waits the less
  the more complete it sounds, from {doubtful} to {complete}

Piper does not lengthen a word before a pause, as people do. Not measured: other voices, people who talk to an
assistant, rooms. Piper never speaks twice alike, so a new run differs a little."""


def page(heard: Sequence[Observation]) -> str:
    """The whole of docs/turn.md."""
    kinds = Counter(each.kind for each in heard)
    head = HEAD.format(
        whole=sum(kinds[kind] for kind in WHOLE),
        paused=sum(kinds[kind] for kind in COLUMNS),
        apart=kinds["afterthought"],
        long=LONG_SECONDS,
        sure=SURE,
        doubtful=SOUNDS_DOUBTFUL,
        complete=SOUNDS_COMPLETE,
        pauses=", ".join(map(str, PAUSES_SECONDS)),
    )
    return "\n\n".join([head, table(heard), cross_validated(heard)]) + "\n"


def main() -> None:
    text = page(observe(Path(sys.argv[1]) if sys.argv[1:] else None))
    print(text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
