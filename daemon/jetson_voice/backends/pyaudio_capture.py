"""The process in which the microphone is captured: `python -m jetson_voice.backends.pyaudio_capture PARENT DEVICE`.

PortAudio and a sound server can hang for ever, and nothing ends a thread that hangs in them; a process can be
killed. It does no more than that: it opens the device once, tells its sound on the standard output, and ends
when the device is lost. Its parent judges its silence, and starts it again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, Final

from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.capture_messages import Found, Lost, Message, Sound, packed
from jetson_voice.backends.pulse_source import PulseSource, Source

RATE_HZ: Final = 16_000
BLOCK_SECONDS: Final = 0.08
PERIOD_SECONDS: Final = BLOCK_SECONDS / 2
"""What the device is asked for at a time. Asked for whole blocks, PulseAudio hands them over in steps of 0.1 s, up to
0.08 s late (median 0.04); asked for halves, at once, for 0.12 % of a core more.
"""

STALL_SECONDS: Final = 1.0
"""A block that was waited for so long was held back somewhere, and what follows at once was too."""

ANY_SOURCE: Final = frozenset({"default", "pulse", "pipewire", "sysdefault"})
"""ALSA's names for whatever the sound server takes for the microphone."""

PR_SET_PDEATHSIG: Final = 1
"""prctl.h"""


def main() -> None:
    """Capture until the device is lost, or the parent has gone."""
    # A terminal's Ctrl-C and a service's stop reach the whole group: this process ends when its parent says so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    parent, device = sys.argv[1:]
    _die_with(int(parent))
    with suppress(BrokenPipeError):
        _tell_all(device, _messages_only())
    # What still hangs in the sound system is not waited for.
    os._exit(0)


def captured(wanted: str) -> Iterator[Message]:
    """The device called `wanted`, or the default one, and its sound for ever; OSError or SystemError."""
    with pyaudio_devices.opened(wanted, "microphone", RATE_HZ, PERIOD_SECONDS) as capture:
        server = PulseSource()
        server.start()
        server.asked.wait()
        first = server.source
        arrivals, block = Arrivals(BLOCK_SECONDS), round(capture.rate_hz * BLOCK_SECONDS)
        _raise_if_monitor(server.source, first, capture.device.name)
        yield Found(capture.device.name, capture.rate_hz)
        while True:
            asked_at = time.monotonic()
            # PortAudio closes a stream that raises, and PyAudio would raise for an overflow.
            pcm = capture.stream.read(block, exception_on_overflow=False)
            captured_at = arrivals.captured_at(asked_at, time.monotonic())
            _raise_if_monitor(server.source, first, capture.device.name)
            yield Sound(captured_at, pcm)


class Arrivals:
    """When each block of sound was whole in the microphone, also when it is handed over long after that."""

    def __init__(self, block_seconds: float) -> None:
        self._block_seconds = block_seconds
        self._captured_at = float("inf")

    def captured_at(self, asked_at: float, came_at: float) -> float:
        """The time of the block that was waited for from `asked_at` to `came_at`."""
        waited = came_at - asked_at
        if self._block_seconds / 4 < waited < STALL_SECONDS:
            self._captured_at = came_at
        else:
            # It lay ready, or was held back: it is as old as if it had followed the one before.
            self._captured_at = min(came_at, self._captured_at + self._block_seconds)
        return self._captured_at


def is_wanted(source: Source | None, first: Source | None, device: str) -> bool:
    """Whether this source may be heard: a monitor only as the one that a device of its own name began with."""
    if source is None or not source.is_monitor:
        return True
    if device in ANY_SOURCE:
        return source.name == os.environ.get("PULSE_SOURCE")
    return source == first


def _raise_if_monitor(source: Source | None, first: Source | None, device: str) -> None:
    if source and not is_wanted(source, first, device):
        raise OSError(f"the sound server records what the speaker plays ({source.name}) in its place")


def _tell_all(device: str, pipe: BinaryIO) -> None:
    try:
        for message in captured(device):
            _tell(message, pipe)
    except BrokenPipeError:
        raise
    except (OSError, SystemError) as error:  # PyAudio raises either when it loses its device
        _tell(Lost(pyaudio_devices.reason(error)), pipe)


def _tell(message: Message, pipe: BinaryIO) -> None:
    pipe.write(packed(message))
    pipe.flush()


def _messages_only() -> BinaryIO:
    """The standard output, which from now on no library prints to."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def _die_with(parent: int) -> None:
    """Be killed when the parent dies, however it dies, also while PortAudio hangs."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


if __name__ == "__main__":
    main()
