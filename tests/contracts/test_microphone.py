from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

import anyio
import numpy as np
import pytest

from jetson_voice import config
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame, joined
from jetson_voice.backends import pyaudio_devices
from jetson_voice.backends.pyaudio_microphone import PyAudioMicrophone
from jetson_voice.backends.wav_io import WavMicrophone
from jetson_voice.protocols import Microphone
from room import VirtualRoom
from scripted import ScriptedMicrophone
from tape import wait_for

pytestmark = pytest.mark.anyio

Hearing: TypeAlias = Callable[[Clip], AbstractAsyncContextManager[Microphone]]


@pytest.fixture(params=["scripted", "wav", pytest.param("pyaudio", marks=pytest.mark.room)])
def hearing(request: pytest.FixtureRequest) -> Hearing:
    """Opens a microphone in front of which the clip is played."""
    match request.param:
        case "scripted":
            return hearing_scripted
        case "wav":
            return hearing_wav
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
async def hearing_in(room: VirtualRoom, clip: Clip) -> AsyncIterator[Microphone]:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
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
    with anyio.fail_after(5), anyio.move_on_after(0.3) as waiting:
        async with PyAudioMicrophone.opened(config.Microphone()):
            pytest.fail("there is no microphone")
    assert waiting.cancelled_caught


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
        with anyio.move_on_after(7):
            while True:
                await microphone.read()
        room.thaw()
        with anyio.fail_after(10):
            await microphone.read()
    assert warnings(caplog)[0] == "no microphone: no sound for 3 s; trying again"
    assert not [line for line in warnings(caplog)[1:] if "no sound" in line]


@pytest.mark.room
async def test_closing_does_not_wait_for_a_sound_server_that_hangs(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioMicrophone.opened(config.Microphone()) as microphone:
        await microphone.read()
        room.freeze()
        began_at = time.monotonic()
    assert time.monotonic() - began_at < 5
    assert warnings(caplog) == ["the microphone does not close: the sound system does not answer"]
    room.thaw()
    wait_for(lambda: "microphone" not in {thread.name for thread in threading.enumerate()}, 10, "end of the thread")


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
