"""The assistant's own phrases as sound: at once, whatever has become of the voice. In virtual time."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from anyio import current_time
from trio.testing import MockClock

from jetson_voice.phrases import all_phrases, apology
from jetson_voice.prepared import Prepared
from jetson_voice.protocols import StageError, Voice
from jetson_voice.pulse import Pulse
from jetson_voice.sentences import Sentence
from jetson_voice.slots import VoiceSlot
from scripted import ScriptedVoice

pytestmark = pytest.mark.anyio

PHRASES = all_phrases(["en"])
SORRY = apology("think", "en")
HELLO = Sentence("Hello.", "Hello.")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time."""
    return "trio", {"clock": MockClock(autojump_threshold=0)}


class Broken:
    """A voice that says nothing any more."""

    async def synthesize(self, sentence: Sentence) -> Any:  # noqa: ANN401
        raise StageError("synthesize", f"cannot say {sentence.spoken}")


def prepared(voice: Voice, directory: Path, *, spare: Voice | None = None, made_by: str = "joe") -> Prepared:
    return Prepared(voice, spare or Broken(), PHRASES, directory, made_by)


async def prepare(voice: Voice, directory: Path, made_by: str = "joe") -> None:
    await prepared(voice, directory, made_by=made_by).prepare(lambda: False)


def files_in(directory: Path) -> set[Path]:
    return set(directory.iterdir())


async def test_a_voice_that_fails_still_says_that_it_has_failed(tmp_path: Path) -> None:
    voice = ScriptedVoice()
    speaks = prepared(voice, tmp_path)
    await speaks.prepare(lambda: False)
    voice.fails_on = "o"
    with pytest.raises(StageError):
        await speaks.synthesize(HELLO)
    speech = await speaks.synthesize(SORRY)
    assert speech.sentence is SORRY
    assert speech.clip.samples.any()


async def test_after_a_restart_a_phrase_is_spoken_at_once_while_the_voice_is_still_loading(tmp_path: Path) -> None:
    await prepare(ScriptedVoice(), tmp_path)
    speaks = prepared(VoiceSlot(Pulse()), tmp_path)
    began_at = current_time()
    assert (await speaks.synthesize(SORRY)).clip.samples.any()
    assert current_time() == began_at


async def test_a_restart_makes_nothing_anew(tmp_path: Path) -> None:
    first, second = ScriptedVoice(), ScriptedVoice()
    await prepare(first, tmp_path)
    await prepare(second, tmp_path)
    assert sorted(first.spoken) == sorted(phrase.spoken for phrase in PHRASES)
    assert not second.spoken


async def test_another_way_to_speak_makes_all_anew_and_removes_the_old_clips(tmp_path: Path) -> None:
    await prepare(ScriptedVoice(), tmp_path, made_by="joe")
    old = files_in(tmp_path)
    await prepare(ScriptedVoice(), tmp_path, made_by="joe, faster")
    new = files_in(tmp_path)
    assert len(old) == len(new) == len(PHRASES)
    assert not old & new


async def test_a_damaged_clip_is_made_anew(tmp_path: Path) -> None:
    await prepare(ScriptedVoice(), tmp_path)
    victim = min(files_in(tmp_path))
    whole = victim.read_bytes()
    victim.write_bytes(whole[:20])
    again = ScriptedVoice()
    await prepare(again, tmp_path)
    assert len(again.spoken) == 1
    assert victim.read_bytes() == whole


async def test_before_there_is_a_clip_the_voice_has_its_time_and_then_the_spare_one_speaks(tmp_path: Path) -> None:
    spare = ScriptedVoice(seconds=0.1)
    speaks = prepared(VoiceSlot(Pulse()), tmp_path, spare=spare)
    began_at = current_time()
    await speaks.synthesize(SORRY)
    assert spare.spoken == [SORRY.spoken]
    assert current_time() - began_at == pytest.approx(2.1)


async def test_without_clip_and_voice_the_spare_one_speaks_at_once_but_only_phrases(tmp_path: Path) -> None:
    spare = ScriptedVoice(seconds=0.1)
    speaks = prepared(Broken(), tmp_path, spare=spare)
    began_at = current_time()
    await speaks.synthesize(SORRY)
    assert current_time() - began_at == pytest.approx(0.1)
    with pytest.raises(StageError, match="cannot say Hello"):
        await speaks.synthesize(HELLO)


async def test_nothing_is_made_while_a_turn_is_at_work(tmp_path: Path) -> None:
    voice = ScriptedVoice()
    began_at = current_time()
    await prepared(voice, tmp_path).prepare(lambda: current_time() - began_at < 60)
    assert len(voice.spoken) == len(PHRASES)
    assert current_time() - began_at > 60


async def test_a_disk_that_refuses_is_one_warning_and_the_clips_are_there_all_the_same(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    voice = ScriptedVoice()
    speaks = prepared(voice, tmp_path / "file" / "phrases")
    with caplog.at_level(logging.WARNING):
        await speaks.prepare(lambda: False)
    [warning] = caplog.records
    assert "the prepared phrases are not kept: " in warning.getMessage()
    voice.fails_on = "o"
    assert (await speaks.synthesize(SORRY)).clip.samples.any()


async def test_a_phrase_that_cannot_be_made_is_a_warning_and_the_others_are_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    voice = ScriptedVoice(fails_on="language model")
    with caplog.at_level(logging.WARNING):
        await prepare(voice, tmp_path)
    assert len(caplog.records) == 1
    assert len(voice.spoken) == len(PHRASES) - 1
