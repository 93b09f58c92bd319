"""What the daemon itself has to say, in the user's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from jetson_voice.languages import Language
from jetson_voice.protocols import Stage, StageError, TooSlowError
from jetson_voice.sentences import Sentence

Trouble: TypeAlias = Stage | Literal["too slow", "not understood"]
"""What keeps the assistant from answering: a stage that failed, took too long, or words that it did not catch."""

APOLOGIES: Final[Mapping[Language, Mapping[Trouble, str]]] = {
    "zh": {
        "transcribe": "抱歉，我没能听懂，语音识别出了问题。",
        "think": "抱歉，我的语言模型没有回应。",
        "synthesize": "抱歉，这句话我说不出来。",
        "play": "抱歉，扬声器出了问题。",
        "too slow": "抱歉，我想得太久了，请再问一遍。",
        "not understood": "抱歉，我没听清，请再说一遍。",
    },
    "en": {
        "transcribe": "Sorry, my speech recognition has failed.",
        "think": "Sorry, my language model does not answer.",
        "synthesize": "Sorry, I could not say that.",
        "play": "Sorry, my speaker has a problem.",
        "too slow": "Sorry, that took me too long. Please ask again.",
        "not understood": "Sorry, I did not catch that. Please say it again.",
    },
}


def trouble_of(failure: StageError) -> Trouble:
    """What the user is told of a failure."""
    return "too slow" if isinstance(failure, TooSlowError) else failure.stage


def apology(trouble: Trouble, language: Language) -> Sentence:
    """What the user is told when they get no answer."""
    text = APOLOGIES[language][trouble]
    return Sentence(written=text, spoken=text)


def all_phrases(languages: Iterable[Language]) -> list[Sentence]:
    """Everything that it may have to say in these languages."""
    return [apology(trouble, language) for language in languages for trouble in APOLOGIES[language]]
