from __future__ import annotations

import subprocess
import sys

import pytest

from jetson_voice.backends.pulse_source import Source
from jetson_voice.backends.pyaudio_capture import Arrivals, is_wanted

MICROPHONE = Source("usb-mic", is_monitor=False)
MONITOR = Source("speaker.monitor", is_monitor=True)
BLOCK = 0.08


def ages(waits: list[float]) -> list[float]:
    """How old each block is when it comes, if the reader waits so long for each and does nothing between."""
    arrivals, now = Arrivals(BLOCK), 100.0
    found = []
    for wait in waits:
        came_at = now + wait
        found.append(came_at - arrivals.captured_at(now, came_at))
        now = came_at
    return found


def test_sound_that_comes_at_the_pace_of_the_device_is_new() -> None:
    assert ages([0.3] + [BLOCK] * 50) == pytest.approx([0] * 51)


def test_what_a_sound_server_held_back_is_as_old_as_the_stall_until_the_reader_has_caught_up() -> None:
    held_back = ages([BLOCK] * 5 + [8.0] + [0.0] * 99 + [BLOCK] * 3)
    assert held_back[5] == pytest.approx(8 - BLOCK)
    assert held_back[105 - 1] == pytest.approx(8 - 100 * BLOCK, abs=0.01)
    assert held_back[-3:] == pytest.approx([0, 0, 0])


def test_a_pause_whose_sound_is_lost_makes_no_sound_old_for_ever() -> None:
    assert ages([BLOCK] * 5 + [8.0] + [BLOCK] * 5)[-5:] == pytest.approx([0] * 5)


def test_a_device_that_gives_three_blocks_at_once_is_never_behind() -> None:
    assert max(ages([3 * BLOCK, 0, 0] * 10_000)) < 3 * BLOCK


def test_a_device_whose_clock_is_slow_is_never_behind() -> None:
    assert max(ages([1.01 * BLOCK] * 10_000)) == pytest.approx(0)


@pytest.mark.parametrize(
    ("source", "first", "device", "expected"),
    [
        (None, None, "hw:1,0", True),
        (MICROPHONE, MICROPHONE, "default", True),
        (MICROPHONE, None, "default", True),
        (MONITOR, MICROPHONE, "default", False),
        (MONITOR, MONITOR, "default", False),
        (MONITOR, MONITOR, "loopback", True),
        (MONITOR, MICROPHONE, "desk", False),
    ],
)
def test_a_monitor_is_heard_only_under_a_name_of_its_own(
    source: Source | None, first: Source | None, device: str, *, expected: bool
) -> None:
    assert is_wanted(source, first, device) is expected


def test_a_monitor_that_pulse_source_names_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SOURCE", MONITOR.name)
    assert is_wanted(MONITOR, MONITOR, "default")


def test_the_capture_starts_without_the_heavy_libraries() -> None:
    code = "import sys, jetson_voice.backends.pyaudio_capture as _; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"numpy", "soxr", "anyio", "asyncio"}.isdisjoint(done.stdout.split())
