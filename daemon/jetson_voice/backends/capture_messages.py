"""What the process that captures the microphone tells the daemon, as bytes on a pipe."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

HEADER: Final = struct.Struct("<cId")
"""The kind, the length of what follows in bytes, and the message's one number."""


@dataclass(frozen=True)
class Found:
    """The device is open."""

    device: str
    rate_hz: int


@dataclass(frozen=True)
class Sound:
    """A block of mono int16 at the device's rate, and the time.monotonic() at which it was whole."""

    captured_at: float
    pcm: bytes


@dataclass(frozen=True)
class Lost:
    """There is no device, or no more: the last message."""

    reason: str


Message: TypeAlias = Found | Sound | Lost


def packed(message: Message) -> bytes:
    """The message as bytes."""
    match message:
        case Found(device, rate_hz):
            return _packed(b"F", device.encode(), rate_hz)
        case Sound(captured_at, pcm):
            return _packed(b"S", pcm, captured_at)
        case Lost(reason):
            return _packed(b"L", reason.encode(), 0)


class Unpacking:
    """Messages out of a stream of bytes that comes in pieces of any length."""

    def __init__(self) -> None:
        self._rest = b""

    def messages(self, chunk: bytes) -> Iterator[Message]:
        """All the messages that are complete with this chunk."""
        self._rest += chunk
        while len(self._rest) >= HEADER.size:
            kind, length, number = HEADER.unpack_from(self._rest)
            end = HEADER.size + length
            if len(self._rest) < end:
                return
            content, self._rest = self._rest[HEADER.size : end], self._rest[end:]
            yield _message(kind, content, number)


def _packed(kind: bytes, content: bytes, number: float) -> bytes:
    return HEADER.pack(kind, len(content), number) + content


def _message(kind: bytes, content: bytes, number: float) -> Message:
    match kind:
        case b"F":
            return Found(content.decode(), int(number))
        case b"S":
            return Sound(number, content)
        case b"L":
            return Lost(content.decode())
    raise ValueError(f"no message begins with {kind!r}")
