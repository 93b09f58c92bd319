"""What the doctor says about the echo."""

from __future__ import annotations

from dataclasses import replace

from jetson_voice.doctor.echo import EchoHeard, findings_of

GOOD = EchoHeard(noise_dbfs=-70, echo_dbfs=-30, peak=9_000, delay_seconds=0.062, drift_ppm=-12.4, taken_out_db=27)


def test_an_echo_that_is_taken_out_is_told_in_numbers() -> None:
    [finding] = findings_of(GOOD)
    assert finding.level == "ok"
    assert finding.text == (
        "comes back after 62 ms, 40 dB above the noise of the room; "
        "27 dB of it are taken out; the clocks differ by 12 ppm"
    )


def test_headphones_need_nothing() -> None:
    [finding] = findings_of(replace(GOOD, echo_dbfs=-68, delay_seconds=None, taken_out_db=0))
    assert finding.level == "ok"
    assert "does not hear the speaker" in finding.text


def test_a_microphone_that_is_overdriven_needs_a_lower_volume() -> None:
    [finding] = findings_of(replace(GOOD, peak=32_767))
    assert finding.level == "warn"
    assert finding.fix.startswith("a lower volume")


def test_a_microphone_that_cancels_by_itself_shall_be_configured_so() -> None:
    [finding] = findings_of(replace(GOOD, delay_seconds=None))
    assert finding.level == "warn"
    assert 'microphone.echo = "device"' in finding.fix


def test_a_speaker_that_distorts_is_too_loud() -> None:
    [finding] = findings_of(replace(GOOD, taken_out_db=8))
    assert finding.level == "warn"
    assert "distorts" in finding.fix


def test_a_soft_echo_that_is_taken_out_down_to_the_noise_is_good() -> None:
    [finding] = findings_of(replace(GOOD, echo_dbfs=-57, taken_out_db=9))
    assert finding.level == "ok"
