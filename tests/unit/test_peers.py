"""Who is at the other end of a socket."""

from __future__ import annotations

import os
import socket

from jetson_voice.peers import Peer, Welcome, gid_of, peer_of

WELCOME = Welcome(uids=frozenset({0, 990}), gid=980)


def test_we_are_known_by_our_user_and_all_our_groups() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert peer_of(here) == Peer(os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))


def test_root_and_the_daemons_own_user_may_speak() -> None:
    assert WELCOME.includes(Peer(0, frozenset({0})))
    assert WELCOME.includes(Peer(990, frozenset()))


def test_a_member_of_the_group_may_speak() -> None:
    assert WELCOME.includes(Peer(1000, frozenset({1000, 980})))


def test_a_stranger_may_not_speak() -> None:
    assert not WELCOME.includes(Peer(1000, frozenset({1000, 981})))


def test_without_the_group_no_strangers_may_speak() -> None:
    assert not Welcome(frozenset({0}), gid=None).includes(Peer(1000, frozenset({1000})))


def test_a_group_that_is_not_there_has_no_number() -> None:
    assert gid_of("nobody-has-this-group") is None
    assert gid_of("root") == 0
