"""Text to speech by espeak-ng: robot-like, but right, at once, and in 7 MB."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import espeakng_loader
import numpy as np
from anyio import to_thread

from jetson_voice.audio import Clip, Samples
from jetson_voice.languages import HANZI, Language
from jetson_voice.protocols import StageError

VOICES: Final[Mapping[Language, str]] = {"zh": "cmn", "en": "en-us"}
WORDS_PER_MINUTE: Final = 175
"""espeak-ng's own speed."""

# Of espeak-ng's speak_lib.h.
OUTPUT_SYNCHRONOUS: Final = 2
INITIALIZE_DONT_EXIT: Final = 0x8000
PARAMETER_RATE: Final = 1
POSITION_CHARACTER: Final = 1
CHARACTERS_UTF8: Final = 1

CALLBACK: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

ALONE: Final = Lock()
"""espeak-ng has one state for the whole process: one sentence at a time."""


class Espeak:
    """One language of espeak-ng. The library is loaded with the first sentence."""

    def __init__(self, language: Language, *, speed: float) -> None:
        self._language: Language = language
        self._words_per_minute = round(WORDS_PER_MINUTE * speed)

    async def clip(self, text: str) -> Clip:
        """The text as sound; StageError when it fails. Not cancelled: a sentence takes about 5 ms.

        Hanzi are always read by the Chinese voice, which reads English words in English; the English one says
        "Chinese letter" for each.
        """
        voice = VOICES["zh"] if HANZI.search(text) else VOICES[self._language]
        return await to_thread.run_sync(self._clip, voice, text)

    def _clip(self, voice: str, text: str) -> Clip:
        try:
            with ALONE:
                return library().clip(voice, text, self._words_per_minute)
        except OSError as error:
            raise StageError("synthesize", f"espeak-ng: {error}") from error


class Library:
    """espeak-ng itself, of the package espeakng-loader. Piper has one of its own; neither sees the other's symbols."""

    def __init__(self) -> None:
        self._espeak = ctypes.CDLL(espeakng_loader.get_library_path())
        data = Path(espeakng_loader.__file__).with_name("espeak-ng-data")
        if not (data / "phontab").is_file():  # it would look elsewhere, and Debian's data have no hanzi
            raise OSError(f"its data are not in {data}")
        rate_hz = self._espeak.espeak_Initialize(OUTPUT_SYNCHRONOUS, 0, str(data).encode(), INITIALIZE_DONT_EXIT)
        if rate_hz <= 0:
            raise OSError(f"its data in {data} are damaged")
        self._rate_hz = int(rate_hz)
        self._pieces: list[Samples] = []
        self._callback = CALLBACK(self._take)  # must live as long as the library may call it
        self._espeak.espeak_SetSynthCallback(self._callback)

    def clip(self, voice: str, text: str, words_per_minute: int) -> Clip:
        """The text as sound; OSError when it fails."""
        encoded = text.encode("utf-8", "replace") + b"\0"
        size = ctypes.c_size_t(len(encoded))
        self._pieces.clear()
        for status in (
            self._espeak.espeak_SetVoiceByName(voice.encode()),
            self._espeak.espeak_SetParameter(PARAMETER_RATE, words_per_minute, 0),
            self._espeak.espeak_Synth(encoded, size, 0, POSITION_CHARACTER, 0, CHARACTERS_UTF8, None, None),
        ):
            if status:
                raise OSError(f"the voice {voice} fails with status {status}")
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)
        return Clip(samples, self._rate_hz)

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, _: int | None) -> int:
        if count:
            self._pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0  # go on


@cache
def library() -> Library:
    """The one of this process; OSError when it cannot be loaded."""
    return Library()
