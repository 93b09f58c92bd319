"""The process in which espeak-ng says one text: `python espeak_speech.py LIBRARY DATA VOICE WORDS_PER_MINUTE`.

espeak-ng 1.52 keeps a state between texts that it damages itself: after some Chinese sentences it reads phonemes of
the wrong table, and crashes or never returns (its issues 2467, 2475, 2492). A process of its own begins anew with each
text, and its end is not the daemon's. It imports nothing but Python's own, so that it starts in a moment.

The text comes on the standard input; the sample rate as four bytes and mono int16 go to the standard output, both
little-endian. What goes wrong is one line on the standard error.
"""

from __future__ import annotations

import ctypes
import struct
import sys

# Of espeak-ng's speak_lib.h.
OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
PARAMETER_RATE = 1
POSITION_CHARACTER = 1
CHARACTERS_UTF8 = 1

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def main() -> str | None:
    """Say the text; what went wrong."""
    library, data, voice, words_per_minute = sys.argv[1:]
    try:
        espeak = ctypes.CDLL(library)
    except OSError as error:
        return str(error)
    rate_hz = espeak.espeak_Initialize(OUTPUT_SYNCHRONOUS, 0, data.encode(), INITIALIZE_DONT_EXIT)
    if rate_hz <= 0:
        return f"its data in {data} are damaged"
    sys.stdout.buffer.write(struct.pack("<i", rate_hz))
    text = sys.stdin.buffer.read() + b"\0"
    callback = CALLBACK(write_samples)
    espeak.espeak_SetSynthCallback(callback)
    for status in (
        espeak.espeak_SetVoiceByName(voice.encode()),
        espeak.espeak_SetParameter(PARAMETER_RATE, int(words_per_minute), 0),
        espeak.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, POSITION_CHARACTER, 0, CHARACTERS_UTF8, None, None),
    ):
        if status:
            return f"the voice {voice} fails with status {status}"
    return None


def write_samples(samples: ctypes._Pointer[ctypes.c_short], count: int, _: int | None) -> int:
    """Pass them on."""
    if count:
        sys.stdout.buffer.write(ctypes.string_at(samples, 2 * count))
    return 0  # go on


if __name__ == "__main__":
    sys.exit(main())
