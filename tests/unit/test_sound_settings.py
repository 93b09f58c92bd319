"""Mute and volume: what is heard, and what outlives a restart."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Frame
from jetson_voice.sound_settings import Sound, SoundSettings, WithMute, WithVolume, at_volume

pytestmark = pytest.mark.anyio


class Noise:
    """A microphone that hears noise."""

    def __init__(self) -> None:
        self.count = 0

    async def read(self) -> Frame:
        self.count += 1
        return Frame((self.count - 1) * FRAME_SAMPLES / SAMPLE_RATE_HZ, np.full(FRAME_SAMPLES, 900, np.int16))


class Listener:
    """A speaker that knows what it played."""

    def __init__(self) -> None:
        self.played: list[Clip] = []
        self.is_soft = False

    def duck(self, *, is_soft: bool) -> None:
        self.is_soft = is_soft

    @property
    def position(self) -> float:
        return sum(clip.seconds for clip in self.played)

    async def play(self, clip: Clip) -> None:
        self.played.append(clip)


@pytest.fixture
def settings(tmp_path: Path) -> SoundSettings:
    return SoundSettings(tmp_path / "state" / "sound.json")


async def test_muted_there_is_silence_of_the_same_length_and_time(settings: SoundSettings) -> None:
    microphone = WithMute(Noise(), settings)
    loud = await microphone.read()
    settings.mute()
    silent = await microphone.read()
    settings.unmute()
    again = await microphone.read()
    assert [frame.samples.max() for frame in (loud, silent, again)] == [900, 0, 900]
    assert len(silent.samples) == FRAME_SAMPLES
    assert [loud.at, silent.at, again.at] == [0.0, 0.08, 0.16]


async def test_the_volume_scales_what_is_played_and_not_how_long_it_is(settings: SoundSettings) -> None:
    listener = Listener()
    speaker = WithVolume(listener, settings)
    clip = Clip(np.full(1600, 10_000, np.int16), SAMPLE_RATE_HZ)
    settings.set_volume(50)
    await speaker.play(clip)
    assert listener.played[0].samples.max() == 5_000
    assert speaker.position == pytest.approx(0.1)


def test_full_volume_leaves_every_sample_and_none_leaves_silence() -> None:
    clip = Clip(np.array([-32768, -1, 0, 1, 32767], np.int16), SAMPLE_RATE_HZ)
    assert (at_volume(clip, 100).samples == clip.samples).all()
    assert not at_volume(clip, 0).samples.any()


def test_mute_and_volume_outlive_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "sound.json"
    before = SoundSettings(path)
    before.mute()
    before.set_volume(30)
    caplog.clear()
    assert SoundSettings(path).sound == Sound(is_muted=True, volume_percent=30)
    assert "still muted" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"is_muted": 1, "volume_percent": 5}',
        '{"is_muted": true, "volume_percent": 101}',
        "\x00",
    ],
)
def test_a_file_that_says_nothing_of_use_is_a_warning_and_the_defaults(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "sound.json"
    path.write_text(text)
    assert SoundSettings(path).sound == Sound()
    assert str(path) in caplog.text
    assert len(caplog.records) == 1


def test_a_file_that_is_no_text_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "sound.json"
    path.write_bytes(os.urandom(4096) + b"\xff")
    assert SoundSettings(path).sound == Sound()
    assert str(path) in caplog.text


def test_a_first_start_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert SoundSettings(tmp_path / "sound.json").sound == Sound()
    assert caplog.text == ""


def test_muting_counts_though_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = SoundSettings(tmp_path / "sound.json")
    settings._path = tmp_path / "file" / "sound.json"
    with pytest.raises(OSError, match="file"):
        settings.mute()
    assert settings.sound.is_muted


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "sound.json"
    settings = SoundSettings(path)
    settings.set_volume(30)
    (tmp_path / "sound.new").mkdir()
    with pytest.raises(OSError, match=r"sound\.new"):
        settings.mute()
    assert SoundSettings(path).sound == Sound(volume_percent=30)
