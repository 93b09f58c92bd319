from __future__ import annotations

import pytest

from jetson_voice.config import Config, LanguageModel
from jetson_voice.config_file import ConfigError, parse
from jetson_voice.vitals import LONGEST_SECONDS, Vitals, Work, ailment, status_line

LISTENING = Vitals(is_listening=True, has_heard=True, waits_for_frame=True)


def listening(
    *, age: float = 0.0, waits: bool = True, loading: tuple[str, ...] = (), lost: tuple[str, ...] = ()
) -> Vitals:
    return Vitals(loading, is_listening=True, has_heard=True, waits_for_frame=waits, frame_age_seconds=age, lost=lost)


@pytest.mark.parametrize(
    ("vitals", "line"),
    [
        (Vitals(("whisper", "the voice")), "loading whisper, the voice"),
        (Vitals(is_listening=True, waits_for_frame=True, frame_age_seconds=5), "waiting for the first sound"),
        (Vitals(is_listening=True, waits_for_frame=True, frame_age_seconds=12), "no microphone since 12 s"),
        (listening(loading=("whisper",)), "loading whisper; listening already"),
        (listening(), "listening"),
        (listening(age=185), "no microphone since 3 min"),
        (listening(lost=("the language model",)), "listening; the language model does not answer"),
    ],
)
def test_the_status_says_what_a_user_can_expect(vitals: Vitals, line: str) -> None:
    assert status_line(vitals) == line


def test_it_is_ready_once_it_hears_and_without_a_microphone_after_a_while() -> None:
    assert not Vitals().is_ready
    assert not Vitals(is_listening=True, waits_for_frame=True, frame_age_seconds=9).is_ready
    assert Vitals(is_listening=True, waits_for_frame=True, frame_age_seconds=10).is_ready
    assert LISTENING.is_ready


def test_a_microphone_that_is_away_for_a_day_is_no_reason_to_be_ended() -> None:
    assert ailment(listening(age=86_400.0)) is None


def test_a_daemon_that_no_longer_asks_for_sound_is_ended() -> None:
    assert ailment(listening(age=30, waits=False)) is None, "a cancelled turn may wait for its last inference"
    assert ailment(listening(age=61, waits=False)) == "nobody has listened for 1 min"


def test_a_daemon_that_does_not_listen_yet_is_not_deaf() -> None:
    assert ailment(Vitals(("the wake word",), frame_age_seconds=600.0)) is None


@pytest.mark.parametrize("stage", LONGEST_SECONDS)
def test_a_stage_that_hangs_is_ended(stage: str) -> None:
    longest = LONGEST_SECONDS[stage]  # type: ignore[index]
    assert ailment(Vitals(working=[Work(stage, longest - 1, longest)])) is None  # type: ignore[arg-type]
    assert str(ailment(Vitals(working=[Work(stage, longest + 1, longest)]))).startswith(f"{stage} hangs")  # type: ignore[arg-type]


def test_no_answer_that_the_configuration_allows_to_wait_for_counts_as_hanging() -> None:
    with pytest.raises(ConfigError):
        parse(f"[llm]\nfirst_token_timeout_seconds = {LONGEST_SECONDS['think']}\n", "test")
    assert Config(llm=LanguageModel()).llm.first_token_timeout_seconds < LONGEST_SECONDS["think"]
