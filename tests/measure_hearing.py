"""Lets whisper-base hear the corpus and writes what becomes of it to docs/hearing.md.

.venv/bin/python tests/measure_hearing.py            # about six minutes
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import anyio
import numpy as np
from anyio import to_thread

from hearing_corpus import (
    ANSWERS,
    OWN_VOICE,
    RECORDED,
    REPOSITORY,
    SPOKEN,
    STT,
    UNUSUAL,
    Heard,
    conditions,
    edit_distance,
    noises,
    plain,
    said_by_piper,
    speech,
    whisper,
)
from jetson_voice.audio import Clip
from jetson_voice.backends import faster_whisper, silero
from jetson_voice.hearing import LIMITS, NO_SPEECH, SPOKEN_PROBABILITY, SPOKEN_SECONDS, UNSURE, Hearing
from jetson_voice.own_voice import is_own_voice
from recordings import one_after_another, recording, silence

TABLE: Final = REPOSITORY / "docs" / "hearing.md"


async def main() -> None:
    """Hear everything, print the tables and write them down."""
    sections = await to_thread.run_sync(measured)
    text = "\n\n".join(sections) + "\n"
    print(text)
    TABLE.write_text(text, encoding="utf-8")


def measured() -> list[str]:
    """Every section of the page."""
    everything = [*speech(), *noises()]
    return [
        HEAD.format(count=len(everything), machine=os.uname().machine, cores=os.cpu_count(), **limits()),
        outcomes(everything),
        evidence(everything),
        chinese(everything),
        trimming(everything),
        prompts(),
        hotwords(),
    ]


HEAD: Final = """# Hearing

Made by `tests/measure_hearing.py` with whisper-base on {machine}, {cores} cores without a GPU, from {count} sounds: the
recordings of tests/data, sentences said by Piper, and sounds made by a formula (tests/sounds.py). Piper says a sentence
a little differently each time, so its figures vary from run to run. Not yet run on a Jetson.

What whisper writes counts as words unless

- the speech detector finds no speech: then whisper is not even asked;
- it is like silence to whisper (above {NO_SPEECH}) and whisper is unsure of it (below {UNSURE});
- it is whisper's prompt, goes round in circles, or is more than can be said in so much speech;
- it is a subtitle's credits or a courtesy (phantoms.py), and the sound does not speak for it:

| invented text | no-speech probability at most | log probability at least | speech probability at least |
|---|---|---|---|
{kinds}

Speech of {SPOKEN_SECONDS} s or more, with a probability of {SPOKEN_PROBABILITY} or more, of which nothing can be
trusted is *unclear*."""


def limits() -> dict[str, object]:
    """The numbers of hearing.py."""
    rows = [
        f"| {kind} | {each.no_speech_probability} | {each.average_log_probability} | {each.speech_probability} |"
        for kind, each in LIMITS.items()
    ]
    return {
        "NO_SPEECH": NO_SPEECH,
        "UNSURE": UNSURE,
        "SPOKEN_SECONDS": SPOKEN_SECONDS,
        "SPOKEN_PROBABILITY": SPOKEN_PROBABILITY,
        "kinds": "\n".join(rows),
    }


def by_kind(everything: Sequence[Heard]) -> dict[str, list[Heard]]:
    """In the order of their first appearance."""
    kinds: dict[str, list[Heard]] = {}
    for each in everything:
        kinds.setdefault(each.kind, []).append(each)
    return kinds


def outcomes(everything: Sequence[Heard]) -> str:
    """How often each kind of sound is words, nothing, unclear, and how much of the words is wrong."""
    rows = []
    for kind, sounds_of_it in by_kind(everything).items():
        counts = Counter(each.outcome for each in sounds_of_it)
        letters = sum(len(plain(each.said)) for each in sounds_of_it)
        wrong = f"{sum(each.errors for each in sounds_of_it) / letters:.1%}" if letters else ""
        own = f" ({sum(is_own_voice(each.text, ANSWERS) for each in sounds_of_it)} known as its own)"
        words = f"{counts['words']}{own if kind == OWN_VOICE else ''}"
        rows.append(f"| {kind} | {len(sounds_of_it)} | {words} | {counts['nothing']} | {counts['unclear']} | {wrong} |")
    return (
        "## What becomes of each kind of sound\n\n"
        "Wrong: letters or hanzi; where nothing was made out, all of them.\n\n"
        "| sound | how many | words | nothing | unclear | wrong |\n|---|---|---|---|---|---|\n" + "\n".join(rows)
    )


def evidence(everything: Sequence[Heard]) -> str:
    """The distributions from which the limits were taken."""
    head = (
        "## The evidence\n\nLeast, median and greatest, of those in which the speech detector finds any speech.\n\n"
        "| sound | with speech | seconds of speech | speech probability | no-speech probability | log probability |\n"
        "|---|---|---|---|---|---|\n"
    )
    rows = []
    for kind, of_it in by_kind(everything).items():
        hearings = [each.hearing for each in of_it if each.hearing]
        figures: tuple[Callable[[Hearing], float], ...] = (
            lambda each: each.speech_seconds,
            lambda each: each.speech_probability,
            lambda each: each.no_speech_probability,
            lambda each: each.average_log_probability,
        )
        cells = [spread([figure(each) for each in hearings]) for figure in figures]
        rows.append(f"| {kind} | {len(hearings)} of {len(of_it)} | {' | '.join(cells)} |")
    return head + "\n".join(rows)


def spread(values: Sequence[float]) -> str:
    return " / ".join(f"{np.quantile(values, each):.2f}" for each in (0, 0.5, 1)) if values else ""


def chinese(everything: Sequence[Heard]) -> str:
    """Character error rates by recording."""
    recordings: dict[str, list[Heard]] = {}
    for each in everything:
        if each.language == "zh":
            recordings.setdefault(each.said, []).append(each)
    head = "## Chinese, wrong hanzi by recording\n\n| said | "
    conditions_of_it = [each.kind.partition(", ")[2] for each in next(iter(recordings.values()))]
    rows = [
        f"| {said} | " + " | ".join(f"{each.errors} of {len(plain(said))}" for each in of_it) + " |"
        for said, of_it in recordings.items()
    ]
    columns = zip(*recordings.values(), strict=True)
    letters = sum(len(plain(said)) for said in recordings)
    total = " | ".join(f"{sum(each.errors for each in column) / letters:.1%}" for column in columns)
    return (
        f"{head}{' | '.join(conditions_of_it)} |\n|---{'|---' * len(conditions_of_it)}|\n"
        + "\n".join(rows)
        + f"\n| **all** | {total} |\n\nHeard in the clean recordings: "
        + " ".join(f"“{of_it[0].text}”" for of_it in recordings.values())
    )


def trimming(everything: Sequence[Heard]) -> str:
    """Errors with and without the speech detector's cut, and what it costs."""
    cut = [each for each in everything if "recordings" in each.kind]
    letters = sum(len(plain(each.said)) for each in cut)
    whole = 0
    spent: list[float] = []
    for name, said in RECORDED.items():
        for _, clip in conditions(recording(name)):
            padded = one_after_another(silence(1.5), clip, silence(1.5))
            began = time.process_time()
            part = silero.spoken_part_of(padded)
            spent.append((time.process_time() - began) / padded.seconds)
            assert part
            whole += wrong_letters(whisper(STT).hearing(replace(part, clip=padded), "")[0], said)
    return (
        "## Cutting away what is not speech\n\nThe recordings in all conditions, with silence around each.\n\n"
        "| whisper hears | wrong letters |\n|---|---|\n"
        f"| all of it | {whole / letters:.1%} |\n"
        f"| speech only | {sum(each.errors for each in cut) / letters:.1%} |\n\n"
        f"The cut costs {1000 * float(np.median(spent)):.1f} ms of CPU for each second of sound."
    )


def prompts() -> str:
    """What the Chinese prompt and OpenCC do for the Chinese recordings."""
    rows = []
    for shown in ("请用简体中文。", ""):
        unconverted = whisper(replace(STT, languages=("zh",), prompt_zh=shown, simplified=False))
        hearings = [
            (unconverted.hearing(part, "")[0], said)
            for name, said in RECORDED.items()
            if name.startswith("zh")
            for _, clip in conditions(recording(name))
            if (part := silero.spoken_part_of(clip))
        ]
        letters = sum(len(plain(said)) for _, said in hearings)
        for converted, convert in (("no", str), ("yes", whisper(STT).simplified)):
            texts = [replace(hearing, written=convert(hearing.written)) for hearing, _ in hearings]
            wrong = sum(wrong_letters(text, said) for text, (_, said) in zip(texts, hearings, strict=True))
            traditional = sum(traditional_characters(text.text) for text in texts)
            rows.append(f"| {shown or 'none'} | {converted} | {wrong / letters:.1%} | {traditional} |")
    return (
        "## Simplified characters\n\nThe Chinese recordings in all conditions, heard as Chinese.\n\n"
        "| prompt | OpenCC | wrong hanzi | traditional characters |\n|---|---|---|---|\n" + "\n".join(rows)
    )


def hotwords() -> str:
    """Names that whisper seldom hears, with and without being told of them, and what telling costs other sentences."""
    told = replace(STT, hotwords=tuple(UNUSUAL.values()))
    rows, with_them, without = [], 0, 0
    for said in UNUSUAL:
        unaided, aided = (in_words(whisper(stt), said_by_piper(said)) for stt in (STT, told))
        with_them += edit_distance(plain(aided), plain(said))
        without += edit_distance(plain(unaided), plain(said))
        rows.append(f"| {said} | {unaided} | {aided} |")
    others = [sum(wrong_in(whisper(stt), each) for each in SPOKEN[::2]) for stt in (STT, told)]
    return (
        "## Hotwords\n\n| said by Piper | heard | heard with the five names as hotwords |\n|---|---|---|\n"
        + "\n".join(rows)
        + f"\n| **wrong letters** | {without} | {with_them} |\n"
        + f"| **wrong letters of {len(SPOKEN[::2])} sentences without such a name** | {others[0]} | {others[1]} |"
    )


def wrong_in(one: faster_whisper.Whisper, said: str) -> int:
    return edit_distance(plain(in_words(one, said_by_piper(said))), plain(said))


def in_words(one: faster_whisper.Whisper, clip: Clip) -> str:
    part = silero.spoken_part_of(one_after_another(silence(0.3), clip, silence(0.5)))
    hearing = one.hearing(part, "")[0] if part else None
    return hearing.text if hearing and hearing.outcome == "words" else ""


def wrong_letters(hearing: Hearing, said: str) -> int:
    return edit_distance(plain(hearing.text if hearing.outcome == "words" else ""), plain(said))


def traditional_characters(text: str) -> int:
    """How many characters OpenCC would change."""
    simplified = whisper(STT).simplified(text)
    return sum(one != other for one, other in zip(text, simplified, strict=True))


if __name__ == "__main__":
    anyio.run(main)
