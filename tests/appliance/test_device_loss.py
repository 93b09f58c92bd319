"""The sound server dies under the running service, again and again."""

from __future__ import annotations

import os
import time

import pytest

from in_the_box import Appliance, starter_text
from jetson_voice.bench.household import say_all
from jetson_voice.config import Config

pytestmark = [pytest.mark.anyio, pytest.mark.systemd, pytest.mark.room, pytest.mark.models]

CYCLES = int(os.environ.get("JETSON_VOICE_CYCLES", "20"))
WAKE = "Hey Jarvis."


async def test_after_every_crash_of_the_sound_server_the_next_wake_word_is_heard_within_ten_seconds(
    service_box: Appliance, starter: Config
) -> None:
    clip = (await say_all(starter, [WAKE]))[WAKE]
    service_box.configure(starter_text() + "\n[listen]\nstart_timeout_seconds = 1.0\n")
    service_box.start()
    service_box.until_journal(JV_EVENT="microphone_found")
    service_box.until_journal("all models are loaded")
    pid, took = service_box.main_pid, []
    for cycle in range(1, CYCLES + 1):
        service_box.room.stop(crash=True)
        service_box.until_journal(JV_EVENT="microphone_lost", count=cycle, seconds=10)
        service_box.room.start()
        began_at = time.monotonic()
        service_box.until_journal(JV_EVENT="microphone_found", count=cycle + 1, seconds=10)
        service_box.room.say(clip)
        service_box.until_journal(JV_EVENT="wake_heard", count=cycle, seconds=10)
        took.append(time.monotonic() - began_at)
        service_box.until_journal(JV_EVENT="turn_complete", count=cycle)
    print(f"{CYCLES} crashes: wake word heard {min(took):.1f} to {max(took):.1f} s after the server was back")
    assert max(took) < 10
    assert service_box.main_pid == pid
    service_box.until_status("listening")
