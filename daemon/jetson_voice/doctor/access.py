"""Who the service runs as, and what this user may open."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from jetson_voice.doctor.units import OURS, unit_of

READ: Final = 4
WRITE: Final = 2
SEARCH: Final = 1


@dataclass(frozen=True)
class User:
    """A user as the kernel asks: numbers, and the groups' names for people."""

    name: str
    uid: int
    gids: frozenset[int]
    groups: frozenset[str]
    is_service: bool = False
    """Whether the installed service runs as this user; otherwise it is who asks."""

    unknown_groups: tuple[str, ...] = ()
    """Groups that the unit names and that do not exist: with one, systemd does not start it (216/GROUP)."""


@dataclass(frozen=True)
class Owned:
    """Whom a file belongs to, and what its mode allows."""

    mode: int
    uid: int
    gid: int


class NoSuchUserError(Exception):
    """The unit names a user that does not exist."""


def allows(owned: Owned, user: User, wanted: int) -> bool:
    """Whether the mode lets the user do all that is wanted, of READ, WRITE and SEARCH."""
    if user.uid == 0:
        return True
    if owned.uid == user.uid:
        granted = owned.mode >> 6
    elif owned.gid in user.gids:
        granted = owned.mode >> 3
    else:
        granted = owned.mode
    return granted & wanted == wanted


def may(user: User, path: Path, wanted: int) -> bool:
    """Whether the user may open this path, which exists; for another user access lists (ACL) are not asked."""
    if user.uid == os.geteuid():
        return os.access(path, wanted)
    path = path.resolve()
    return allows(_owned(path), user, wanted) and all(allows(_owned(folder), user, SEARCH) for folder in path.parents)


def running_user() -> User:
    """The service's user where it is installed, else who asks; NoSuchUserError."""
    unit = unit_of(OURS)
    if unit is None or not unit.is_installed:
        return _user(pwd.getpwuid(os.geteuid()).pw_name, set(os.getgroups()), is_service=False)
    groups = {name: _gid(name) for name in unit["SupplementaryGroups"].split()}
    user = _user(unit["User"] or "root", {gid for gid in groups.values() if gid is not None}, is_service=True)
    return replace(user, unknown_groups=tuple(name for name, gid in groups.items() if gid is None))


def _user(name: str, extra: set[int], *, is_service: bool) -> User:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise NoSuchUserError(name) from None
    gids = frozenset({*os.getgrouplist(name, entry.pw_gid), *extra})
    return User(name, entry.pw_uid, gids, frozenset(_names(gids)), is_service)


def _names(gids: frozenset[int]) -> Iterator[str]:
    for gid in gids:
        try:
            yield grp.getgrgid(gid).gr_name
        except KeyError:
            yield str(gid)


def _gid(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def _owned(path: Path) -> Owned:
    found = path.stat()
    return Owned(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)
