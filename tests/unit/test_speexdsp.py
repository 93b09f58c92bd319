"""The canceller by libspeexdsp."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from ambience import Sound, at_level
from echo_room import EchoPath, suppressed_db
from jetson_voice.audio import SAMPLE_RATE_HZ, Samples
from jetson_voice.backends import speexdsp
from jetson_voice.backends.speexdsp import SpeexDsp
from jetson_voice.echo.canceller import BLOCK_SAMPLES, Cancelled, Canceller
from jetson_voice.protocols import StartError
from recordings import one_after_another, recording


def through(canceller: Canceller, heard: Sound, played: Sound) -> Sound:
    microphone, reference = heard.astype(np.int16), played.astype(np.int16)
    return joined(cancelled(canceller, microphone, reference), "sound")


def cancelled(canceller: Canceller, microphone: Samples, reference: Samples) -> list[Cancelled]:
    blocks = [slice(at, at + BLOCK_SAMPLES) for at in range(0, len(microphone) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES)]
    return [canceller.cancelled(microphone[block], reference[block]) for block in blocks]


def joined(blocks: Sequence[Cancelled], of: Literal["sound", "person"]) -> Sound:
    return np.concatenate([getattr(block, of) for block in blocks]).astype(np.float64)


def test_after_three_seconds_the_echo_is_at_least_15_db_softer() -> None:
    speech = one_after_another(recording("en_librispeech"), recording("zh_opening_hours"))
    played = at_level(speech.samples.astype(np.float64), -26)
    echo = EchoPath(delay_seconds=0.01, overdrive=0.01).echo(played)
    with SpeexDsp.opened() as canceller:
        rest = through(canceller, echo, played)
    late = slice(3 * SAMPLE_RATE_HZ, len(rest))
    assert suppressed_db(echo[late], rest[late]) > 15


def test_of_the_rest_of_an_echo_less_is_left_where_nobody_speaks() -> None:
    speech = one_after_another(recording("en_librispeech"), recording("zh_opening_hours"))
    played = at_level(speech.samples.astype(np.float64), -26)
    echo = EchoPath(delay_seconds=0.01).echo(played).astype(np.int16)
    with SpeexDsp.opened() as canceller:
        blocks = cancelled(canceller, echo, played.astype(np.int16))[300:]
    sound, person = joined(blocks, "sound"), joined(blocks, "person")
    assert suppressed_db(sound, person) > 3


def test_where_nothing_plays_speech_stays_as_it_is() -> None:
    speech = at_level(recording("en_librispeech").samples.astype(np.float64), -30)
    with SpeexDsp.opened() as canceller:
        passed = through(canceller, speech, np.zeros(len(speech)))
    likeness = np.corrcoef(passed, speech[: len(passed)])[0, 1]
    assert likeness > 0.9


def test_a_block_of_another_length_is_refused() -> None:
    with SpeexDsp.opened() as canceller, pytest.raises(ValueError, match="blocks of 80 and 160 samples"):
        canceller.cancelled(np.zeros(80, np.int16), np.zeros(160, np.int16))


def test_without_the_library_one_is_told_which_package_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speexdsp, "LIBRARY", "libthere-is-no-such.so.9")
    with pytest.raises(StartError, match=r"apt-get install libspeexdsp1"), SpeexDsp.opened():
        pass


def test_its_memory_is_freed_on_exit(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[str] = []
    library = speexdsp.loaded()

    class Watched:
        """The library, and what was freed."""

        def __getattr__(self, name: str) -> object:
            if name.endswith("destroy"):
                freed.append(name)
            return getattr(library, name)

    def loaded() -> ctypes.CDLL:
        return Watched()  # type: ignore[return-value]

    monkeypatch.setattr(speexdsp, "loaded", loaded)
    with SpeexDsp.opened():
        freed.clear()
    with SpeexDsp.opened():
        pass
    assert sorted(freed) == ["speex_echo_state_destroy", "speex_preprocess_state_destroy"]
