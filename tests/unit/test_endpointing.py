"""When a command counts as over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.endpointing import Endpoint, Endpointer, EndpointRules

RULES = EndpointRules(
    start_timeout_seconds=5.0,
    end_silence_seconds=0.8,
    speculate_after_seconds=0.2,
    min_speech_seconds=0.24,
    max_seconds=20.0,
)
FRAME = 0.08


def hear(*stretches: tuple[float, bool], frame: float = FRAME) -> tuple[Endpoint, float, Endpointer]:
    """Play (seconds, is_speech) stretches frame by frame; the verdict, when it fell, and the endpointer."""
    endpointer = Endpointer(RULES)
    elapsed = 0.0
    for seconds, is_speech in stretches:
        for _ in range(round(seconds / frame)):
            verdict = endpointer.after(frame, is_speech=is_speech)
            elapsed += frame
            if verdict not in (Endpoint.OPEN, Endpoint.PAUSED):
                return verdict, elapsed, endpointer
    return Endpoint.OPEN, elapsed, endpointer


def test_a_command_ends_with_the_pause_after_it() -> None:
    verdict, at, endpointer = hear((1.6, True), (3.0, False))
    assert verdict is Endpoint.COMPLETE
    assert at == pytest.approx(2.4)
    assert endpointer.last_speech_at == pytest.approx(1.6)


def test_a_short_pause_within_the_command_does_not_end_it() -> None:
    verdict, at, _ = hear((0.8, True), (0.72, False), (0.8, True), (3.0, False))
    assert verdict is Endpoint.COMPLETE
    assert at == pytest.approx(0.8 + 0.72 + 0.8 + 0.8)


def test_silence_after_the_wake_word_is_given_up() -> None:
    verdict, at, _ = hear((9.0, False))
    assert verdict is Endpoint.NOTHING_SAID
    assert at == pytest.approx(5.04)


def test_somebody_who_begins_at_the_last_moment_is_still_heard() -> None:
    verdict, at, _ = hear((4.96, False), (1.6, True), (2.0, False))
    assert verdict is Endpoint.COMPLETE
    assert at == pytest.approx(4.96 + 1.6 + 0.8)


def test_the_tail_of_the_wake_word_is_no_command() -> None:
    verdict, _, _ = hear((0.16, True), (9.0, False))
    assert verdict is Endpoint.NOTHING_SAID


def test_clicks_do_not_add_up_to_a_command() -> None:
    clicks = [(0.08, True), (0.88, False)] * 8
    verdict, _, _ = hear(*clicks)
    assert verdict is Endpoint.NOTHING_SAID


def test_noise_without_end_cannot_hold_a_turn_for_ever() -> None:
    verdict, at, _ = hear((60.0, True))
    assert verdict is Endpoint.COMPLETE
    assert at == pytest.approx(20.0)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=12),
    st.sampled_from([1, 2, 4]),
)
def test_the_verdict_does_not_depend_on_the_length_of_the_frames(runs: list[tuple[int, bool]], pieces: int) -> None:
    """Finer frames come to the same verdict, at the latest one coarse frame apart."""
    stretches = [(count * FRAME, is_speech) for count, is_speech in runs]
    coarse, coarse_at, _ = hear(*stretches)
    fine, fine_at, _ = hear(*stretches, frame=FRAME / pieces)
    assert fine is coarse
    assert coarse_at - FRAME - 1e-6 <= fine_at <= coarse_at + 1e-6


@given(st.lists(st.booleans(), min_size=300, max_size=300))
def test_every_command_ends_within_the_hard_cap(frames: list[bool]) -> None:
    verdict, at, _ = hear(*[(FRAME, is_speech) for is_speech in frames])
    assert verdict is not Endpoint.OPEN
    assert at <= RULES.max_seconds + FRAME


def test_each_pause_is_told_once() -> None:
    endpointer = Endpointer(RULES)
    sound = [True] * 5 + [False] * 5 + [True] * 2 + [False] * 10
    verdicts = [endpointer.after(FRAME, is_speech=is_speech) for is_speech in sound]
    assert [index for index, verdict in enumerate(verdicts) if verdict is Endpoint.PAUSED] == [7, 14]
    assert verdicts[-1] is Endpoint.COMPLETE


def test_a_pause_after_a_click_is_no_pause_of_a_command() -> None:
    endpointer = Endpointer(RULES)
    assert {endpointer.after(FRAME, is_speech=index == 0) for index in range(20)} == {Endpoint.OPEN}


@pytest.mark.parametrize(("needed", "ends_at"), [(0.4, 1.2), (1.6, 2.4)])
def test_a_pause_may_need_another_silence_than_the_usual_one(needed: float, ends_at: float) -> None:
    endpointer = Endpointer(RULES)
    for _ in range(10):
        endpointer.after(FRAME, is_speech=True)
    endpointer.end_pause_after(lambda: needed)
    frames = next(count for count in range(11, 100) if endpointer.after(FRAME, is_speech=False) is Endpoint.COMPLETE)
    assert frames * FRAME == pytest.approx(ends_at)


def test_the_pause_after_it_needs_the_usual_silence() -> None:
    endpointer = Endpointer(RULES)
    endpointer.after(0.8, is_speech=True)
    endpointer.end_pause_after(lambda: 9.0)
    endpointer.after(1.6, is_speech=False)
    endpointer.after(FRAME, is_speech=True)
    assert endpointer.after(0.8, is_speech=False) is Endpoint.COMPLETE


def test_no_patience_outlasts_the_hard_cap() -> None:
    endpointer = Endpointer(RULES)
    endpointer.after(0.8, is_speech=True)
    endpointer.end_pause_after(lambda: 60.0)
    assert endpointer.after(19.0, is_speech=False) is not Endpoint.COMPLETE
    assert endpointer.after(0.2, is_speech=False) is Endpoint.COMPLETE
