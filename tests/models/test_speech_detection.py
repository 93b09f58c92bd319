"""Silero on recordings, silence and noise, and against faster-whisper's own use of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from faster_whisper.vad import SileroVADModel

from jetson_voice.audio import Clip
from jetson_voice.backends.silero import WINDOW_SAMPLES, Listening, Silero, loaded, model_file
from jetson_voice.config import Listen
from recordings import frames_of, hum, noise, one_after_another, recording, silence

pytestmark = [pytest.mark.anyio, pytest.mark.models]


async def share_of_speech(clip: Clip) -> float:
    """The share of frames that are speech, from 0 to 1."""
    async with Silero.opened(Listen()) as detector:
        verdicts = [await detector.is_speech(frame) for frame in frames_of(clip)]
    return sum(verdicts) / len(verdicts)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("en_librispeech", 0.75),
        ("zh_opening_hours", 0.55),
        ("zh_values", 0.6),
        ("zh_aishell", 0.5),
        ("zh_most_beautiful", 0.4),
        ("en_real_one_two_three", 0.3),
        ("alexa_test", 0.6),
        ("hey_mycroft_test", 0.6),
    ],
)
async def test_speech_is_found_in_recordings(name: str, least: float) -> None:
    share = await share_of_speech(recording(name))
    print(f"{name}: {share:.2f}")
    assert share >= least


@pytest.mark.parametrize(
    "clip",
    [silence(10), noise(10, 30), noise(10, 1000), hum(10)],
    ids=["silence", "hiss", "loud noise", "hum"],
)
async def test_neither_silence_nor_noise_is_speech(clip: Clip) -> None:
    assert await share_of_speech(clip) == 0


async def test_speech_in_noise_is_found() -> None:
    speech = recording("en_librispeech")
    mixed = speech.samples + noise(speech.seconds, 300).samples[: len(speech.samples)]
    assert await share_of_speech(Clip(mixed, speech.rate_hz)) > 0.7


def test_frame_by_frame_it_says_what_faster_whisper_says_of_the_whole() -> None:
    whole = one_after_another(silence(0.5), recording("en_librispeech"), silence(0.5))
    samples = whole.samples[: len(whole.samples) // WINDOW_SAMPLES * WINDOW_SAMPLES]
    theirs = SileroVADModel(str(model_file()))(samples.astype(np.float32) / 32_768).ravel()
    listening = Listening(loaded())
    ours = [
        each for frame in frames_of(Clip(samples, whole.rate_hz)) for each in listening.probabilities(frame.samples)
    ]
    # faster-whisper blanks the end of the last window.
    np.testing.assert_allclose(ours[: len(theirs) - 1], theirs[:-1], atol=1e-4)


async def test_it_costs_little() -> None:
    frames = list(frames_of(recording("en_librispeech")))
    async with Silero.opened(Listen()) as detector:
        began = time.process_time()
        for frame in frames:
            await detector.is_speech(frame)
        used = time.process_time() - began
    per_second = used / (len(frames) * 0.08)
    print(f"Silero: {per_second * 1000:.1f} ms of CPU per second of sound")
    assert per_second < 0.1
