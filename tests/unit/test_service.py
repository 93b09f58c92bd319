"""What systemd is told, on a socket as systemd's own; in virtual time."""

from __future__ import annotations

import logging
import os
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio import create_task_group, sleep, sleep_forever
from trio.testing import MockClock

from jetson_voice.audio import Frame
from jetson_voice.pulse import AttendedMicrophone, Pulse
from jetson_voice.service import Systemd, beat
from scripted import FRAME_SECONDS, ScriptedMicrophone, sound_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


class Notified(threading.Thread):
    """The service manager's end of the socket; it reads all the time, for no more than ten messages fit."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self._came: list[str] = []
        self._marks: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.start()

    def run(self) -> None:
        while (message := self._socket.recv(4096).decode()) != "end":
            if message.startswith("mark"):
                self._marks.put(message)
            else:
                self._came.append(message)

    def messages(self) -> list[str]:
        """What has come since the last call."""
        self._send("mark")
        self._marks.get(timeout=5)
        came, self._came = self._came, []
        return came

    def close(self) -> None:
        self._send("end")
        self.join(5)
        self._socket.close()

    def _send(self, message: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.sendto(message.encode(), self._socket.getsockname())


@pytest.fixture(params=["path", "abstract"])
def notified(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notified]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@jetson-voice-test-{os.getpid()}"
    manager = Notified(address)
    yield manager
    manager.close()


def systemd(notified: Notified, *, watchdog: str = "30000000") -> Systemd:
    return Systemd.of({"NOTIFY_SOCKET": notified.address, "WATCHDOG_USEC": watchdog})


class NoMicrophone:
    """Nothing is plugged in."""

    async def read(self) -> Frame:
        await sleep_forever()
        raise AssertionError


async def live(pulse: Pulse, microphone: AttendedMicrophone, notifying: Systemd, seconds: float) -> None:
    """Listen and beat for so long."""
    async with create_task_group() as life:

        async def listen() -> None:
            while True:
                await microphone.read()

        pulse.listens()
        life.start_soon(listen)
        life.start_soon(beat, pulse, notifying)
        await sleep(seconds)
        life.cancel_scope.cancel()


async def test_it_is_ready_with_the_first_sound_and_feeds_the_watchdog_at_half_its_time(notified: Notified) -> None:
    pulse = Pulse()
    microphone = AttendedMicrophone(ScriptedMicrophone(sound_of([])), pulse)
    await live(pulse, microphone, systemd(notified), 61)
    messages = notified.messages()
    assert messages.index("READY=1") <= 3
    assert [message for message in messages if message.startswith("STATUS")][-1] == "STATUS=listening"
    assert messages.count("READY=1") == 1
    assert messages.count("WATCHDOG=1") == 5, "at 0, 15, 30, 45 and 60 s"


async def test_without_a_microphone_it_is_ready_says_so_and_lives_on(notified: Notified) -> None:
    pulse = Pulse()
    await live(pulse, AttendedMicrophone(NoMicrophone(), pulse), systemd(notified), 120.5)
    messages = notified.messages()
    assert "READY=1" in messages
    assert "STATUS=no microphone since 12 s" in messages
    assert messages[-2:] == ["STATUS=no microphone since 2 min", "WATCHDOG=1"]


async def test_a_stage_that_hangs_lets_the_watchdog_starve_and_says_why(
    notified: Notified, caplog: pytest.LogCaptureFixture
) -> None:
    pulse = Pulse()
    microphone = AttendedMicrophone(ScriptedMicrophone(sound_of([])), pulse)
    with pulse.working("synthesize"):
        await live(pulse, microphone, systemd(notified), 58)
        notified.messages()
        await live(pulse, microphone, systemd(notified), 100)
    messages = notified.messages()
    assert messages.count("WATCHDOG=1") == 1, "of 58 s"
    assert "STATUS=synthesize hangs: it has not ended for 1 min" in messages
    [line] = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert line.getMessage() == "synthesize hangs: it has not ended for 1 min"


async def test_a_stage_that_ends_in_time_is_not_remembered(notified: Notified) -> None:
    pulse = Pulse()
    microphone = AttendedMicrophone(ScriptedMicrophone(sound_of([])), pulse)
    for _ in range(3):
        with pulse.working("synthesize"):
            await live(pulse, microphone, systemd(notified), 40)
    assert not [message for message in notified.messages() if "hangs" in message]


async def test_sound_that_comes_back_is_noticed_at_once(notified: Notified) -> None:
    pulse = Pulse()
    await live(pulse, AttendedMicrophone(NoMicrophone(), pulse), systemd(notified), 20)
    await live(pulse, AttendedMicrophone(ScriptedMicrophone(sound_of([])), pulse), systemd(notified), 2)
    assert pulse.vitals.has_heard
    assert pulse.vitals.frame_age_seconds <= 2 * FRAME_SECONDS
    assert "STATUS=listening" in notified.messages()


async def test_started_by_hand_it_tells_nobody() -> None:
    by_hand = Systemd.of({})
    assert by_hand == Systemd(None, None)
    by_hand.ready()
    pulse = Pulse()
    await live(pulse, AttendedMicrophone(ScriptedMicrophone(sound_of([])), pulse), by_hand, 10)


def test_a_watchdog_that_is_meant_for_another_process_is_not_fed() -> None:
    assert Systemd.of({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}).watchdog_seconds is None
    assert Systemd.of({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_seconds == 5
    assert Systemd.of({"WATCHDOG_USEC": "soon"}).watchdog_seconds is None


def test_a_systemd_that_has_gone_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Systemd(str(tmp_path / "nobody")).ready()
    assert "systemd cannot be told READY=1" in caplog.text


async def test_a_reload_carries_the_time_by_which_systemd_knows_it(notified: Notified) -> None:
    systemd(notified).reloading()
    [message] = notified.messages()
    assert message.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert message.rpartition("=")[2].isdecimal()
