from __future__ import annotations

import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import numpy as np
import pytest
from anyio import to_thread

from jetson_voice import config
from jetson_voice.audio import Clip, read_wav
from jetson_voice.backends.pyaudio_microphone import PyAudioMicrophone
from jetson_voice.backends.pyaudio_speaker import PyAudioSpeaker
from jetson_voice.backends.wav_io import WavSpeaker
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.tape import ROOM_RATE_HZ, wait_for
from jetson_voice.concurrency import together
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import DUCKED_GAIN, Speaker, StageError
from scripted import ScriptedSpeaker

pytestmark = pytest.mark.anyio

RATE_HZ = 22_050
LOUD = 150


@dataclass(frozen=True)
class Stage:
    """A speaker, and once it is closed again, all that was heard of it."""

    opened: Callable[[], AbstractAsyncContextManager[Speaker]]
    heard: Callable[[], Clip]


@pytest.fixture(params=["scripted", "wav", pytest.param("pyaudio", marks=pytest.mark.room)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Speaker]]:
    match request.param:
        case "scripted":
            return scripted
        case "wav":
            return wav_stage(tmp_path).opened
        case _:
            return room_stage(request.getfixturevalue("room")).opened


@pytest.fixture(params=["wav", pytest.param("pyaudio", marks=pytest.mark.room)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    match request.param:
        case "wav":
            return wav_stage(tmp_path)
        case _:
            return room_stage(request.getfixturevalue("room"))


@asynccontextmanager
async def scripted() -> AsyncIterator[Speaker]:
    yield ScriptedSpeaker()


def wav_stage(folder: Path) -> Stage:
    path = folder / "heard.wav"
    return Stage(lambda: WavSpeaker.opened(path), lambda: read_wav(path))


def room_stage(room: VirtualRoom) -> Stage:
    began_at = time.monotonic()

    def heard() -> Clip:
        # What has been played is on the tape a block later.
        time.sleep(0.1)
        return Clip(room.speaker.between(began_at)[0], ROOM_RATE_HZ)

    return Stage(lambda: PyAudioSpeaker.opened(config.Speaker()), heard)


def tone(seconds: float, rate_hz: int = RATE_HZ) -> Clip:
    phase = 2 * np.pi * 500 * np.arange(round(seconds * rate_hz)) / rate_hz
    return Clip((8_000 * np.cos(phase)).astype(np.int16), rate_hz)


def sound_of(clip: Clip) -> Clip:
    """Without the silence before and after."""
    loud = np.flatnonzero(np.abs(clip.samples.astype(int)) > LOUD)
    return Clip(clip.samples[loud[0] : loud[-1] + 1], clip.rate_hz)


def pauses(clip: Clip) -> list[float]:
    """The silences within, in seconds; a tone's own zero crossings are none."""
    loud = np.flatnonzero(np.abs(clip.samples.astype(int)) > LOUD)
    steps = np.diff(loud) / clip.rate_hz
    return [float(step) for step in steps if step > 0.003]


async def cut_after(seconds: float, speaker: Speaker, clip: Clip) -> tuple[float, float]:
    """Plays the clip and cuts it; how long it was let play, and how long the cut took, both in seconds."""
    began_at = anyio.current_time()
    cut_at = began_at
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(speaker.play, clip)
        await anyio.sleep(seconds)
        cut_at = anyio.current_time()
        tasks.cancel_scope.cancel()
    return cut_at - began_at, anyio.current_time() - cut_at


async def test_a_whole_clip_moves_the_position_by_its_length(
    opened: Callable[[], AbstractAsyncContextManager[Speaker]],
) -> None:
    async with opened() as speaker:
        assert speaker.position == 0
        first, second = tone(0.3137), tone(0.2, 16_000)
        await speaker.play(first)
        assert speaker.position == first.seconds
        await speaker.play(second)
        assert speaker.position == first.seconds + second.seconds


async def test_a_cut_ends_the_clip_soon_and_the_next_one_is_played_at_once(
    opened: Callable[[], AbstractAsyncContextManager[Speaker]],
) -> None:
    async with opened() as speaker:
        played, took = await cut_after(0.4, speaker, tone(3))
        assert took < 0.5
        cut = speaker.position
        assert played - 0.2 < cut < played + 0.2
        await speaker.play(tone(0.2))
        assert speaker.position == cut + tone(0.2).seconds


async def test_a_ducked_clip_is_softer_for_that_time_and_nothing_of_it_is_lost(stage: Stage) -> None:
    clip = tone(2)
    async with stage.opened() as speaker, anyio.create_task_group() as tasks:
        tasks.start_soon(speaker.play, clip)
        await anyio.sleep(0.7)
        speaker.duck(is_soft=True)
        await anyio.sleep(0.6)
        speaker.duck(is_soft=False)
    heard = sound_of(stage.heard())
    assert heard.seconds == pytest.approx(clip.seconds, abs=0.02)
    before, soft, after = [level_at(heard, seconds) for seconds in (0.3, 1.1, 1.8)]
    assert soft / before == pytest.approx(DUCKED_GAIN, rel=0.05)
    assert after / before == pytest.approx(1, rel=0.05)


async def test_what_is_played_while_it_is_ducked_is_soft_from_its_beginning(stage: Stage) -> None:
    async with stage.opened() as speaker:
        speaker.duck(is_soft=True)
        await speaker.play(tone(0.5))
    assert level_at(sound_of(stage.heard()), 0.2) == pytest.approx(8_000 / 2**0.5 * DUCKED_GAIN, rel=0.05)


def level_at(clip: Clip, seconds: float) -> float:
    """The root mean square of the 50 ms from there on."""
    begin = round(seconds * clip.rate_hz)
    return float(np.sqrt(np.mean(np.square(clip.samples[begin : begin + clip.rate_hz // 20].astype(float)))))


async def test_while_a_clip_plays_the_position_goes_forward(
    opened: Callable[[], AbstractAsyncContextManager[Speaker]],
) -> None:
    async with opened() as speaker, anyio.create_task_group() as tasks:
        tasks.start_soon(speaker.play, tone(0.5))
        positions = []
        for _ in range(8):
            await anyio.sleep(0.08)
            positions.append(speaker.position)
    assert positions == sorted(positions)
    assert speaker.position == tone(0.5).seconds


async def test_a_turn_that_is_over_before_it_speaks_is_not_heard(stage: Stage) -> None:
    async with stage.opened() as speaker:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await speaker.play(tone(1))
        assert speaker.position < 0.06
        await speaker.play(tone(0.3))
    assert sound_of(stage.heard()).seconds < 0.4


async def test_an_interrupted_answer_is_silent_within_150_ms(stage: Stage) -> None:
    async with stage.opened() as speaker:
        played, _ = await cut_after(0.5, speaker, tone(3))
    assert sound_of(stage.heard()).seconds < played + 0.15


async def test_the_position_of_a_cut_is_what_was_heard(stage: Stage) -> None:
    async with stage.opened() as speaker:
        await cut_after(0.45, speaker, tone(3))
        position = speaker.position
    assert sound_of(stage.heard()).seconds == pytest.approx(position, abs=0.005)


async def test_an_interrupted_answer_fades_without_a_click(stage: Stage) -> None:
    # The sound card of a busy machine has a gap now and then: a click that is not ours.
    assert any([await fades_without_a_click(stage) for _ in range(3)])


async def fades_without_a_click(stage: Stage) -> bool:
    async with stage.opened() as speaker:
        await cut_after(0.45, speaker, tone(3))
    sound = sound_of(stage.heard())
    samples = sound.samples.astype(int)
    # One period of the tone is 2 ms.
    peaks = [int(np.abs(part).max()) for part in np.array_split(samples[-round(0.03 * sound.rate_hz) :], 15)]
    fading = [peak for peak in peaks if peak < 7_500]
    fade_seconds = 0.002 * (len(fading) + 1)
    steepest = 8_000 * 2 * np.pi * 500 / sound.rate_hz
    click = np.abs(np.diff(samples[-round(0.1 * sound.rate_hz) :])).max() / steepest
    print(f"peaks {fading}, {fade_seconds:.3f} s, the steepest slope {click:.2f} of the tone's")
    return fading == sorted(fading, reverse=True) and 0.010 <= fade_seconds <= 0.022 and bool(click < 1.2)


async def test_sentences_in_a_row_lose_nothing_of_their_ends(stage: Stage) -> None:
    sentences = [tone(0.3), tone(0.2137), tone(0.25)]
    async with stage.opened() as speaker:
        for sentence in sentences:
            await speaker.play(sentence)
    sound = sound_of(stage.heard())
    spoken = sum(sentence.seconds for sentence in sentences)
    assert sound.seconds - sum(pauses(sound)) == pytest.approx(spoken, abs=0.015)
    assert all(pause < 0.3 for pause in pauses(sound))


async def test_a_pause_between_two_sentences_is_heard_in_its_length(stage: Stage) -> None:
    async with stage.opened() as speaker:
        await speaker.play(tone(0.2))
        await anyio.sleep(0.5)
        await speaker.play(tone(0.2))
    (pause,) = pauses(sound_of(stage.heard()))
    assert 0.45 < pause < 0.8


async def test_the_reference_knows_what_is_heard_of_a_cut_answer(tmp_path: Path) -> None:
    reference = Reference()
    async with WavSpeaker.opened(tmp_path / "heard.wav", reference=reference) as speaker:
        began_at = anyio.current_time()
        await cut_after(0.4, speaker, tone(3))
    heard_until = began_at + speaker.position
    assert not reference.is_silent(began_at, began_at + 0.05)
    assert not reference.is_silent(heard_until - 0.05, heard_until)
    assert reference.is_silent(heard_until + 0.05, heard_until + 3)


@pytest.mark.room
async def test_the_reference_knows_when_each_sentence_is_heard(room: VirtualRoom) -> None:
    reference, late = Reference(), []
    async with PyAudioSpeaker.opened(config.Speaker(), reference) as speaker:
        for pause in (0.0, 0.3, 0.5):
            await anyio.sleep(pause)
            began_at = time.monotonic()
            await speaker.play(tone(0.4))
            await anyio.sleep(0.1)
            stamped_at = began_at + next(
                step / 1_000 for step in range(500) if not reference.is_silent(began_at, began_at + step / 1_000)
            )
            late.append(room.speaker.wait_for_sound(began_at) - stamped_at)
        stretches = {reference.stretch(began_at - 1.5, began_at - 1.0), reference.stretch(began_at, began_at + 0.5)}
    assert all(abs(each) < 0.02 for each in late)
    assert max(late) - min(late) < 0.006  # a block of the room
    assert len(stretches) == 1


@pytest.mark.room
async def test_a_sentence_that_ends_in_silence_ends_with_it_and_the_next_one_follows_at_once(room: VirtualRoom) -> None:
    stage = room_stage(room)
    sentence = Clip(np.concatenate([tone(0.3).samples, np.zeros(RATE_HZ // 4, np.int16)]), RATE_HZ)
    async with stage.opened() as speaker:
        await speaker.play(sentence)
        assert speaker.position == sentence.seconds
        await speaker.play(sentence)
    (pause,) = pauses(sound_of(stage.heard()))
    assert pause == pytest.approx(0.25, abs=0.02)


@pytest.mark.room
@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 48_000])
async def test_a_voice_of_any_rate_keeps_its_speed(room: VirtualRoom, rate_hz: int) -> None:
    stage = room_stage(room)
    async with stage.opened() as speaker:
        await speaker.play(tone(0.5, rate_hz))
    assert sound_of(stage.heard()).seconds == pytest.approx(0.5, abs=0.003)


@pytest.mark.room
@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_a_sound_card_is_cut_on_trio_too(room: VirtualRoom) -> None:
    stage = room_stage(room)
    async with stage.opened() as speaker:
        await cut_after(0.3, speaker, tone(3))
        position = speaker.position
    assert sound_of(stage.heard()).seconds == pytest.approx(position, abs=0.005)


@pytest.mark.room
async def test_an_answer_after_a_long_silence_is_whole(room: VirtualRoom) -> None:
    stage = room_stage(room)
    async with stage.opened() as speaker:
        await speaker.play(tone(0.1))
        await anyio.sleep(2.5)
        silent_since = anyio.current_time()
        await speaker.play(tone(0.4))
        assert anyio.current_time() - silent_since < 1
    sound = sound_of(stage.heard())
    assert sound.seconds - sum(pauses(sound)) == pytest.approx(0.5, abs=0.01)


@pytest.mark.room
async def test_a_speaker_lost_in_a_sentence_fails_it_and_the_next_one_finds_it_again(room: VirtualRoom) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        crash = threading.Timer(0.4, room.stop, kwargs={"crash": True})
        crash.start()
        with pytest.raises(StageError) as lost:
            await speaker.play(tone(3))
        crash.join()
        assert lost.value.stage == "play"
        with pytest.raises(StageError):
            await speaker.play(tone(0.2))
        room.start()
        before = speaker.position
        await speaker.play(tone(0.2))
        assert speaker.position == before + tone(0.2).seconds


@pytest.mark.room
async def test_a_sound_server_that_restarts_between_two_sentences_costs_none(room: VirtualRoom) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        await speaker.play(tone(0.1))
        room.stop(crash=True)
        room.start()
        await speaker.play(tone(0.2))
        room.speaker.wait_for_sound(after=0)


@pytest.mark.room
async def test_a_daemon_without_a_speaker_starts_and_says_so_once(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioSpeaker.opened(config.Speaker(device="desk")) as speaker:
        (warning,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
        assert warning.startswith('no speaker: none is called "desk"; there are 0 "default"; ')
        with pytest.raises(StageError, match='none is called "desk"'):
            await speaker.play(tone(0.1))
        room.name_alsa_device("desk", "speaker")
        await speaker.play(tone(0.1))


@pytest.mark.room
async def test_a_speaker_plugged_in_later_is_found_although_the_microphone_is_in_use(room: VirtualRoom) -> None:
    async with (
        PyAudioMicrophone.opened(config.Microphone()) as microphone,
        PyAudioSpeaker.opened(config.Speaker(device="desk")) as speaker,
    ):
        await microphone.read()
        room.name_alsa_device("desk", "speaker")
        await speaker.play(tone(0.1))
        assert speaker.position == tone(0.1).seconds
        await microphone.read()


@pytest.mark.room
async def test_a_sound_server_that_hangs_fails_the_turn_and_no_more(
    room: VirtualRoom, caplog: pytest.LogCaptureFixture
) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        await speaker.play(tone(0.1))
        room.freeze()
        with anyio.fail_after(15), pytest.raises(StageError, match="does not answer"):
            await speaker.play(tone(0.1))
        room.thaw()
        await anyio.sleep(0.5)
        await speaker.play(tone(0.1))
    assert not caplog.records


@pytest.mark.room
@pytest.mark.parametrize("moment", ["between two answers", "in an answer"])
async def test_closing_does_not_wait_for_a_sound_server_that_hangs(room: VirtualRoom, moment: str) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        await speaker.play(tone(0.1))
        room.freeze()
        if moment == "in an answer":
            with pytest.raises(StageError, match="does not answer"):
                await speaker.play(tone(0.1))
        began_at = time.monotonic()
    assert time.monotonic() - began_at < 3
    room.stop(crash=True)
    await to_thread.run_sync(wait_for, lambda: "speaker" not in thread_names(), 5, "end of the speaker's threads")


@pytest.mark.room
async def test_a_sound_server_that_hangs_and_is_killed_is_found_again(room: VirtualRoom) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        await speaker.play(tone(0.1))
        room.freeze()
        for _ in range(2):
            with anyio.fail_after(8), pytest.raises(StageError):
                await speaker.play(tone(0.1))
        room.stop(crash=True)
        room.start()
        began_at = time.monotonic()
        await speaker.play(tone(0.3))
        room.speaker.wait_for_sound(after=began_at)
        await to_thread.run_sync(wait_for, lambda: thread_names().count("speaker") == 1, 5, "end of the old threads")


@pytest.mark.room
async def test_twenty_crashes_of_the_sound_server_leave_nothing_behind(room: VirtualRoom) -> None:
    async with PyAudioSpeaker.opened(config.Speaker()) as speaker:
        with pytest.raises(StageError):
            await answer_in_a_crash(speaker, room)
        before = thread_names(), descriptors()
        for _ in range(20):
            with pytest.raises(StageError):
                await answer_in_a_crash(speaker, room)
            await speaker.play(tone(0.1))
        assert thread_names() == before[0]
        await anyio.sleep(2.5)
        assert descriptors() == before[1]
    assert "speaker" not in thread_names()


async def answer_in_a_crash(speaker: Speaker, room: VirtualRoom) -> None:
    async def crash() -> None:
        await anyio.sleep(0.1)
        room.stop(crash=True)
        room.start()

    await together(partial(speaker.play, tone(1)), crash)


def thread_names() -> list[str]:
    return sorted(thread.name for thread in threading.enumerate())


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
