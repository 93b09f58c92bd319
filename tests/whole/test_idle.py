"""What the daemon takes while nobody speaks: bounds that find a mistake, not a slow or busy machine."""

from __future__ import annotations

import pytest

from idle_cost import QUIET, idle_daemon, settings, stop_tapes
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config
from protocol_server import ProtocolServer

pytestmark = [pytest.mark.models, pytest.mark.room]


def test_in_a_quiet_room_the_whole_daemon_takes_hardly_anything(room: VirtualRoom, starter: Config) -> None:
    stop_tapes(room)
    with ProtocolServer("ollama") as server:
        text = settings(starter, ollama=server.url)
        idle = idle_daemon(room, text, QUIET, settling=9, seconds=8, count=1)
    print(idle)
    [shares] = idle.shares
    # Twice what was measured on a busy machine; awake it takes four times what it takes asleep.
    assert sum(shares) < 0.02
    assert sum(idle.mib) < 450
