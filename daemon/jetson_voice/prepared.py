"""The assistant's own phrases, made ahead of time: they are spoken when the voice is still loading, or has failed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from anyio import move_on_after, sleep, to_thread

from jetson_voice.audio import Clip, RecordingError, read_wav, write_wav
from jetson_voice.pauses import pause_after
from jetson_voice.protocols import Speech, StageError, Voice
from jetson_voice.sentences import Sentence

PATIENCE_SECONDS: Final = 2.0
"""For a phrase that is not there yet; then the spare voice speaks it."""

BREATH_SECONDS: Final = 1.0
"""Between two phrases: making them may never be felt."""

log = logging.getLogger(__name__)


class Prepared:
    """A voice that has its phrases at hand; what it has no clip of, a spare voice can always say."""

    def __init__(self, voice: Voice, spare: Voice, phrases: Sequence[Sentence], directory: Path, made_by: str) -> None:
        """The clips of earlier are read now; `made_by` tells clips apart that do not sound alike."""
        self._voice = voice
        self._spare = spare
        self._directory = directory
        self._files = {each: directory / f"{name_of(each, made_by)}.wav" for each in phrases}
        self._clips = {each: clip for each, file in self._files.items() if (clip := kept_in(file))}

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The sentence as sound; a phrase at once and always. StageError when the voice fails at anything else."""
        if sentence not in self._files:
            return await self._voice.synthesize(sentence)
        if clip := self._clips.get(sentence):
            return Speech(sentence, clip, pause_after(sentence.spoken))
        with move_on_after(PATIENCE_SECONDS), suppress(StageError):
            return await self._voice.synthesize(sentence)
        return await self._spare.synthesize(sentence)

    async def prepare(self, is_busy: Callable[[], bool]) -> None:
        """Make the clips that are not there, while nothing else is to be done, and keep them for the next start."""
        waiting = [each for each in self._files if each not in self._clips]
        made: list[Sentence] = []
        while waiting:
            await sleep(BREATH_SECONDS)
            if is_busy():
                continue
            sentence = waiting.pop(0)
            try:
                self._clips[sentence] = (await self._voice.synthesize(sentence)).clip
            except StageError as error:
                log.warning("“%s” could not be made ahead of time: %s", sentence.spoken, error.reason)
                continue
            made.append(sentence)
        await to_thread.run_sync(self._keep, made)

    def _keep(self, made: Sequence[Sentence]) -> None:
        """Remove the clips of earlier settings, and write the new ones; a disk that refuses is a warning."""
        try:
            for file in self._directory.glob("*.wav"):
                if file not in self._files.values():
                    file.unlink()
            for sentence in made:
                keep(self._clips[sentence], self._files[sentence])
        except OSError as error:
            log.warning("the prepared phrases are not kept: %s", error)


def name_of(sentence: Sentence, made_by: str) -> str:
    """One name for one text and one way to speak it."""
    return hashlib.sha256(f"{made_by} {sentence.spoken}".encode()).hexdigest()[:32]


def kept_in(file: Path) -> Clip | None:
    """The clip, if it is there and whole."""
    try:
        return read_wav(file)
    except (OSError, RecordingError):
        return None


def keep(clip: Clip, file: Path) -> None:
    """Write the file whole or not at all; OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    try:
        write_wav(unfinished, clip)
        unfinished.replace(file)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise
