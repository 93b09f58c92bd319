"""Scripted backends: small honest implementations of every protocol, for conversations in virtual time.

They do what their script says and nothing else: a call that the script does not foresee raises, and
`assert_finished` fails when part of a script was never used. Sound is symbolic: a frame's samples all hold one of
SILENCE, SPEECH, RISING (like a wake word, and none) or the number of a wake word.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

import numpy as np
from anyio import current_time, sleep, sleep_until

from jetson_voice.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Clip, Echo, Frame
from jetson_voice.languages import Language
from jetson_voice.protocols import Message, Speech, StageError, Transcript, Utterance, Wake, WakeRising
from jetson_voice.sentences import Sentence

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE_HZ
SILENCE, SPEECH, RISING, FIRST_WAKE_WORD = 0, 1, 2, 3
WAKE_SECONDS = 0.8
UNCLEAR = "(unclear)"


@dataclass(frozen=True)
class Said:
    """Somebody speaks from `at` for `seconds`; a wake word is complete at the end."""

    at: float
    seconds: float
    wake_word: int | None = None
    is_rising: bool = False


def wake(at: float, word: int = 0) -> Said:
    """The wake word, begun at a time in seconds."""
    return Said(at, WAKE_SECONDS, word)


def cough(at: float) -> Said:
    """For two frames it is like a wake word."""
    return Said(at, 2 * FRAME_SECONDS, is_rising=True)


def speech(at: float, seconds: float) -> Said:
    """Other words."""
    return Said(at, seconds)


def sound_of(said: Sequence[Said]) -> Clip:
    """The script as symbolic sound."""
    end = max((event.at + event.seconds for event in said), default=0.0)
    frames = np.zeros((round(end / FRAME_SECONDS) + 1, FRAME_SAMPLES), np.int16)
    for event in said:
        frames[frame_at(event.at) : frame_at(event.at + event.seconds)] = RISING if event.is_rising else SPEECH
    for event in said:
        if event.wake_word is not None:
            frames[frame_at(event.at + event.seconds) - 1] = FIRST_WAKE_WORD + event.wake_word
    return Clip(frames.ravel(), SAMPLE_RATE_HZ)


def frame_at(seconds: float) -> int:
    """The number of the frame that begins at a time."""
    return round(seconds / FRAME_SECONDS)


class ScriptedMicrophone:
    """Gives the clip at the pace of the runtime's clock, and silence for ever after; all of it with the same echo."""

    def __init__(self, clip: Clip, echo: Echo = Echo.NONE, own_words: frozenset[str] = frozenset()) -> None:
        self._samples = clip.samples
        self._echo = echo
        self._own_words = own_words
        self._index = 0
        self._opened_at = current_time()
        self._readers = 0

    async def read(self) -> Frame:
        assert not self._readers, "two coroutines read the microphone"
        self._readers += 1
        try:
            await sleep_until(self._opened_at + (self._index + 1) * FRAME_SECONDS)
        finally:
            self._readers -= 1
        begin = self._index * FRAME_SAMPLES
        self._index += 1
        samples = np.zeros(FRAME_SAMPLES, np.int16)
        heard = self._samples[begin : begin + FRAME_SAMPLES]
        samples[: len(heard)] = heard
        return Frame(begin / SAMPLE_RATE_HZ, samples, self._echo, self._own_words)


class ScriptedWakeWord:
    """Hears the symbolic wake words."""

    def __init__(self, words: Sequence[str] = ("hey jarvis",)) -> None:
        self._words = words

    async def heard_in(self, frame: Frame) -> Wake | WakeRising | None:
        symbol = int(frame.samples[-1])
        if symbol == RISING:
            return WakeRising(self._words[0])
        if symbol < FIRST_WAKE_WORD:
            return None
        return Wake(self._words[symbol - FIRST_WAKE_WORD], frame.ends_at, 1.0)


class ScriptedSpeechDetector:
    """Hears symbolic speech."""

    async def is_speech(self, frame: Frame) -> bool:
        return bool(frame.samples.any())


@dataclass
class ScriptedTurnDetector:
    """Finds every command equally complete; takes its time."""

    found: float = 1.0
    seconds: float = 0.05

    async def completeness(self, clip: Clip) -> float:
        assert clip.samples.any(), "a command without a sound"
        await sleep(self.seconds)
        return self.found


@dataclass
class ScriptedTranscriber:
    """Gives the texts in order; a StageError in their place is raised, UNCLEAR is speech that nobody can make out."""

    script: Sequence[str | StageError]
    seconds: float = 0.4
    language: str = "en"
    calls: int = 0

    async def transcribe(self, utterance: Utterance) -> Transcript:  # noqa: ARG002  the script knows what is said
        assert self.calls < len(self.script), "a transcription that the script does not foresee"
        line = self.script[self.calls]
        self.calls += 1
        await sleep(self.seconds)
        if isinstance(line, StageError):
            raise line
        language: Language = "zh" if self.language == "zh" else "en"
        return Transcript("", language, is_unclear=True) if line is UNCLEAR else Transcript(line, language)

    def assert_finished(self) -> None:
        assert self.calls == len(self.script), f"{len(self.script) - self.calls} transcripts were not asked for"


@dataclass(frozen=True)
class Answer:
    """One scripted answer: its chunks at an even pace, and how it ends."""

    chunks: Sequence[str]
    first_chunk_seconds: float = 0.3
    chunk_seconds: float = 0.05
    error: Exception | None = None


@dataclass
class ScriptedLanguageModel:
    """Streams the answers in order; knows which streams are open."""

    script: Sequence[Answer]
    requests: list[Sequence[Message]] = field(default_factory=list)
    open_streams: int = 0

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        assert len(self.requests) < len(self.script), "a request that the script does not foresee"
        answer = self.script[len(self.requests)]
        self.requests.append(tuple(messages))
        self.open_streams += 1
        try:
            await sleep(answer.first_chunk_seconds)
            for chunk in answer.chunks:
                yield chunk
                await sleep(answer.chunk_seconds)
            if answer.error:
                raise answer.error
        finally:
            self.open_streams -= 1

    def assert_finished(self) -> None:
        assert len(self.requests) == len(self.script), "answers were not asked for"
        assert self.open_streams == 0, "a stream of the language model is still open"


@dataclass
class ScriptedVoice:
    """Speaks at an even rate; fails on the words it is told to."""

    seconds_per_character: float = 0.08
    seconds: float = 0.2
    fails_on: str | None = None
    spoken: list[str] = field(default_factory=list)

    async def synthesize(self, sentence: Sentence) -> Speech:
        await sleep(self.seconds)
        if self.fails_on and self.fails_on in sentence.spoken:
            raise StageError("synthesize", "the voice cannot say this")
        self.spoken.append(sentence.spoken)
        length = round(len(sentence.spoken) * self.seconds_per_character * SAMPLE_RATE_HZ)
        return Speech(sentence, Clip(np.full(length, SPEECH, np.int16), SAMPLE_RATE_HZ))


class ScriptedSpeaker:
    """Plays in virtual time; cut, it has played exactly as long as it was let."""

    def __init__(self, *, fails: bool = False) -> None:
        self._fails = fails
        self._position = 0.0
        self.playing = False
        self.ducked: list[tuple[float, bool]] = []
        """When it became soft, and when it did no longer."""

    def duck(self, *, is_soft: bool) -> None:
        if is_soft is not bool(self.ducked and self.ducked[-1][1]):
            self.ducked.append((current_time(), is_soft))

    @property
    def position(self) -> float:
        return self._position

    async def play(self, clip: Clip) -> None:
        assert not self.playing, "two sentences are spoken at once"
        if self._fails:
            raise StageError("play", "there is no speaker")
        began_at = current_time()
        self.playing = True
        try:
            await sleep(clip.seconds)
        finally:
            self.playing = False
            self._position += min(current_time() - began_at, clip.seconds)
