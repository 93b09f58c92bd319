"""Whisper's window in proportion to the speech, beside the stock call: errors and time. Writes docs/windows.md.

.venv/bin/python tests/measure_windows.py            # about ten minutes, on a machine that does nothing else
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import anyio
import ctranslate2
from anyio import to_thread

from hearing_corpus import (
    RECORDED,
    REPOSITORY,
    SPOKEN,
    STT,
    conditions,
    edit_distance,
    loaded_model,
    said_by_piper,
    whisper,
)
from jetson_voice.audio import Clip
from jetson_voice.backends import faster_whisper
from jetson_voice.languages import Language
from jetson_voice.protocols import Utterance
from jetson_voice.reading import reading_of
from jetson_voice.wake_phrase import WORD
from recordings import one_after_another, recording, silence

TABLE: Final = REPOSITORY / "docs" / "windows.md"
COMMAND_SECONDS: Final = 6

LONG: Final = (
    "I would like to know how a refrigerator works, and please explain it in simple words, for my son has asked me.",
    "Tell me what happened in the year 1969 when people flew to the moon, how long it took, and what they did there.",
)


@dataclass(frozen=True)
class Said:
    """An utterance, and what is said in it."""

    clip: Clip
    words: str
    language: Language


@dataclass
class Mode:
    """One way to read speech, and what became of the corpus with it."""

    name: str
    read: Callable[[Said], str]
    errors: dict[Language, int]
    seconds: list[float]


async def main() -> None:
    """Read everything in every way, by turns; print the tables and write them down."""
    text = await to_thread.run_sync(measured)
    print(text)
    TABLE.write_text(text, encoding="utf-8")


def measured() -> str:
    """The page."""
    corpus = list(utterances())
    modes = [
        Mode("`WhisperModel.transcribe(audio)`, as it is", stock, {"zh": 0, "en": 0}, []),
        Mode("a window of 30 s", whole_window, {"zh": 0, "en": 0}, []),
        Mode("a window as long as the speech needs", ours, {"zh": 0, "en": 0}, []),
        Mode("the same, the likeliest word after word, plain or not", at_once, {"zh": 0, "en": 0}, []),
    ]
    for said in corpus:
        for mode in modes:
            began = time.perf_counter()
            heard = mode.read(said)
            if said.clip.seconds <= COMMAND_SECONDS:
                mode.seconds.append(time.perf_counter() - began)
            mode.errors[said.language] += edit_distance(tokens(heard, said.language), tokens(said.words, said.language))
    return page(corpus, modes)


def utterances() -> Iterator[Said]:
    """Commands of people and of Piper, clean, quiet and in noise; and long ones."""
    for name, words in RECORDED.items():
        language: Language = "zh" if name.startswith("zh") else "en"
        for _, clip in conditions(recording(name)):
            yield Said(framed(clip), words, language)
    for sentence in SPOKEN:
        for _, clip in list(conditions(said_by_piper(sentence)))[:4:3]:
            yield Said(framed(clip), sentence, "en")
    for sentence in LONG:
        yield Said(framed(said_by_piper(sentence)), sentence, "en")
    chinese = [name for name in RECORDED if name.startswith("zh")]
    for first, second in zip(chinese, [*chinese[1:], chinese[0]], strict=True):
        clip = one_after_another(recording(first), silence(0.3), recording(second))
        for _, each in list(conditions(clip))[:4]:
            yield Said(framed(each), RECORDED[first] + RECORDED[second], "zh")
    everything = one_after_another(*(recording(name) for name in chinese))
    yield Said(framed(everything), "".join(RECORDED[name] for name in chinese), "zh")


def framed(clip: Clip) -> Clip:
    """With the silence around it that the endpointer leaves."""
    return one_after_another(silence(0.3), clip, silence(0.5))


def stock(said: Said) -> str:
    """The library's own call; its Chinese is made simplified, so that the characters can be compared."""
    segments, _ = loaded_model().transcribe(faster_whisper.floats(said.clip))
    return whisper(STT).simplified("".join(segment.text for segment in segments))


def whole_window(said: Said) -> str:
    """Ours, with the window that whisper was trained on."""
    return Whole(loaded_model(), STT).transcript(utterance(said)).text


def ours(said: Said) -> str:
    """Ours."""
    return whisper(STT).transcript(utterance(said)).text


def at_once(said: Said) -> str:
    """Without the search where the first reading is not plain."""
    return whisper(replace(STT, beam_size=1)).transcript(utterance(said)).text


class Whole(faster_whisper.Whisper):
    """Always reads 30 s."""

    def _encoded(self, clip: Clip, seconds: float) -> ctranslate2.StorageView:
        return super()._encoded(clip, max(seconds, faster_whisper.WHOLE_WINDOW_SECONDS))


def utterance(said: Said) -> Utterance:
    return Utterance(said.clip, wake_phrase="", ended_at=said.clip.seconds)


def tokens(text: str, language: Language) -> list[str]:
    """Its words and hanzi; numbers as they are read, whether written in digits or not."""
    return WORD.findall(reading_of(text, language).casefold())


def page(corpus: Sequence[Said], modes: Sequence[Mode]) -> str:
    """The tables."""
    counts = {
        language: sum(len(tokens(said.words, language)) for said in corpus if said.language == language)
        for language in ("zh", "en")
    }
    total = sum(counts.values())
    rows = []
    for mode in modes:
        rates = [mode.errors[language] / counts[language] for language in ("en", "zh")]
        median = statistics.median(mode.seconds)
        shares = [sum(mode.errors.values()) / total, *rates]
        ratio = median / statistics.median(modes[0].seconds)
        cells = [f"{share:.1%}" for share in shares] + [f"{1000 * median:.0f} ms", f"{ratio:.2f}"]
        rows.append(f"| {mode.name} | {' | '.join(cells)} |")
    return HEAD.format(
        count=len(corpus),
        minutes=sum(said.clip.seconds for said in corpus) / 60,
        words=counts["en"],
        hanzi=counts["zh"],
        machine=os.uname().machine,
        cores=os.cpu_count(),
        least=faster_whisper.LEAST_WINDOW_SECONDS,
        silence=faster_whisper.SILENCE_SECONDS,
        commands=len(modes[0].seconds),
        rows="\n".join(rows),
    )


HEAD: Final = """# Whisper's window

Made by `tests/measure_windows.py`: whisper-base, int8, {machine}, {cores} cores, no GPU. {count} utterances,
{minutes:.1f} minutes, {words} English words and {hanzi} hanzi: recordings and Piper's voice, clean, 20 and 30 dB
quieter, in an office at 10 and 5 dB, and long ones. Errors are words and hanzi that are wrong, missing or too many.
The time is that of the {commands} commands of at most 6 s, median; the ways take turns on each utterance. Not yet run
on a Jetson.

Whisper was trained on windows of 30 s, and pads every command to that. Ours reads {least} s, or the speech and
{silence} s of silence where that is more, and the whole window only where it had to guess. It takes the likeliest word
after word, and searches for better ones (`stt.beam_size`) only where these are not plain (hearing.py).

|  | wrong | of the words | of the hanzi | a command | to the stock call |
|---|---|---|---|---|---|
{rows}
"""

if __name__ == "__main__":
    anyio.run(main)
