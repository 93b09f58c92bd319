"""A microphone that takes the assistant's own voice out."""

from __future__ import annotations

import numpy as np
import pytest

from ambience import Sound, amplitude, as_clip, at_level
from echo_room import EchoPath, heard_frames, suppressed_db, with_noise
from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Echo, Frame, Span
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.echo.cancellation import WARM_SECONDS, Cancellation
from jetson_voice.echo.cancelled import Annotated
from jetson_voice.echo.reference import Reference
from recordings import one_after_another, recording

SPEECH = ("en_librispeech", "zh_values", "zh_opening_hours", "zh_aishell", "zh_most_beautiful")


def own_speech(seconds: float) -> Sound:
    """The assistant at -26 dBFS, without a pause."""
    samples = one_after_another(*map(recording, SPEECH)).samples.astype(np.float64)
    return at_level(np.resize(samples, round(seconds * SAMPLE_RATE_HZ)), -26)


def played(sound: Sound, *, says: tuple[Span, ...] = ()) -> Reference:
    reference = Reference()
    reference.begin_stretch()
    reference.plays(Clip(as_clip(sound).samples, SAMPLE_RATE_HZ, says), 0.0)
    return reference


def heard(
    reference: Reference, microphone: Sound, *, drift_ppm: float = 0.0
) -> tuple[list[Frame], list[Frame], Cancellation]:
    """The microphone's frames, what became of them, and the cancellation afterwards."""
    with SpeexDsp.opened() as canceller:
        cancellation = Cancellation(reference, canceller)
        came = list(heard_frames(microphone, drift_ppm=drift_ppm))
        return [frame for frame, _ in came], [cancellation.heard(*each) for each in came], cancellation


def rest_db(frames: list[Frame], cleaned: list[Frame], begin: float, end: float) -> float:
    """By how much softer the microphone became between two times."""
    before, after = sound_of(frames, begin, end), sound_of(cleaned, begin, end)
    return suppressed_db(before, after)


def sound_of(frames: list[Frame], begin: float, end: float) -> Sound:
    samples = np.concatenate([frame.samples for frame in frames]).astype(np.float64)
    return samples[round(begin * SAMPLE_RATE_HZ) : round(end * SAMPLE_RATE_HZ)]


@pytest.mark.parametrize("delay_seconds", [0.0, 0.06, 0.2, 0.4])
def test_after_four_seconds_an_echo_is_20_db_softer_however_late_it_comes(delay_seconds: float) -> None:
    sound = own_speech(10)
    frames, cleaned, _ = heard(played(sound), with_noise(EchoPath(delay_seconds=delay_seconds).echo(sound)))
    assert rest_db(frames, cleaned, 4, 9.5) > 20


@pytest.mark.parametrize("ppm", [-100, 30, 100])
def test_clocks_that_differ_are_followed(ppm: float) -> None:
    sound = own_speech(30)
    path = EchoPath(drift_ppm=ppm)
    frames, cleaned, cancellation = heard(played(sound), with_noise(path.echo(sound)), drift_ppm=ppm)
    assert rest_db(frames, cleaned, 10, 29) > 20
    assert cancellation.alignment.drift * 1e6 == pytest.approx(-ppm, abs=5)


def test_the_delay_is_found_within_a_millisecond() -> None:
    sound = own_speech(3)
    _, _, cancellation = heard(played(sound), with_noise(EchoPath(delay_seconds=0.12).echo(sound)))
    capture = 0.004
    assert cancellation.alignment.delay == pytest.approx(0.12 + capture, abs=0.001)


def test_an_echo_that_jumps_is_followed_within_two_seconds() -> None:
    sound = own_speech(16)
    early, late = EchoPath(delay_seconds=0.06).echo(sound), EchoPath(delay_seconds=0.11).echo(sound)
    jump = 8 * SAMPLE_RATE_HZ
    microphone = with_noise(np.concatenate([early[:jump], late[jump:]]))
    frames, cleaned, cancellation = heard(played(sound), microphone)
    assert cancellation.alignment.delay == pytest.approx(0.114, abs=0.001)
    assert rest_db(frames, cleaned, 10, 15) > 18


def test_an_answer_whose_start_was_stamped_wrong_is_aligned_within_a_second() -> None:
    sound = own_speech(12)
    reference = Reference()
    echo = np.zeros(28 * SAMPLE_RATE_HZ)
    for begin, stamp in ((0, 0.0), (16, 15.985)):
        reference.begin_stretch()
        reference.plays(as_clip(sound), stamp)
        echo[begin * SAMPLE_RATE_HZ : (begin + 12) * SAMPLE_RATE_HZ] += EchoPath().echo(sound)
    frames, cleaned, _ = heard(reference, with_noise(echo))
    assert rest_db(frames, cleaned, 17.0, 27) > 20


def test_the_user_is_still_heard_over_the_assistant() -> None:
    sound = own_speech(14)
    user = np.zeros(len(sound))
    said = at_level(recording("en_real_one_two_three").samples.astype(np.float64), -36)
    user[10 * SAMPLE_RATE_HZ :][: len(said)] = said
    _, cleaned, _ = heard(played(sound), with_noise(EchoPath().echo(sound) + user))
    survived = sound_of(cleaned, 10, 10 + len(said) / SAMPLE_RATE_HZ)
    assert np.corrcoef(survived, said)[0, 1] > 0.8
    assert np.sqrt(np.mean(np.square(survived))) > amplitude(-40)


def test_while_nothing_plays_the_very_frames_are_passed_on() -> None:
    frames, cleaned, _ = heard(Reference(), own_speech(2))
    assert all(one is other for one, other in zip(frames, cleaned, strict=True))


def test_soon_after_the_answer_the_frames_are_the_microphones_own_again() -> None:
    sound = own_speech(4)
    frames, cleaned, _ = heard(played(sound), with_noise(np.pad(EchoPath().echo(sound), (0, 2 * SAMPLE_RATE_HZ))))
    assert [one is other for one, other in zip(frames, cleaned, strict=True)][-12:] == [True] * 12
    assert [frame.echo for frame in cleaned[-12:]] == [Echo.NONE] * 12


def test_the_frames_tell_when_the_canceller_knows_the_room() -> None:
    sound = own_speech(8)
    _, cleaned, _ = heard(played(sound), with_noise(EchoPath().echo(sound)))
    echoes = [frame.echo for frame in cleaned]
    known = next(index for index, echo in enumerate(echoes) if echo is not Echo.RAW)
    assert WARM_SECONDS < cleaned[known].at < WARM_SECONDS + 2
    assert Echo.RAW not in echoes[known:]


def test_the_frames_tell_whether_somebody_speaks_beside_the_assistant() -> None:
    sound = own_speech(20)
    user = np.zeros(len(sound))
    said = at_level(recording("alexa_test").samples.astype(np.float64), -36)
    begin, end = 14.0, 14.0 + len(said) / SAMPLE_RATE_HZ
    user[round(begin * SAMPLE_RATE_HZ) :][: len(said)] = said
    _, cleaned, _ = heard(played(sound), with_noise(EchoPath().echo(sound) + user))
    before = [frame.echo for frame in cleaned if 10 < frame.at < begin - 0.1]
    meanwhile = [frame.echo for frame in cleaned if begin + 0.4 < frame.at < end - 0.1]
    assert before.count(Echo.ALONE) > 0.8 * len(before)
    assert set(meanwhile) == {Echo.CANCELLED}


def test_the_first_words_of_an_answer_are_the_assistants_alone() -> None:
    sound, begins = own_speech(13)[SAMPLE_RATE_HZ // 5 :][: 12 * SAMPLE_RATE_HZ], (0.0, 16.0, 32.0)
    stamps = [0.0, 16.015, 31.985]
    echo = np.concatenate([np.pad(EchoPath().echo(sound), (0, 4 * SAMPLE_RATE_HZ)) for _ in begins])
    reference, first_words = Reference(), []
    with SpeexDsp.opened() as canceller:
        cancellation = Cancellation(reference, canceller)
        for frame, now in heard_frames(with_noise(echo)):
            if stamps and stamps[0] <= frame.ends_at:
                reference.begin_stretch()
                reference.plays(as_clip(sound), stamps.pop(0))
            cleaned = cancellation.heard(frame, now)
            if any(begin + 0.3 < frame.at < begin + 2 for begin in begins[1:]):
                first_words.append(cleaned.echo)
    assert Echo.ALONE in first_words
    assert Echo.CANCELLED not in first_words


def test_every_frame_keeps_its_place_and_length() -> None:
    sound = own_speech(3)
    frames, cleaned, _ = heard(played(sound), with_noise(EchoPath().echo(sound)))
    assert [frame.at for frame in cleaned] == [frame.at for frame in frames]
    assert {len(frame.samples) for frame in cleaned} == {FRAME_SAMPLES}
    assert {frame.samples.dtype for frame in cleaned} == {np.dtype(np.int16)}


def test_a_wake_phrase_of_its_own_is_known_where_it_is_heard_and_shortly_around_that() -> None:
    sound = own_speech(10)
    reference = played(sound, says=(Span("hey jarvis", 5.0, 5.8),))
    _, cleaned, _ = heard(reference, with_noise(EchoPath(delay_seconds=0.2).echo(sound)))
    own = [frame for frame in cleaned if frame.own_words]
    assert {phrase for frame in own for phrase in frame.own_words} == {"hey jarvis"}
    assert own[0].at == pytest.approx(5.2 - 0.3, abs=0.09)
    assert own[-1].ends_at == pytest.approx(6.0 + 0.5, abs=0.09)


@pytest.mark.anyio
@pytest.mark.parametrize("echo", [Echo.RAW, Echo.DEVICE])
async def test_without_a_canceller_the_frames_tell_that_something_plays(echo: Echo) -> None:
    sound = own_speech(3)
    reference = played(sound, says=(Span("alexa", 1.0, 1.5),))
    microphone = Replayed(np.pad(sound, (0, 3 * SAMPLE_RATE_HZ)))
    annotated = Annotated(microphone, reference, echo, now=microphone.now)
    frames = [await annotated.read() for _ in range(70)]
    assert frames[10].echo is echo
    assert frames[-1].echo is Echo.NONE
    assert np.array_equal(frames[10].samples, as_clip(sound).samples[10 * FRAME_SAMPLES : 11 * FRAME_SAMPLES])
    assert frames[round(1.6 / 0.08)].own_words == {"alexa"}
    assert not frames[2].own_words


class Replayed:
    """A microphone that hears a sound as fast as it is read."""

    def __init__(self, sound: Sound) -> None:
        self._frames = heard_frames(sound)
        self._now = 0.0

    def now(self) -> float:
        return self._now

    async def read(self) -> Frame:
        frame, self._now = next(self._frames)
        return frame
