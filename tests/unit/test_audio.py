"""Sound as values."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jetson_voice.audio import Clip, Frame, RecordingError, Span, faded_out, joined, read_wav, write_wav


def tone(hz: float, seconds: float, rate_hz: int) -> Clip:
    wave_form = 8000 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return Clip(wave_form.astype(np.int16), rate_hz)


def test_a_clip_survives_a_wav_file_unchanged(tmp_path: Path) -> None:
    clip = tone(440, 0.5, 22_050)
    write_wav(tmp_path / "tone.wav", clip)
    again = read_wav(tmp_path / "tone.wav")
    assert again.rate_hz == clip.rate_hz
    assert np.array_equal(again.samples, clip.samples)


def test_a_stereo_recording_is_heard_as_the_mean_of_its_channels(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "stereo.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.array([[100, 300]] * 50, "<i2").tobytes())
    assert set(read_wav(tmp_path / "stereo.wav").samples) == {200}


def test_a_24_bit_recording_is_refused_in_words(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "deep.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(16_000)
        file.writeframes(bytes(300))
    with pytest.raises(RecordingError, match=r"deep\.wav: it has 24 bits a sample; wanted is a 16-bit PCM WAV file"):
        read_wav(tmp_path / "deep.wav")


@pytest.mark.parametrize("content", [b"", b"Hello, this is no sound at all.", b"RIFF\x10\0\0\0WAVEfmt "])
def test_a_file_that_is_no_sound_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.wav"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as refused:
        read_wav(path)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")


def test_another_sample_rate_keeps_length_and_pitch() -> None:
    clip = tone(440, 1.0, 48_000).at_rate(16_000)
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert len(clip.samples) == 16_000
    assert int(spectrum.argmax()) == 440


def test_a_cut_falls_to_silence_without_a_step() -> None:
    faded = faded_out(np.full(1000, 8000, np.int16), 240)
    assert len(faded) == 240
    assert faded[-1] == 0
    assert np.abs(np.diff(faded.astype(int))).max() <= 8000 / 240 + 1


def test_frames_join_to_the_sound_they_were() -> None:
    samples = np.arange(2560, dtype=np.int16)
    frames = [Frame(0.0, samples[:1280]), Frame(0.08, samples[1280:])]
    assert np.array_equal(joined(frames).samples, samples)
    assert frames[1].ends_at == pytest.approx(0.16)


def test_a_clip_at_another_rate_still_says_what_it_said() -> None:
    clip = replace(tone(440, 1.0, 48_000), says=(Span("hey jarvis", 0.2, 0.9),))
    assert clip.at_rate(16_000).says == clip.says
