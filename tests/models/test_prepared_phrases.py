"""The daemon's own words by the real voice, over a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from anyio import fail_after

from jetson_voice import backends
from jetson_voice.config import Config
from jetson_voice.loading import prepared
from jetson_voice.phrases import all_phrases
from jetson_voice.pulse import Pulse
from jetson_voice.slots import VoiceSlot

pytestmark = [pytest.mark.anyio, pytest.mark.models]

PHRASES = all_phrases(["en"])


async def test_the_next_start_has_the_phrases_before_any_model_and_makes_nothing_anew(
    starter: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("jetson_voice.prepared.BREATH_SECONDS", 0.0)
    async with backends.voice(starter) as joe:
        voice = prepared(starter, joe)
        await voice.prepare(lambda: False)
        first = [(await voice.synthesize(phrase)).clip for phrase in PHRASES]
    written = times_of(tmp_path)
    assert len(written) == len(PHRASES)

    never_loaded = prepared(starter, VoiceSlot(Pulse()))
    with fail_after(1):
        await never_loaded.prepare(lambda: False)
        second = [(await never_loaded.synthesize(phrase)).clip for phrase in PHRASES]
    assert times_of(tmp_path) == written
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.samples, other.samples)
        assert one.rate_hz == other.rate_hz


def times_of(directory: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mtime_ns for file in (directory / "phrases").iterdir()}
