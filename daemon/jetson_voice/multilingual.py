"""One assistant's voice in every language: each sentence by the voice of its language, all alike in level and pace."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from jetson_voice.audio import Clip
from jetson_voice.languages import LANGUAGES, Language, language_of
from jetson_voice.loudness import levelled
from jetson_voice.own_words import own_words
from jetson_voice.pauses import paced, pause_after
from jetson_voice.protocols import Speech
from jetson_voice.sentences import Sentence

log = logging.getLogger(__name__)

Read: TypeAlias = Callable[[str, Language], str]
"""A text as it is read out in a language: numbers, units and signs as words."""


class LanguageVoice(Protocol):
    """Text to speech in one language."""

    async def clip(self, text: str) -> Clip:
        """The text as sound, at any level and with any silence around it; StageError when it fails."""
        ...


class Multilingual:
    """Speaks each sentence with the voice of its language; with a spare one, and a warning, where there is none."""

    def __init__(
        self,
        voices: Mapping[Language, LanguageVoice],
        spares: Mapping[Language, LanguageVoice],
        *,
        read: Read,
        language: Language,
        volume: float,
        interrupting: Sequence[str] = (),
    ) -> None:
        self._voices = voices
        self._spares = spares
        self._read = read
        self._language: Language = language
        self._volume = volume
        self._interrupting = interrupting
        self._missed: set[Language] = set()

    async def synthesize(self, sentence: Sentence) -> Speech:
        """The sentence as sound, what would interrupt it marked, and a pause that fits its end; StageError."""
        language = self._language_of(sentence)
        clip = await self._voice_for(language).clip(self._read(sentence.spoken, language))
        pause_seconds = pause_after(sentence.spoken)
        clip = paced(levelled(clip, self._volume), pause_seconds)
        says = own_words(sentence.spoken, self._interrupting, max(0.0, clip.seconds - pause_seconds))
        return Speech(sentence, replace(clip, says=says), pause_seconds)

    def _language_of(self, sentence: Sentence) -> Language:
        """That of its script; where it does not tell, of the sentence before."""
        self._language = language_of(sentence.spoken) or self._language
        return self._language

    def _voice_for(self, language: Language) -> LanguageVoice:
        if language in self._voices:
            return self._voices[language]
        if language not in self._missed:
            self._missed.add(language)
            log.warning(
                "tts.voices.%s: no voice for %s is configured, espeak-ng speaks it, robot-like; name a Piper voice",
                language,
                LANGUAGES[language],
            )
        return self._spares[language]
