"""What of a clip whisper is given to hear."""

from __future__ import annotations

import numpy as np
import pytest

from jetson_voice.audio import Clip
from jetson_voice.spoken_part import spoken_part

WINDOW = 10
RATE_HZ = 125
"""A window is 80 ms, a margin five windows."""


def windows_kept(verdicts: str) -> str:
    """Of a clip whose every window is a letter: `s` speech, `m` maybe, `-` none."""
    clip = Clip(np.repeat(np.arange(len(verdicts), dtype=np.int16), WINDOW), RATE_HZ)
    part = spoken_part(clip, [{"s": 0.9, "m": 0.4, "-": 0.1}[each] for each in verdicts], WINDOW)
    kept = [] if part is None else part.clip.samples.tolist()
    return "".join("x" if index in kept else "." for index in range(len(verdicts)))


@pytest.mark.parametrize(
    ("verdicts", "kept"),
    [
        ("----------", ".........."),
        ("mmmmmmmmmm", ".........."),
        ("s", "x"),
        ("-------ss-------", "..xxxxxxxxxxxx.."),
        ("ss----------ss", "xxxxxxxxxxxxxx"),
        ("ss------------ss", "xxxxxxx..xxxxxxx"),
        ("-------mssm-------", "..xxxxxxxxxxxxxx.."),
        ("-------m-ss-------", "....xxxxxxxxxxxx.."),
    ],
)
def test_speech_is_kept_with_a_margin_and_long_pauses_are_shortened(verdicts: str, kept: str) -> None:
    assert windows_kept(verdicts) == kept


def test_it_tells_how_much_speech_there_is_and_how_sure_that_is() -> None:
    clip = Clip(np.zeros(4 * WINDOW, np.int16), RATE_HZ)
    part = spoken_part(clip, [0.1, 0.9, 0.7, 0.1], WINDOW)
    assert part is not None
    assert part.seconds == pytest.approx(0.16)
    assert part.probability == pytest.approx(0.8)


def test_a_clip_that_ends_within_a_window_is_kept_to_its_last_sample() -> None:
    part = spoken_part(Clip(np.arange(15, dtype=np.int16), RATE_HZ), [0.9, 0.9], WINDOW)
    assert part is not None
    assert part.clip.samples.tolist() == list(range(15))


def test_silence_of_no_length_is_nobody_speaking() -> None:
    assert spoken_part(Clip(np.zeros(0, np.int16), RATE_HZ), [], WINDOW) is None
