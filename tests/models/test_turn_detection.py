"""Smart Turn on real recordings, and its spectrogram against faster-whisper's."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip
from jetson_voice.backends.smart_turn import MODEL, SmartTurn, spectrogram, window
from jetson_voice.protocols import StartError
from recordings import noise, one_after_another, recording, silence

pytestmark = [pytest.mark.anyio, pytest.mark.models]

PAUSE = silence(0.24)


def up_to(name: str, seconds: float) -> Clip:
    clip = recording(name)
    return Clip(clip.samples[: round(seconds * SAMPLE_RATE_HZ)], SAMPLE_RATE_HZ)


@pytest.mark.parametrize(
    "clip", [recording("en_librispeech"), recording("zh_aishell"), noise(3, 300)], ids=["en", "zh", "hiss"]
)
def test_it_sees_what_whisper_sees(clip: Clip) -> None:
    theirs = FeatureExtractor(chunk_length=8)(window(clip), padding=0)
    np.testing.assert_allclose(spectrogram(window(clip)), theirs, atol=1e-4)


def test_it_looks_at_the_last_eight_seconds() -> None:
    long = one_after_another(noise(5, 3000), up_to("en_librispeech", 8))
    np.testing.assert_array_equal(window(long), window(up_to("en_librispeech", 8)))


async def test_without_its_model_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(
        StartError, match=r"smart-turn-v3.2-cpu.onnx is missing: fetch it with `jetson-voice models pull`"
    ):
        async with SmartTurn.opened(tmp_path):
            pass


async def test_a_model_cut_short_is_refused(tmp_path: Path, models_directory: Path) -> None:
    cut = tmp_path / MODEL
    cut.parent.mkdir()
    cut.write_bytes((models_directory / MODEL).read_bytes()[:100_000])
    with pytest.raises(StartError, match="is damaged"):
        async with SmartTurn.opened(tmp_path):
            pass


async def test_it_costs_little(models_directory: Path) -> None:
    command = recording("en_librispeech")
    async with SmartTurn.opened(models_directory) as detector:
        began = time.process_time()
        for _ in range(5):
            await detector.completeness(command)
        used = (time.process_time() - began) / 5
    print(f"Smart Turn: {used * 1000:.0f} ms of CPU a pause")
    assert used < 0.5
