from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from jetson_voice.audio import FRAME_SAMPLES, Echo, Frame
from jetson_voice.events import WakeNearlyHeard
from jetson_voice.near_misses import NearMisses
from jetson_voice.wake_rules import WakeRule, WakeRules

FRAME: Final = Frame(0.0, np.zeros(FRAME_SAMPLES, np.int16))


def misses(*scores: float, threshold: float = 0.5) -> list[WakeNearlyHeard]:
    return misses_in([(score, Echo.NONE, "") for score in scores], threshold)


def misses_in(frames: Sequence[tuple[float, Echo, str]], threshold: float = 0.5) -> list[WakeNearlyHeard]:
    """Each frame with its score, echo, and the word that counts as heard with it."""
    watched = NearMisses({"hey jarvis": threshold})
    return [
        miss
        for score, echo, heard in frames
        for miss in watched.after({"hey jarvis": score}, replace(FRAME, echo=echo), heard)
    ]


def test_a_word_said_unclearly_is_one_near_miss_with_its_highest_score() -> None:
    assert misses(0.0, 0.3, 0.45, 0.31, 0.0, 0.0) == [WakeNearlyHeard("hey jarvis", 0.45)]


def test_a_word_that_was_heard_is_no_near_miss() -> None:
    assert misses(0.0, 0.3, 0.8, 0.4, 0.0) == []


def test_a_word_that_was_heard_below_its_threshold_over_the_assistants_voice_is_no_near_miss() -> None:
    over = Echo.CANCELLED
    assert misses_in([(0.3, over, ""), (0.4, over, "hey jarvis"), (0.4, over, ""), (0.0, over, "")]) == []
    again = [(0.4, over, "hey jarvis"), (0.0, over, ""), (0.4, over, ""), (0.0, over, "")]
    assert misses_in(again) == [WakeNearlyHeard("hey jarvis", 0.4)]


def test_a_word_that_becomes_clearer_once_it_was_heard_is_no_near_miss() -> None:
    over, alone = Echo.CANCELLED, Echo.ALONE
    rising = [(0.09, over, ""), (0.15, over, ""), (0.2, over, "hey jarvis"), (0.35, over, ""), (0.0, over, "")]
    assert misses_in(rising) == []
    covered = [(0.3, over, "hey jarvis"), (0.4, alone, ""), (0.35, over, ""), (0.0, over, "")]
    assert misses_in(covered) == []


def test_what_is_left_of_the_assistants_own_voice_is_no_near_miss() -> None:
    assert misses_in([(0.4, Echo.ALONE, ""), (0.0, Echo.NONE, "")]) == []


def test_what_is_like_nothing_is_no_near_miss() -> None:
    assert misses(*[0.1, 0.2, 0.24] * 5) == []


def test_two_unclear_words_are_two_near_misses() -> None:
    assert misses(0.3, 0.0, 0.4, 0.0) == [WakeNearlyHeard("hey jarvis", 0.3), WakeNearlyHeard("hey jarvis", 0.4)]


def test_what_counts_as_nearly_follows_the_threshold_of_the_word() -> None:
    assert misses(0.3, 0.0, threshold=0.9) == []


def test_whoever_follows_the_scores_is_told_those_of_every_frame() -> None:
    told: list[tuple[float, float, str]] = []

    def follow(scores: Mapping[str, float], frame: Frame, heard: str) -> None:
        told.append((scores["alexa"], frame.ends_at, heard))

    rules = WakeRules([WakeRule("alexa", 0.5, 1.5)], follow)
    for index, score in enumerate((0.1, 0.9, 0.2)):
        rules.heard({"alexa": score}, Frame(float(index), np.zeros(FRAME_SAMPLES, np.int16)))
    assert told == [(0.1, 0.08, ""), (0.9, 1.08, "alexa"), (0.2, 2.08, "")]
