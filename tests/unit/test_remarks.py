"""Where a remark begins and ends."""

from __future__ import annotations

import numpy as np
import pytest

from jetson_voice.audio import FRAME_SAMPLES, Clip, Frame
from jetson_voice.remarks import BEFORE_FRAMES, END_FRAMES, MOST_FRAMES, Remarks
from scripted import FRAME_SECONDS


def after(remarks: Remarks, script: str) -> list[Clip]:
    """The remarks in a row of frames, # being speech."""
    frames = [Frame(index * FRAME_SECONDS, np.full(FRAME_SAMPLES, index, np.int16)) for index in range(len(script))]
    heard = [remarks.after(each, is_speech=mark == "#") for each, mark in zip(frames, script, strict=True)]
    return [clip for clip in heard if clip]


@pytest.mark.parametrize(
    ("script", "count"),
    [
        ("....##...", 1),
        ("##...", 1),
        ("....#.#...", 1),
        ("....##..##...", 1),
        ("....##...##...", 2),
        ("....#...", 0),
        ("....##..", 0),
        ("#" * MOST_FRAMES + "...", 1),
        ("#" * (MOST_FRAMES + 1) + "...", 0),
        ("#" * 200 + "...##...", 1),
        ("." * 200, 0),
    ],
)
def test_a_remark_is_short_and_silence_follows_it(script: str, count: int) -> None:
    assert len(after(Remarks(), script)) == count


def test_its_sound_reaches_from_a_little_before_it_to_its_end() -> None:
    [clip] = after(Remarks(), "." * 10 + "##" + "." * END_FRAMES)
    assert clip.samples[0] == 10 - BEFORE_FRAMES
    assert clip.samples[-1] == 10 + 2 + END_FRAMES - 1
    assert clip.seconds == pytest.approx((BEFORE_FRAMES + 2 + END_FRAMES) * FRAME_SECONDS)


def test_the_second_of_two_close_remarks_has_the_silence_between_them_and_nothing_of_the_first() -> None:
    _, clip = after(Remarks(), "....##...##...")
    assert clip.samples[0] == 6
    assert clip.samples[-1] == 13


def test_what_was_forgotten_is_no_part_of_it() -> None:
    remarks = Remarks()
    assert not after(remarks, "....##")
    remarks.begin_anew()
    assert not remarks.may_be_one
    assert not after(remarks, "...")
