"""A command's sound, as the turn detector is to hear it."""

from __future__ import annotations

import numpy as np
import pytest

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame
from jetson_voice.command import SILENCE_AFTER_SECONDS, Command
from jetson_voice.config import Listen
from scripted import FRAME_SECONDS

SPOKEN_FRAMES = 10


@pytest.mark.parametrize("silent_frames", [1, 2, 3, 6, 11])
def test_however_late_it_is_judged_it_ends_in_the_same_silence(silent_frames: int) -> None:
    command = Command("", [], Listen().rules, began_at=0.0)
    for number in range(SPOKEN_FRAMES + silent_frames):
        is_speech = number < SPOKEN_FRAMES
        samples = np.full(FRAME_SAMPLES, 1000 * is_speech, np.int16)
        command.after(Frame(number * FRAME_SECONDS, samples), is_speech=is_speech)

    samples = command.as_if_over().samples

    assert len(samples) == SPOKEN_FRAMES * FRAME_SAMPLES + round(SILENCE_AFTER_SECONDS * SAMPLE_RATE_HZ)
    assert np.count_nonzero(samples) == SPOKEN_FRAMES * FRAME_SAMPLES
    assert command.silence_seconds == pytest.approx(silent_frames * FRAME_SECONDS)
