"""PortAudio's devices: listed, chosen by name, opened.

PortAudio is one library for the whole process: opening and closing are not safe from two threads at
once, and its list of devices stays as the first of its users found it, until the last one has ended.
The daemon has one user, the speaker, and a second one only while a sound server hangs and keeps the
thread before it; the microphone has a process of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import pyaudio

Direction: TypeAlias = Literal["microphone", "speaker"]

LOCK_SECONDS: Final = 5.0

_lock = threading.Lock()


@dataclass(frozen=True)
class Device:
    """One entry of PortAudio's list; `rate_hz` is the rate it prefers."""

    index: int
    name: str
    input_channels: int
    output_channels: int
    rate_hz: int

    def serves(self, direction: Direction) -> bool:
        """Whether it can be this."""
        return bool(self.input_channels if direction == "microphone" else self.output_channels)


@dataclass(frozen=True)
class OpenStream:
    """A stream of mono int16 at the rate that the device agreed to."""

    stream: pyaudio.Stream
    device: Device
    rate_hz: int
    block: int
    """Samples to be read or written at once."""


def listed() -> list[Device]:
    """Every device of the system as PortAudio sees it now."""
    with _library() as library:
        return _devices(library)


@contextlib.contextmanager
def opened(wanted: str, direction: Direction, rate_hz: int, block_seconds: float) -> Iterator[OpenStream]:
    """The device called `wanted`, or the default one, at this rate or, refused, at its own; OSError.

    A microphone runs, a speaker is to be started. Enter, use and leave it in one thread: closing a
    stream that another thread reads crashes.
    """
    with _library() as library:
        device = chosen(_devices(library), wanted, _default(library, direction), direction)
        with _lock_held():
            found = _open(library, device, direction, rate_hz, block_seconds)
        try:
            yield found
        finally:
            with _lock_held():
                found.stream.close()


def chosen(devices: Sequence[Device], wanted: str, default: int | None, direction: Direction) -> Device:
    """The device with this index, this name, or this in its name; OSError says which exist."""
    possible = [device for device in devices if device.serves(direction)]
    fits = [device for device in possible if _fit(device, wanted, default)]
    if fits:
        return max(fits, key=lambda device: _fit(device, wanted, default))
    if not possible:
        raise OSError(f"the system has no {direction}")
    names = ", ".join(f'{device.index} "{device.name}"' for device in possible)
    raise OSError(f'none is called "{wanted}"; there are {names}')


def reason(error: OSError | SystemError) -> str:
    """PortAudio's words without its number."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _fit(device: Device, wanted: str, default: int | None) -> int:
    if not wanted:
        return 2 if device.index == default else 1
    if wanted.isdecimal():
        return int(device.index == int(wanted))
    if device.name.casefold() == wanted.casefold():
        return 2
    return int(wanted.casefold() in device.name.casefold())


@contextlib.contextmanager
def _library() -> Iterator[pyaudio.PyAudio]:
    with _lock_held():
        _silence_the_search()
        # Lets ALSA convert for devices that cannot do a rate in hardware (pa_linux_alsa.c).
        os.environ.setdefault("PA_ALSA_PLUGHW", "1")
        library = pyaudio.PyAudio()
    try:
        yield library
    finally:
        with _lock_held():
            library.terminate()


@contextlib.contextmanager
def _lock_held() -> Iterator[None]:
    if not _lock.acquire(timeout=LOCK_SECONDS):
        raise OSError("the sound system does not answer")
    try:
        yield
    finally:
        _lock.release()


def _devices(library: pyaudio.PyAudio) -> list[Device]:
    infos = [library.get_device_info_by_index(i) for i in range(library.get_device_count())]
    return [
        Device(
            index=int(info["index"]),
            name=str(info["name"]),
            input_channels=int(info["maxInputChannels"]),
            output_channels=int(info["maxOutputChannels"]),
            rate_hz=int(info["defaultSampleRate"]),
        )
        for info in infos
    ]


def _default(library: pyaudio.PyAudio, direction: Direction) -> int | None:
    try:
        match direction:
            case "microphone":
                info = library.get_default_input_device_info()
            case "speaker":
                info = library.get_default_output_device_info()
    except OSError:
        return None
    return int(info["index"])


def _open(
    library: pyaudio.PyAudio,
    device: Device,
    direction: Direction,
    rate_hz: int,
    block_seconds: float,
) -> OpenStream:
    try:
        stream = _stream(library, device, direction, rate_hz, block_seconds)
    except OSError:
        if device.rate_hz == rate_hz:
            raise
        rate_hz = device.rate_hz
        stream = _stream(library, device, direction, rate_hz, block_seconds)
    return OpenStream(stream, device, rate_hz, round(rate_hz * block_seconds))


def _stream(
    library: pyaudio.PyAudio,
    device: Device,
    direction: Direction,
    rate_hz: int,
    block_seconds: float,
) -> pyaudio.Stream:
    return library.open(
        rate_hz,
        1,
        pyaudio.paInt16,
        input=direction == "microphone",
        output=direction == "speaker",
        input_device_index=device.index,
        output_device_index=device.index,
        frames_per_buffer=round(rate_hz * block_seconds),
        start=direction == "microphone",
    )


_AlsaHandler = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)
_JackHandler = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
# The libraries keep these pointers for as long as the process lives.
_nothing_for_alsa = _AlsaHandler(lambda *_: None)
_nothing_for_jack = _JackHandler(lambda _: None)


def _silence_the_search() -> None:
    """ALSA and JACK print up to 80 lines of vain tries; what matters comes back as an OSError."""
    with contextlib.suppress(OSError):
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_nothing_for_alsa)
    with contextlib.suppress(OSError):
        ctypes.CDLL("libjack.so.0").jack_set_error_function(_nothing_for_jack)
