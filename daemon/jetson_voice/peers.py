"""Who speaks through a Unix socket, as the kernel knows it."""

from __future__ import annotations

import grp
import os
import socket
import struct
from dataclasses import dataclass
from typing import Final

GROUP: Final = "jetson-voice"
SO_PEERGROUPS: Final = 59
"""socket(7), Linux 4.13; Python has no name for it. This number on x86 and ARM."""

MOST_BYTES: Final = 1024
"""The longest answer that Python's getsockopt takes: 256 groups."""


@dataclass(frozen=True)
class Peer:
    """A process at the other end: its user and all its groups when it connected."""

    uid: int
    gids: frozenset[int]


@dataclass(frozen=True)
class Welcome:
    """Who may speak: these users, and the members of this group if there is one."""

    uids: frozenset[int]
    gid: int | None

    def includes(self, peer: Peer) -> bool:
        """Whether this one may speak."""
        return peer.uid in self.uids or self.gid in peer.gids


def usual_welcome() -> Welcome:
    """Root, the daemon's own user, and the group `jetson-voice` where it exists."""
    return Welcome(frozenset({0, os.geteuid()}), gid_of(GROUP))


def gid_of(group: str) -> int | None:
    """The number of a group; None when there is no such group."""
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return None


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end of a connected Unix socket; OSError when it is in more than 256 groups."""
    ids = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, gid = struct.unpack("3i", ids)
    more = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, MOST_BYTES)
    return Peer(uid, frozenset({gid, *struct.unpack(f"{len(more) // 4}I", more)}))
