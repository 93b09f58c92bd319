from __future__ import annotations

import numpy as np

from jetson_voice.audio import FRAME_SAMPLES, Frame
from jetson_voice.events import WakeNearlyHeard
from jetson_voice.near_misses import NearMisses
from jetson_voice.wake_rules import WakeRule, WakeRules


def misses(*scores: float, threshold: float = 0.5) -> list[WakeNearlyHeard]:
    watched = NearMisses({"hey jarvis": threshold})
    return [miss for score in scores for miss in watched.after({"hey jarvis": score})]


def test_a_word_said_unclearly_is_one_near_miss_with_its_highest_score() -> None:
    assert misses(0.0, 0.3, 0.45, 0.31, 0.0, 0.0) == [WakeNearlyHeard("hey jarvis", 0.45)]


def test_a_word_that_was_heard_is_no_near_miss() -> None:
    assert misses(0.0, 0.3, 0.8, 0.4, 0.0) == []


def test_what_is_like_nothing_is_no_near_miss() -> None:
    assert misses(*[0.1, 0.2, 0.24] * 5) == []


def test_two_unclear_words_are_two_near_misses() -> None:
    assert misses(0.3, 0.0, 0.4, 0.0) == [WakeNearlyHeard("hey jarvis", 0.3), WakeNearlyHeard("hey jarvis", 0.4)]


def test_what_counts_as_nearly_follows_the_threshold_of_the_word() -> None:
    assert misses(0.3, 0.0, threshold=0.9) == []


def test_whoever_follows_the_scores_is_told_those_of_every_frame() -> None:
    told: list[tuple[float, float]] = []
    rules = WakeRules([WakeRule("alexa", 0.5, 1.5)], lambda scores, at: told.append((scores["alexa"], at)))
    for index, score in enumerate((0.1, 0.9, 0.2)):
        rules.heard({"alexa": score}, Frame(float(index), np.zeros(FRAME_SAMPLES, np.int16)))
    assert told == [(0.1, 0.08), (0.9, 1.08), (0.2, 2.08)]
