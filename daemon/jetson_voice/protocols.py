"""The whole seam on one page: what flows between the parts, and what a backend must be able to do.

Backends are async context managers that load on entry. They translate their library's errors to StageError.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from jetson_voice.audio import Clip, Frame
from jetson_voice.languages import Language
from jetson_voice.sentences import Sentence

DUCKED_GAIN: Final = 10 ** (-15 / 20)
"""Of an answer while somebody may be calling: an echo 10 dB louder than the person is then softer than they are."""

Stage: TypeAlias = Literal["transcribe", "think", "synthesize", "play"]
Role: TypeAlias = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Wake:
    """A wake word was heard; `at` is the audio time just after the frame that proved it, in seconds.

    `word` is the phrase as one says it ("hey jarvis"), so that it can be told from the command in a transcript.
    """

    word: str
    at: float
    score: float


@dataclass(frozen=True)
class WakeRising:
    """Something like a wake word is heard while the assistant speaks; the next frames tell whether it is one."""

    word: str


@dataclass(frozen=True)
class Utterance:
    """A command as it was spoken, with the wake word it began with; `ended_at` is the audio time of its last speech."""

    clip: Clip
    wake_phrase: str
    """Empty for a follow-up, which needs none."""

    ended_at: float


@dataclass(frozen=True)
class Transcript:
    """What was said; empty when there were no words."""

    text: str
    language: Language
    is_unclear: bool = False
    """Somebody surely spoke, but nothing that can be trusted was understood; `text` is empty then."""

    def __post_init__(self) -> None:
        if self.is_unclear and self.text:
            raise ValueError("what is unclear has no text")


@dataclass(frozen=True)
class Message:
    """One line of the conversation as a language model wants it."""

    role: Role
    content: str


@dataclass(frozen=True)
class Speech:
    """A sentence and how it sounds."""

    sentence: Sentence
    clip: Clip
    pause_seconds: float = 0.0
    """How much of the clip's end is the silence after the sentence."""


class StageError(Exception):
    """A stage of the turn failed: the turn is spoken as failed, the daemon goes on. `reason` is one clear line."""

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage: Stage = stage
        self.reason = reason


class TooSlowError(StageError):
    """A stage did not come to its end in time."""


class StartError(Exception):
    """A backend cannot start with this configuration; one line that says what to do."""


class Microphone(Protocol):
    """The ears' source. One reader at a time."""

    async def read(self) -> Frame:
        """The next frame, always of FRAME_SAMPLES; waits for it. Cancelling loses no frame."""
        ...


class WakeWord(Protocol):
    """Listens for the wake words in every state; keeps its own memory of what came before."""

    async def heard_in(self, frame: Frame) -> Wake | WakeRising | None:
        """The wake word that this frame completes, at most once for each time it is said, or may be about to."""
        ...


class SpeechDetector(Protocol):
    """Tells speech from everything else; keeps its own memory of what came before."""

    async def is_speech(self, frame: Frame) -> bool:
        """Whether somebody speaks in this frame."""
        ...


class TurnDetector(Protocol):
    """Tells by its sound whether a command is over."""

    async def completeness(self, clip: Clip) -> float:
        """How probable it is that a command that pauses at the end of this sound is complete, from 0 to 1."""
        ...


class Transcriber(Protocol):
    """Speech to text."""

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """What was said, the wake word taken off its beginning; StageError when it fails."""
        ...


class LanguageModel(Protocol):
    """Text to text, as a stream."""

    def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer in chunks; closing the generator ends the generation; StageError when it fails or stalls."""
        ...


class Voice(Protocol):
    """Text to speech."""

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The sentence as sound; StageError when it fails."""
        ...


class Speaker(Protocol):
    """What the user hears."""

    @property
    def position(self) -> float:
        """Seconds of sound that have left the speaker so far, exact to the sample once `play` has ended."""
        ...

    def duck(self, *, is_soft: bool) -> None:
        """Play softer from now on, by DUCKED_GAIN, or as before; heard as soon as a cut would be. Nothing is lost."""
        ...

    async def play(self, clip: Clip) -> None:
        """Play the clip to its last sample; cancelled, fade out and drop the rest. StageError when it fails."""
        ...
