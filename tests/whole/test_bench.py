"""The bench on real models in the virtual room: structure and order, not durations."""

from __future__ import annotations

import pytest

from jetson_voice.bench.barge_in import barge_ins
from jetson_voice.bench.household import say_all
from jetson_voice.bench.modes import MODES
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.bench.session import measured_turns
from jetson_voice.bench.waterfall import Turn
from jetson_voice.config import Config

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.room]

QUESTIONS = ["Hey Jarvis, what is the capital of France?", "Hey Jarvis, how many days are in a week?"]


async def test_two_turns_of_each_mode_are_measured_alternately_and_answer_the_same(
    room: VirtualRoom, starter: Config
) -> None:
    told: list[Turn] = []
    questions = await say_all(starter, QUESTIONS)
    measured = await measured_turns(room, starter, MODES, questions, turns=2, report=told.append)
    turns = measured.turns

    assert told == turns
    assert [turn.mode for turn in turns] == [*MODES, *MODES]
    assert [turn.outcome for turn in turns] == ["answered"] * 6
    for question in QUESTIONS:
        answers = {turn.mode: turn.answer for turn in turns if turn.question == question}
        assert set(answers) == set(MODES)
        assert len(set(answers.values())) == 1, answers
    for turn in turns:
        assert_in_order(turn)
        assert turn.cpu_seconds > 0
    assert measured.resident_mib > 100


def assert_in_order(turn: Turn) -> None:
    moments = turn.waterfall
    assert moments is not None
    work = [moments.transcription_begun, moments.transcript, moments.first_token, moments.first_sentence]
    assert [*work, moments.first_sample_made] == sorted([*work, moments.first_sample_made])
    assert 0 < max(moments.first_sample_made, moments.endpoint) < moments.first_sample_heard
    assert moments.is_ahead == (turn.mode == "default")


async def test_a_barge_in_is_measured_on_the_speakers_tape(room: VirtualRoom, starter: Config) -> None:
    measured = await barge_ins(room, starter, 1)
    assert len(measured.silencings) == 1
    assert 0 < measured.silencings[0].after_detection < 1


async def test_on_the_machines_own_devices_the_microphone_hears_question_and_answer(
    room: VirtualRoom, starter: Config
) -> None:
    room.echo(gain_db=-6)
    questions = await say_all(starter, QUESTIONS[:1])
    measured = await measured_turns(None, starter, ["default"], questions, turns=1, report=lambda _: None)
    (turn,) = measured.turns
    assert turn.outcome == "answered"
    assert_in_order(turn)
