"""Text to speech by espeak-ng: robot-like, but right, at once, and in 7 MB."""

from __future__ import annotations

import struct
import sys
from collections.abc import Mapping
from pathlib import Path
from signal import Signals
from subprocess import CompletedProcess
from typing import Final

import espeakng_loader
import numpy as np
from anyio import fail_after, run_process

from jetson_voice.audio import Clip
from jetson_voice.backends import espeak_speech
from jetson_voice.languages import HANZI, Language
from jetson_voice.protocols import StageError

VOICES: Final[Mapping[Language, str]] = {"zh": "cmn", "en": "en-us"}
WORDS_PER_MINUTE: Final = 175
"""espeak-ng's own speed."""

LONGEST_SECONDS: Final = 10.0
"""A sentence takes about 0.1 s; what takes so long hangs."""

RATE: Final = struct.Struct("<i")


class Espeak:
    """One language of espeak-ng."""

    def __init__(self, language: Language, *, speed: float) -> None:
        self._language: Language = language
        self._words_per_minute = round(WORDS_PER_MINUTE * speed)

    async def clip(self, text: str) -> Clip:
        """The text as sound; StageError when espeak-ng fails, dies or hangs.

        Hanzi are always read by the Chinese voice, which reads English words in English; the English one says
        "Chinese letter" for each.
        """
        voice = VOICES["zh"] if HANZI.search(text) else VOICES[self._language]
        try:
            with fail_after(LONGEST_SECONDS):
                said = await run_process(
                    command(voice, self._words_per_minute),
                    input=text.replace("\0", " ").encode("utf-8", "replace"),
                    check=False,
                )
        except TimeoutError as error:
            raise StageError("synthesize", f"espeak-ng: it takes more than {LONGEST_SECONDS:g} s") from error
        except OSError as error:
            raise StageError("synthesize", f"espeak-ng: {error}") from error
        return sound_of(said)


def command(voice: str, words_per_minute: int) -> list[str]:
    """What says a text; OSError when the data are missing: it would look elsewhere, and Debian's have no hanzi."""
    data = Path(espeakng_loader.__file__).with_name("espeak-ng-data")
    if not (data / "phontab").is_file():
        raise OSError(f"its data are not in {data}")
    script, library = espeak_speech.__file__, espeakng_loader.get_library_path()
    # Without the packages of its environment (-I -S) Python starts in a third of the time.
    return [sys.executable, "-I", "-S", script, library, str(data), voice, str(words_per_minute)]


def sound_of(said: CompletedProcess[bytes]) -> Clip:
    """What the process has said; StageError when it has failed or died."""
    if said.returncode < 0:
        raise StageError("synthesize", f"espeak-ng: it died of {Signals(-said.returncode).name}")
    if said.returncode:
        raise StageError("synthesize", f"espeak-ng: {said.stderr.decode(errors='replace').strip()}")
    [rate_hz] = RATE.unpack_from(said.stdout)
    return Clip(np.frombuffer(said.stdout, "<i2", offset=RATE.size).astype(np.int16), rate_hz)
