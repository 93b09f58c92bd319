"""A command that seems complete is answered sooner, one that cannot be complete is waited for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conversations import SPECULATION, Performance, Scenario, perform
from jetson_voice.patience import Patience
from jetson_voice.protocols import StageError
from scripted import UNCLEAR, Answer, Said, ScriptedVoice, speech, wake

PATIENCE = Patience(shortest_seconds=0.56, seconds=0.8, longest_seconds=1.2)
TEN_MINUTES = Answer(["Ten minutes."], first_chunk_seconds=0.1)
SPOKEN_UNTIL = 3.36
COMMAND = [wake(0.96), speech(1.76, 1.6)]


def performed(
    transcripts: Sequence[str | StageError],
    *,
    said: Sequence[Said] = COMMAND,
    completeness: float = 1.0,
    patience: Patience = PATIENCE,
    transcribe_seconds: float = 0.1,
    answers: int | None = None,
) -> Performance:
    """What happens with these transcripts; so many of them are answered, if not all that have words."""
    with_words = sum(isinstance(each, str) and each != UNCLEAR for each in transcripts)
    return perform(
        Scenario(
            said,
            transcripts,
            [TEN_MINUTES] * (with_words if answers is None else answers),
            voice=ScriptedVoice(seconds=0.05),
            rules=SPECULATION,
            completeness=completeness,
            patience=patience,
            transcribe_seconds=transcribe_seconds,
        )
    )


def silence_waited(performance: Performance) -> float:
    [heard] = performance.named("command_heard")
    return float(heard["silence_seconds"])


@pytest.mark.parametrize(
    ("transcript", "completeness", "seconds"),
    [
        ("What time is it?", 0.99, 0.56),
        ("What time is it?", 0.7, 0.8),
        ("What time is it?", 0.1, 1.2),
        ("Ten minutes", 0.99, 0.8),
        ("Set a timer for", 0.99, 1.2),
        ("帮我把", 0.99, 1.2),
        (UNCLEAR, 0.99, 1.2),
    ],
    ids=str,
)
def test_the_more_complete_a_command_is_the_sooner_it_is_answered(
    transcript: str, completeness: float, seconds: float
) -> None:
    assert silence_waited(performed([transcript], completeness=completeness)) == pytest.approx(seconds)


def test_the_answer_to_a_complete_command_is_heard_as_soon_as_the_wait_is_over() -> None:
    performance = performed(["Set a timer for ten minutes."])
    assert performance.named("speaking_started")[0]["at"] == pytest.approx(SPOKEN_UNTIL + 0.56)


@pytest.mark.parametrize("pause", [0.64, 0.8, 0.96, 1.12])
def test_who_goes_on_after_half_a_sentence_is_never_answered_before_its_end(pause: float) -> None:
    said = [*COMMAND, speech(SPOKEN_UNTIL + pause, 0.8)]
    performance = performed(["Set a timer for", "Set a timer for ten minutes."], said=said)
    [heard] = performance.named("command_heard")
    assert heard["at"] == pytest.approx(SPOKEN_UNTIL + pause + 0.8 + 0.56)
    assert [event["text"] for event in performance.named("transcribed")] == ["Set a timer for ten minutes."]
    assert len(performance.named("speculation_dropped")) == 1


def test_the_next_pause_is_judged_by_itself() -> None:
    said = [*COMMAND, speech(SPOKEN_UNTIL + 0.4, 0.8)]
    performance = performed(["Set a timer.", "Set a timer for"], said=said)
    assert silence_waited(performance) == pytest.approx(1.2)


def test_while_there_is_nothing_to_be_heard_a_command_may_go_on() -> None:
    said = [*COMMAND, speech(SPOKEN_UNTIL + 0.72, 0.8)]
    performance = performed(
        ["Set a timer", "Set a timer for ten minutes."], said=said, transcribe_seconds=0.6, answers=1
    )
    assert [event["text"] for event in performance.named("transcribed")] == ["Set a timer for ten minutes."]


def test_an_answer_that_is_ready_late_is_heard_at_once() -> None:
    performance = performed(["What time is it?"], transcribe_seconds=0.4)
    assert silence_waited(performance) == pytest.approx(0.88)
    assert performance.named("speaking_started")[0]["at"] == performance.named("command_heard")[0]["at"]


def test_a_transcriber_that_fails_is_told_of_after_the_longest_wait() -> None:
    performance = performed([StageError("transcribe", "out of memory")])
    assert silence_waited(performance) == pytest.approx(1.2)
    assert [event["outcome"] for event in performance.named("turn_ended")] == ["failed"]


@pytest.mark.parametrize("transcript", ["What time is it?", "Set a timer for"])
def test_without_a_turn_detector_every_pause_counts_the_same(transcript: str) -> None:
    performance = performed([transcript], patience=Patience.fixed(0.8))
    assert silence_waited(performance) == pytest.approx(0.8)
