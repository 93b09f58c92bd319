"""Echo taken out by libspeexdsp: an adaptive linear filter and its residual suppressor.

The filter alone is what is heard: whatever suppresses more deletes the user who speaks at the same time, and with them
the wake word. Its residual suppressor tells whether somebody does. Figures: docs/adr/0013, tests/echo_recall.py.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import numpy as np

from jetson_voice.audio import SAMPLE_RATE_HZ, Samples
from jetson_voice.echo.canceller import BLOCK_SAMPLES, Cancelled
from jetson_voice.protocols import StartError

LIBRARY: Final = "libspeexdsp.so.1"
FILTER_SAMPLES: Final = 256 * SAMPLE_RATE_HZ // 1000
"""256 ms: a living room's echo, once the delay before it is taken out."""

NOISE_DB: Final = -6
"""The suppressor needs the noise reduction switched on; so little of it leaves the speech as it is."""

ECHO_DB: Final = -20
ECHO_WHILE_SPOKEN_DB: Final = -6
"""What remains of the echo is made so much softer, less so while the user speaks."""

# The requests of speex_echo.h and speex_preprocess.h.
ECHO_SET_SAMPLING_RATE: Final = 24
SET_DENOISE: Final = 0
SET_NOISE_SUPPRESS: Final = 18
SET_ECHO_SUPPRESS: Final = 20
SET_ECHO_SUPPRESS_ACTIVE: Final = 22
SET_ECHO_STATE: Final = 24


class SpeexDsp:
    """One canceller with its memory of the room; blocks of 10 ms, one after the other."""

    def __init__(self, library: ctypes.CDLL, echo: ctypes.c_void_p, residual: ctypes.c_void_p) -> None:
        self._library = library
        self._echo = echo
        self._residual = residual

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[SpeexDsp]:
        """A canceller that knows no room yet, freed on exit; StartError when the library is not there."""
        library = loaded()
        with ExitStack() as states:
            echo = ctypes.c_void_p(library.speex_echo_state_init(BLOCK_SAMPLES, FILTER_SAMPLES))
            states.callback(library.speex_echo_state_destroy, echo)
            residual = ctypes.c_void_p(library.speex_preprocess_state_init(BLOCK_SAMPLES, SAMPLE_RATE_HZ))
            states.callback(library.speex_preprocess_state_destroy, residual)
            rate_hz = ctypes.c_int(SAMPLE_RATE_HZ)
            library.speex_echo_ctl(echo, ECHO_SET_SAMPLING_RATE, ctypes.byref(rate_hz))
            for request, value in {
                SET_DENOISE: 1,
                SET_NOISE_SUPPRESS: NOISE_DB,
                SET_ECHO_SUPPRESS: ECHO_DB,
                SET_ECHO_SUPPRESS_ACTIVE: ECHO_WHILE_SPOKEN_DB,
            }.items():
                library.speex_preprocess_ctl(residual, request, ctypes.byref(ctypes.c_int(value)))
            library.speex_preprocess_ctl(residual, SET_ECHO_STATE, echo)
            yield cls(library, echo, residual)

    def cancelled(self, microphone: Samples, reference: Samples) -> Cancelled:
        """A block of the microphone without what it has of the reference; both of BLOCK_SAMPLES."""
        if len(microphone) != BLOCK_SAMPLES or len(reference) != BLOCK_SAMPLES:
            raise ValueError(f"blocks of {len(microphone)} and {len(reference)} samples, not of {BLOCK_SAMPLES}")
        heard, played = np.ascontiguousarray(microphone, np.int16), np.ascontiguousarray(reference, np.int16)
        sound = np.empty(BLOCK_SAMPLES, np.int16)
        self._library.speex_echo_cancellation(self._echo, address(heard), address(played), address(sound))
        person = sound.copy()
        self._library.speex_preprocess_run(self._residual, address(person))
        return Cancelled(sound, person)


def loaded() -> ctypes.CDLL:
    """The library, its functions declared; StartError."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise StartError(
            f'microphone.echo: no {LIBRARY}; sudo apt-get install libspeexdsp1, or say echo = "off"'
        ) from error
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("speex_echo_state_init", pointer, [number, number]),
        ("speex_echo_state_destroy", None, [pointer]),
        ("speex_echo_ctl", number, [pointer, number, pointer]),
        ("speex_echo_cancellation", None, [pointer, pointer, pointer, pointer]),
        ("speex_preprocess_state_init", pointer, [number, number]),
        ("speex_preprocess_state_destroy", None, [pointer]),
        ("speex_preprocess_ctl", number, [pointer, number, pointer]),
        ("speex_preprocess_run", number, [pointer, pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def address(samples: Samples) -> int:
    """Where the samples are."""
    return samples.ctypes.data
