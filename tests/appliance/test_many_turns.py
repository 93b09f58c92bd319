"""Months in minutes: turn after turn through the running service, which must not grow and must not lose count."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass
from itertools import pairwise

import pytest

from in_the_box import MODELS, Appliance
from jetson_voice.bench.household import say_all
from jetson_voice.config import Config
from protocol_server import Done, ProtocolServer, Word

pytestmark = [pytest.mark.anyio, pytest.mark.systemd, pytest.mark.room, pytest.mark.models]

TURNS = int(os.environ.get("JETSON_VOICE_TURNS", "200"))
SETTLED_AFTER = 20
"""By then every model has run, and every cache is as large as it gets."""

LARGEST_GROWTH_A_TURN = 0.0002
"""A tenth of a mebibyte in most turns is a leak: 4 % in two hundred."""

LARGEST_GROWTH = 1.15
"""A turn that whisper does not find plain is read again in a larger window, and may raise what is kept by a tenth."""

QUESTION = "Hey Jarvis, hello."

# The language model's words are a script: what it weighs is not the service's affair.
CONFIGURATION = f"""
[models]
directory = "{MODELS}"
[listen]
end_silence_seconds = 0.4
[stt]
model = "whisper-base"
languages = ["en"]
[llm]
backend = "openai"
[llm.openai]
url = "%s"
[tts.voices]
zh = ""
"""


@dataclass(frozen=True)
class Held:
    """What the service's processes hold."""

    rss_kib: int
    threads: int
    descriptors: int
    processes: int


async def test_two_hundred_turns_leave_nothing_behind_and_every_one_is_counted(
    service_box: Appliance, starter: Config
) -> None:
    clip = (await say_all(starter, [QUESTION]))[QUESTION]
    with ProtocolServer("openai", answer=(Word("Yes."), Done())) as server:
        service_box.configure(CONFIGURATION % server.url)
        service_box.start()
        service_box.until_status("listening")
        since_settled: list[Held] = []
        for turn in range(1, TURNS + 1):
            service_box.room.say(clip)
            service_box.until_journal(JV_EVENT="turn_complete", JV_TURN=str(turn), seconds=30)
            if turn >= SETTLED_AFTER:
                since_settled.append(held(service_box))
        counted = json.loads(service_box.command("stats --json").stdout)
    settled, after = since_settled[0], since_settled[-1]
    sizes = [each.rss_kib for each in since_settled]
    grown = [later - sooner for sooner, later in pairwise(sizes)]
    print(f"after {SETTLED_AFTER} turns {settled}, after {TURNS} {after}; KiB a turn: {grown}")
    assert statistics.median(grown) <= LARGEST_GROWTH_A_TURN * settled.rss_kib
    assert after.rss_kib <= settled.rss_kib * LARGEST_GROWTH
    assert (after.threads, after.descriptors, after.processes) == (
        settled.threads,
        settled.descriptors,
        settled.processes,
    )
    assert counted["turns"]["total"] == TURNS


def held(machine: Appliance) -> Held:
    """Added up over the service and its children."""
    main = machine.main_pid
    pids = [main, *map(int, machine.box.run(f"pgrep -P {main}", check=False).stdout.split())]
    listed = ",".join(map(str, pids))
    rows = [map(int, row.split()) for row in machine.box.run(f"ps -o rss=,nlwp= -p {listed}").stdout.splitlines()]
    sizes, threads = zip(*rows, strict=True)
    descriptors = sum(int(machine.box.run(f"ls /proc/{pid}/fd | wc -l").stdout) for pid in pids)
    return Held(sum(sizes), sum(threads), descriptors, len(pids))
