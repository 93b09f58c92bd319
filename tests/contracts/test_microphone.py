from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import anyio
import numpy as np
import pytest
from anyio import to_thread

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame, joined
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.pyaudio_microphone import PyAudioMicrophone
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.backends.wav_io import WavMicrophone
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import wait_for
from jetson_voice.echo.cancelled import EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import Microphone
from scripted import ScriptedMicrophone

pytestmark = pytest.mark.anyio

Hearing: TypeAlias = Callable[[Clip], AbstractAsyncContextManager[Microphone]]


@pytest.fixture(params=["scripted", "wav", "echo-cancelled", pytest.param("pyaudio", marks=pytest.mark.room)])
def hearing(request: pytest.FixtureRequest) -> Hearing:
    """Opens a microphone in front of which the clip is played."""
    match request.param:
        case "scripted":
            return hearing_scripted
        case "wav":
            return hearing_wav
        case "echo-cancelled":
            return hearing_without_echo
        case _:
            room: VirtualRoom = request.getfixturevalue("room")
            return lambda clip: hearing_in(room, clip)


@asynccontextmanager
async def hearing_scripted(clip: Clip) -> AsyncIterator[Microphone]:
    yield ScriptedMicrophone(clip)


@asynccontextmanager
async def hearing_wav(clip: Clip) -> AsyncIterator[Microphone]:
    async with WavMicrophone.opened(clip) as microphone:
        yield microphone


@asynccontextmanager
async def hearing_without_echo(clip: Clip) -> AsyncIterator[Microphone]:
    async with WavMicrophone.opened(clip) as microphone:
        with SpeexDsp.opened() as canceller:
            yield EchoCancelled(microphone, Reference(), canceller)


@asynccontextmanager
async def hearing_in(room: VirtualRoom, clip: Clip) -> AsyncIterator[Microphone]:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        room.say(clip)
        yield microphone


def noise(seconds: float) -> Clip:
    generator = np.random.default_rng(7)
    sign = generator.choice([-1, 1], round(seconds * SAMPLE_RATE_HZ))
    return Clip((sign * generator.integers(4_000, 8_000, len(sign))).astype(np.int16), SAMPLE_RATE_HZ)


def loud_seconds(frames: list[Frame]) -> float:
    loud = np.flatnonzero(np.abs(joined(frames).samples.astype(int)) > 1_000)
    return float(loud[-1] - loud[0] + 1) / SAMPLE_RATE_HZ if len(loud) else 0.0


async def heard_by(microphone: Microphone) -> list[Frame]:
    """Frames until something was said and is over."""
    frames: list[Frame] = []
    with anyio.fail_after(10):
        while not (loud_seconds(frames) and not loud_seconds(frames[-4:])):
            frames.append(await microphone.read())
    return frames


async def test_every_frame_has_the_same_length_and_begins_where_the_last_one_ended(hearing: Hearing) -> None:
    async with hearing(noise(0.5)) as microphone:
        frames = [await microphone.read() for _ in range(10)]
    assert {(frame.samples.dtype, frame.samples.shape) for frame in frames} == {(np.dtype(np.int16), (FRAME_SAMPLES,))}
    assert [later.at - frames[0].at for later in frames] == pytest.approx([0.08 * number for number in range(10)])


async def test_what_is_said_arrives_in_its_length(hearing: Hearing) -> None:
    async with hearing(noise(1.0)) as microphone:
        frames = await heard_by(microphone)
    assert loud_seconds(frames) == pytest.approx(1.0, abs=0.002)


async def test_a_reader_who_gives_up_again_and_again_misses_nothing(hearing: Hearing) -> None:
    frames: list[Frame] = []
    async with hearing(noise(1.0)) as microphone:
        while not (loud_seconds(frames) and not loud_seconds(frames[-4:])):
            with anyio.move_on_after(0.013):
                frames.append(await microphone.read())
    times = [0.08 * number for number in range(len(frames))]
    assert [frame.at - frames[0].at for frame in frames] == pytest.approx(times)
    assert loud_seconds(frames) == pytest.approx(1.0, abs=0.002)


async def test_a_reader_who_was_cancelled_already_takes_no_frame(hearing: Hearing) -> None:
    async with hearing(noise(0.2)) as microphone:
        first = await microphone.read()
        await anyio.sleep(0.2)
        with anyio.CancelScope() as scope:
            scope.cancel()
            await microphone.read()
        assert (await microphone.read()).at == pytest.approx(first.at + 0.08)


@pytest.mark.room
@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_a_sound_card_is_heard_on_trio_too(room: VirtualRoom) -> None:
    async with hearing_in(room, noise(0.5)) as microphone:
        frames = await heard_by(microphone)
    assert loud_seconds(frames) == pytest.approx(0.5, abs=0.002)


@pytest.mark.room
async def test_the_microphone_that_is_named_is_the_one_that_is_heard(room: VirtualRoom) -> None:
    room.name_alsa_device("desk", "mic")
    room.name_alsa_device("closet", "nomic")
    assert {"desk", "closet"} <= {device.name for device in pyaudio_devices.listed()}
    async with (
        PyAudioMicrophone.opened(config.Microphone(device="Desk")) as desk,
        PyAudioMicrophone.opened(config.Microphone(device="close")) as closet,
    ):
        await desk.read()
        await closet.read()
        room.say(noise(0.3))
        heard = await heard_by(desk)
        assert loud_seconds(heard) > 0.25
        assert loud_seconds([await closet.read() for _ in heard]) == 0


@pytest.mark.room
async def test_a_microphone_that_is_not_there_is_waited_for_and_the_others_are_named(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    opened = anyio.Event()

    async def listen() -> None:
        async with PyAudioMicrophone.opened(config.Microphone(device="desk")) as microphone:
            await microphone.read()
            opened.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.sleep(0.8)
        assert not opened.is_set()
        assert warnings(caplog) == ['no microphone: none is called "desk"; there are 0 "default"; trying again']
        room.name_alsa_device("desk", "mic")
        with anyio.fail_after(10):
            await opened.wait()
    assert len(warnings(caplog)) == 1


@pytest.mark.room
async def test_a_daemon_that_waits_for_its_first_microphone_can_be_stopped(room: VirtualRoom) -> None:
    room.stop()
    with anyio.fail_after(5):
        async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
            with anyio.move_on_after(0.3) as waiting:
                await microphone.read()
    assert waiting.cancelled_caught
    assert capturing() == []


@pytest.mark.room
async def test_the_same_microphone_hears_again_after_the_sound_server_crashed(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        before = await microphone.read()
        room.stop(crash=True)
        with anyio.move_on_after(1.0):
            while True:
                before = await microphone.read()
        room.start()
        with anyio.fail_after(10):
            after = await microphone.read()
        assert after.at == pytest.approx(before.ends_at)
        room.say(noise(0.3))
        assert loud_seconds(await heard_by(microphone)) == pytest.approx(0.3, abs=0.002)
    (warning,) = warnings(caplog)
    assert warning.startswith("no microphone: ")
    assert warning.endswith("; trying again")


@pytest.mark.room
@pytest.mark.usefixtures("room")
async def test_sound_that_nobody_reads_in_time_is_dropped_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    async with PyAudioMicrophone.opened(config.Microphone(buffer_seconds=1)) as microphone:
        assert microphone.frames_dropped == 0
        await anyio.sleep(2)
        frame = await microphone.read()
        dropped = microphone.frames_dropped
        assert dropped > 2
        assert 0.08 * (dropped - 1) < frame.at < 0.08 * (dropped + 1)
    assert warnings(caplog) == ["sound is dropped: the daemon is too busy (microphone.buffer_seconds)"]


@pytest.mark.room
async def test_a_sound_server_that_hangs_is_told_once_and_heard_again_when_it_goes_on(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        room.freeze()
        await read_for(4, microphone)
        assert microphone.lost_because == "no sound for 2 s"
        room.thaw()
        with anyio.fail_after(10):
            await microphone.read()
        assert microphone.lost_because == ""
        room.say(noise(0.3))
        assert loud_seconds(await heard_by(microphone)) == pytest.approx(0.3, abs=0.002)
    assert warnings(caplog) == ["no microphone: no sound for 2 s; trying again"]


@pytest.mark.room
@pytest.mark.parametrize(("buffer_seconds", "is_heard"), [(1, False), (5, True)])
async def test_what_was_said_in_a_stall_is_heard_only_if_it_is_not_older_than_the_buffer(
    room: VirtualRoom, buffer_seconds: float, *, is_heard: bool
) -> None:
    async with PyAudioMicrophone.opened(config.Microphone(buffer_seconds=buffer_seconds)) as microphone:
        first, began_at = await microphone.read(), time.monotonic()
        (process,) = capturing()
        os.kill(process, signal.SIGSTOP)
        room.say(noise(0.3))
        await anyio.sleep(1.6)
        os.kill(process, signal.SIGCONT)
        frames = await read_for(1, microphone)
        assert capturing() == [process]
        assert (loud_seconds(frames) > 0.2) is is_heard
        assert (microphone.frames_dropped > 0) is not is_heard
        assert frames[-1].at - first.at == pytest.approx(time.monotonic() - began_at, abs=0.4)


@pytest.mark.room
async def test_closing_does_not_wait_for_a_sound_server_that_hangs(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        room.freeze()
        began_at = time.monotonic()
    assert time.monotonic() - began_at < 0.5
    assert warnings(caplog) == []
    assert capturing() == []
    assert "microphone" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.room
async def test_a_microphone_that_is_unplugged_is_lost_although_the_speaker_could_be_recorded_in_its_place(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    room.unload("module-null-source")
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        room.unplug("microphone")
        frames = await read_for(2, microphone, while_playing=lambda: room.say(noise(1.5), sink="speaker"))
        assert loud_seconds(frames) == 0
        assert "speaker.monitor" in microphone.lost_because
        room.plug("microphone")
        with anyio.fail_after(10):
            await microphone.read()
        room.say(noise(0.3))
        assert loud_seconds(await heard_by(microphone)) == pytest.approx(0.3, abs=0.002)
    assert len(warnings(caplog)) == 1


@pytest.mark.room
async def test_a_speaker_that_is_asked_for_by_name_may_be_listened_to(room: VirtualRoom) -> None:
    room.name_alsa_device("loopback", "speaker.monitor")
    async with PyAudioMicrophone.opened(config.Microphone(device="loopback")) as microphone:
        with anyio.fail_after(10):
            await microphone.read()
        room.say(noise(0.3), sink="speaker")
        assert loud_seconds(await heard_by(microphone)) == pytest.approx(0.3, abs=0.002)


@pytest.mark.room
async def test_twenty_crashes_of_the_sound_server_leave_nothing_behind(room: VirtualRoom) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        await to_thread.run_sync(time.monotonic)
        before = threads_and_descriptors()
        for _ in range(20):
            room.stop(crash=True)
            await to_thread.run_sync(wait_for, lambda: microphone.lost_because, 5, "loss")
            room.start()
            with anyio.fail_after(10):
                while microphone.lost_because:
                    await microphone.read()
        assert len(capturing()) == 1
        assert threads_and_descriptors() == before
    assert capturing() == []


@pytest.mark.room
async def test_a_capture_that_is_killed_is_started_again(room: VirtualRoom) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        (process,) = capturing()
        os.kill(process, signal.SIGKILL)
        with anyio.fail_after(10):
            while process in capturing() or not capturing():
                await microphone.read()
        room.say(noise(0.3))
        assert loud_seconds(await heard_by(microphone)) == pytest.approx(0.3, abs=0.002)


LISTENER = """
import anyio
from jetson_voice import config
from jetson_voice.backends.pyaudio_microphone import PyAudioMicrophone

async def listen():
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        print("heard", flush=True)
        while True:
            await microphone.read()

anyio.run(listen)
"""


@contextmanager
def daemon_that_listens(room: VirtualRoom) -> Iterator[subprocess.Popen[str]]:
    search = os.pathsep.join(path for path in sys.path if path)
    environment = {**room.environment, "PYTHONPATH": search}
    command = [sys.executable, "-c", LISTENER]
    with subprocess.Popen(command, env=environment, text=True, stdout=-1, stderr=-1, start_new_session=True) as daemon:
        try:
            assert daemon.stdout
            assert daemon.stdout.readline() == "heard\n"
            yield daemon
        finally:
            daemon.kill()


@pytest.mark.room
@pytest.mark.parametrize("server_hangs", [False, True])
def test_a_daemon_that_is_killed_takes_the_capture_with_it(room: VirtualRoom, *, server_hangs: bool) -> None:
    with daemon_that_listens(room) as daemon:
        (process,) = capturing(daemon.pid)
        if server_hangs:
            room.freeze()
        daemon.kill()
        wait_for(lambda: not Path(f"/proc/{process}").exists(), 2, "end of the capture")


@pytest.mark.room
def test_ctrl_c_in_the_terminal_is_the_daemons_affair_alone(room: VirtualRoom) -> None:
    with daemon_that_listens(room) as daemon:
        (process,) = capturing(daemon.pid)
        os.kill(process, signal.SIGINT)
        os.kill(process, signal.SIGTERM)
        time.sleep(0.3)
        assert capturing(daemon.pid) == [process]
        os.killpg(daemon.pid, signal.SIGINT)
        _, errors = daemon.communicate(timeout=10)
        assert "pyaudio_capture" not in errors
        assert not Path(f"/proc/{process}").exists()


async def read_for(
    seconds: float, microphone: Microphone, while_playing: Callable[[], object] = lambda: None
) -> list[Frame]:
    """All that comes within this time."""
    frames: list[Frame] = []
    while_playing()
    with anyio.move_on_after(seconds):
        while True:
            frames.append(await microphone.read())
    return frames


def capturing(daemon: int | None = None) -> list[int]:
    """The processes that capture a microphone for this process, or for another one; zombies, too."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name_and_state, _, rest = status.read_text().rpartition(")")
            parent = int(rest.split()[1])
            name = name_and_state.partition("(")[2]
            if parent == (daemon or os.getpid()) and name.startswith("python"):
                found.append(int(status.parent.name))
    return found


def threads_and_descriptors() -> tuple[list[str], int]:
    return sorted(thread.name for thread in threading.enumerate()), len(list(Path("/proc/self/fd").iterdir()))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
