"""Measures which pauses end a command, by rules that wait longer or shorter, and writes docs/turn.md.

.venv/bin/python tests/measure_turns.py [FILE]     # ten minutes; what was heard is kept in FILE, and taken from there
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import Any, Final, TypeAlias
from zlib import crc32

import anyio

from jetson_voice.audio import Clip
from jetson_voice.backends.faster_whisper import FasterWhisper
from jetson_voice.backends.faster_whisper import loaded as whisper_of
from jetson_voice.backends.piper import loaded as voice_of
from jetson_voice.backends.silero import Silero
from jetson_voice.backends.smart_turn import SmartTurn
from jetson_voice.command import Command
from jetson_voice.config import Listen, SpeechToText
from jetson_voice.endpointing import Endpoint, Endpointer
from jetson_voice.patience import SOUNDS_COMPLETE, SOUNDS_INCOMPLETE, Patience
from jetson_voice.protocols import SpeechDetector, Transcriber, TurnDetector
from recordings import frames_of
from scripted import FRAME_SECONDS
from turn_corpus import PAUSES_SECONDS, Item, Studio, corpus

REPOSITORY: Final = Path(__file__).parents[1]
PAGE: Final = REPOSITORY / "docs" / "turn.md"
LISTEN: Final = Listen()
STT: Final = SpeechToText(model="whisper-base", device="cpu")


@dataclass(frozen=True)
class Judgement:
    """What Smart Turn and whisper say of a command when a frame, counted from 0, makes it a pause."""

    frame: int
    completeness: float
    text: str


@dataclass(frozen=True)
class Observation:
    """An item as it was heard: whether each frame is speech, when nothing follows and after each of the pauses."""

    kind: str
    said: str
    first_ends_at: float
    alone: list[bool]
    with_pauses: list[list[bool]]
    judgements: list[Judgement]


@dataclass(frozen=True)
class Listeners:
    """The models that hear the corpus."""

    speech_detector: SpeechDetector
    turn_detector: TurnDetector
    transcriber: Transcriber


async def observe() -> list[Observation]:
    """Hear the whole corpus."""
    models = Path(os.environ.get("JETSON_VOICE_MODELS", REPOSITORY / "models"))
    voice = voice_of(models / "piper-en_US-joe-medium" / "en_US-joe-medium.onnx")
    async with (
        Silero.opened(LISTEN) as speech_detector,
        SmartTurn.opened(models) as turn_detector,
        FasterWhisper.opened(STT, models) as transcriber,
    ):
        listeners = Listeners(speech_detector, turn_detector, transcriber)
        return [each async for each in observations(corpus(Studio(voice, whisper_of(STT, models))), listeners)]


async def observations(items: Iterable[Item], listeners: Listeners) -> AsyncIterator[Observation]:
    for item in items:
        alone = await speech_in(item.alone, listeners)
        judgements = [each async for each in judged(item, alone, listeners)]
        with_pauses = [await speech_in(item.with_pause(each), listeners) for each in PAUSES_SECONDS if item.rest]
        print(item.kind, item.said, [(each.text, round(each.completeness, 2)) for each in judgements], flush=True)
        yield Observation(item.kind, item.said, item.first_ends_at, alone, with_pauses, judgements)


async def speech_in(clip: Clip, listeners: Listeners) -> list[bool]:
    """Whether each frame is speech; the detector begins anew."""
    return [await listeners.speech_detector.is_speech(frame) for frame in frames_of(clip, at=next(LATER))]


async def judged(item: Item, alone: list[bool], listeners: Listeners) -> AsyncIterator[Judgement]:
    """What is said of the command at each of its pauses."""
    patient = replace(LISTEN.rules, end_silence_seconds=9.0)
    command = Command(item.wake_phrase, [], patient, began_at=0.0)
    for number, (frame, is_speech) in enumerate(zip(frames_of(item.alone), alone, strict=True)):
        if command.after(frame, is_speech=is_speech) is Endpoint.PAUSED:
            utterance = command.utterance()
            completeness = await listeners.turn_detector.completeness(utterance.clip)
            transcript = await listeners.transcriber.transcribe(utterance)
            yield Judgement(number, completeness, transcript.text)


LATER: Final = iter(range(1000, 10**9, 1000))
"""Audio times far apart."""


Rule: TypeAlias = Callable[[float, str], float]
"""The silence in seconds that ends a command whose answer is ready, by how complete it sounds and by its words."""


def fixed(seconds: float) -> Rule:
    return lambda _completeness, _text: seconds


def judging(patience: Patience, *, least: float) -> Rule:
    """By the words and the sound; `least`: from where on it sounds complete, 0 for any sound."""
    return lambda completeness, text: patience.needed(
        1.0 if completeness >= least else min(completeness, SOUNDS_INCOMPLETE), text, is_answered=True
    )


def by_sound(shortest: float, longest: float) -> Rule:
    """Whatever the words are."""
    return lambda completeness, _: shortest if completeness >= SOUNDS_COMPLETE else longest


@dataclass(frozen=True)
class Outcome:
    """What a rule does to an item."""

    item: Observation
    cut_off: float
    """The share of the pauses in it that end the command; for a whole command 1 if it ends before its end."""

    waited_seconds: float | None
    """From the last sound to the end of the command, when nothing more is said; None if it ended before, or never."""


def outcome(item: Observation, rule: Rule, *, answered_seconds: float = 0.0) -> Outcome:
    """`answered_seconds`: so long after a pause was noticed the answer is ready."""
    ends_at = end_of(item, item.alone, rule, answered_seconds)
    waited = ends_at - item.first_ends_at if ends_at and ends_at > item.first_ends_at else None
    cut = [end_of(item, each, rule, answered_seconds) is not None for each in item.with_pauses] or [waited is None]
    return Outcome(item, sum(cut) / len(cut), waited)


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

DEFAULT: Final = "**the default**"
RULES: Final[Mapping[str, Rule]] = {
    **{f"always {seconds} s": fixed(seconds) for seconds in (0.5, 0.8, 1.0, 1.2)},
    **{f"sound alone: {shortest} or {LONGEST} s": by_sound(shortest, LONGEST) for shortest in (0.64, 0.88)},
    **{
        f"words alone: {shortest}, {USUAL} or {LONGEST} s": judging(Patience(shortest, USUAL, LONGEST), least=0)
        for shortest in (0.64, 0.88)
    },
    **{
        f"words and sound: {shortest}, {USUAL} or {LONGEST} s": judging(
            Patience(shortest, USUAL, LONGEST), least=SOUNDS_COMPLETE
        )
        for shortest in STEPS
    },
    DEFAULT: judging(LISTEN.patience, least=SOUNDS_COMPLETE),
}
WHOLE: Final = ("whole", "whole recording")
COLUMNS: Final = ("unfinished", "hesitation", "looks over", "recording")


def table(heard: Sequence[Observation]) -> str:
    """A row for each rule."""
    head = (
        "| rule | answered too early | unfinished | hesitation | looks over | recording | *afterthought* | *no pause* "
        "| wait, median | wait, 9 of 10 |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    rows = [row(name, [outcome(each, rule) for each in heard]) for name, rule in RULES.items()]
    for seconds in ANSWERED_SECONDS:
        outcomes = [outcome(each, RULES[DEFAULT], answered_seconds=seconds) for each in heard]
        rows.append(row(f"the default, the answer ready {seconds} s after the pause was noticed", outcomes))
    return "\n".join([head, *rows])


def row(name: str, outcomes: Sequence[Outcome]) -> str:
    shares = [
        cut_off(outcomes, COLUMNS),
        *(cut_off(outcomes, kinds) for kinds in (*((each,) for each in COLUMNS), ("afterthought",), WHOLE)),
    ]
    waits = sorted(waits_of(outcomes))
    cells = [
        name,
        *(f"{share:.1%}" for share in shares),
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
    (shortest, usual, least)
    for shortest in STEPS
    for usual in (0.96, 1.04, 1.12, 1.2)
    for least in (0.9, 0.95, 0.97, 0.98, 0.985)
    if shortest <= usual
)


def cross_validated(heard: Sequence[Observation]) -> str:
    """What becomes of commands that had no say in the choice of the three numbers."""
    done = [
        [outcome(each, judging(Patience(shortest, usual, LONGEST), least=least)) for each in heard]
        for shortest, usual, least in CANDIDATES
    ]
    chosen: list[tuple[float, float, float]] = []
    unseen: list[Outcome] = []
    for fold in range(FOLDS):
        best = min(range(len(CANDIDATES)), key=lambda each: merit(held(done[each], fold, inside=False)))
        chosen.append(CANDIDATES[best])
        unseen.extend(held(done[best], fold, inside=True))
    return (
        f"Chosen in each fold (shortest, usual, least completeness): {'; '.join(map(str, chosen))}. On the commands "
        f"that were left out: {cut_off(unseen, COLUMNS):.1%} answered too early, "
        f"a median wait of {median(waits_of(unseen)):.2f} s."
    )


def held(outcomes: Iterable[Outcome], fold: int, *, inside: bool) -> list[Outcome]:
    """The outcomes of a fold, or all others; the ways in which one command is said are in one fold."""
    return [each for each in outcomes if (crc32(each.item.said.translate(NO_MARKS).encode()) % FOLDS == fold) is inside]


NO_MARKS: Final = str.maketrans("", "", ",.")


def merit(outcomes: Sequence[Outcome]) -> tuple[bool, float, float]:
    """The less the better: few enough are answered too early, and then the wait is short."""
    cut = cut_off(outcomes, COLUMNS)
    return cut > MOST_CUT_OFF, median(waits_of(outcomes)) if cut <= MOST_CUT_OFF else cut, mean(waits_of(outcomes))


HEAD: Final = """# When a command is over

Made by `tests/measure_turns.py`; why it is so: [ADR 11](adr/0011-endpoint-by-meaning.md)."""


def page(heard: Sequence[Observation]) -> str:
    return "\n\n".join([HEAD, table(heard), cross_validated(heard)]) + "\n"


def main() -> None:
    kept = Path(sys.argv[1]) if sys.argv[1:] else None
    if kept and kept.exists():
        heard = [read(each) for each in json.loads(kept.read_text(encoding="utf-8"))]
    else:
        heard = anyio.run(observe)
    if kept:
        kept.write_text(json.dumps([asdict(each) for each in heard], ensure_ascii=False), encoding="utf-8")
    text = page(heard)
    print(text)
    PAGE.write_text(text, encoding="utf-8")


def read(record: dict[str, Any]) -> Observation:
    judgements = [Judgement(each["frame"], each["completeness"], each["text"]) for each in record["judgements"]]
    return Observation(**(record | {"judgements": judgements}))


if __name__ == "__main__":
    main()
