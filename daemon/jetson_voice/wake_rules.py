"""When does a wake word count as heard? Scores in audio time; no clock, no sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jetson_voice import config
from jetson_voice.endpointing import reached
from jetson_voice.protocols import StartError, Wake
from jetson_voice.scores import Scored, unwatched

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class WakeRule:
    """When one word counts as heard."""

    word: str
    """The phrase as one says it."""

    threshold: float
    """The score from which it is heard."""

    refractory_seconds: float
    """Once heard, it is not heard again for this long."""


def rules_for(words: Sequence[config.WakeWord], scored: Scored = unwatched) -> WakeRules:
    """The configured words as rules; StartError when two are the same phrase."""
    phrases: set[str] = set()
    for index, word in enumerate(words, start=1):
        if word.spoken in phrases:
            raise StartError(f'wake.words#{index}.phrase: "{word.spoken}" is there twice')
        phrases.add(word.spoken)
    return WakeRules([WakeRule(word.spoken, word.threshold, word.refractory_seconds) for word in words], scored)


class WakeRules:
    """Turns the scores of every frame into wake words, each once for each time it is said."""

    def __init__(self, rules: Sequence[WakeRule], scored: Scored = unwatched) -> None:
        self._scored = scored
        self._watches = {rule.word: WordWatch(rule) for rule in rules}

    def heard(self, scores: Mapping[str, float], at: float) -> Wake | None:
        """The word that was heard at this audio time in seconds; of several the one with the highest score."""
        self._scored(scores, at)
        heard = [word for word, score in scores.items() if self._watches[word].fires(score, at)]
        word = max(heard, key=lambda each: scores[each], default=None)
        return None if word is None else Wake(word, at, scores[word])


class WordWatch:
    """Follows the score of one word; it fires on the way up, never while it stays up."""

    def __init__(self, rule: WakeRule) -> None:
        self._rule = rule
        self._fired_at = float("-inf")
        self._has_fallen = True

    def fires(self, score: float, at: float) -> bool:
        """Whether the word has been said at this audio time; call it for every frame."""
        if score < self._rule.threshold:
            self._has_fallen = True
            return False
        rested = reached(at - self._fired_at, self._rule.refractory_seconds)
        if not (self._has_fallen and rested):
            return False
        self._fired_at = at
        self._has_fallen = False
        return True
