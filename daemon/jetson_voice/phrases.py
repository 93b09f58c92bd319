"""What the daemon itself has to say, in the user's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from jetson_voice.languages import Language
from jetson_voice.protocols import Stage
from jetson_voice.sentences import Sentence

APOLOGIES: Final[Mapping[Language, Mapping[Stage, str]]] = {
    "zh": {
        "transcribe": "抱歉，我没能听懂，语音识别出了问题。",
        "think": "抱歉，我的语言模型没有回应。",
        "synthesize": "抱歉，这句话我说不出来。",
        "play": "抱歉，扬声器出了问题。",
    },
    "en": {
        "transcribe": "Sorry, my speech recognition has failed.",
        "think": "Sorry, my language model does not answer.",
        "synthesize": "Sorry, I could not say that.",
        "play": "Sorry, my speaker has a problem.",
    },
}


def apology(stage: Stage, language: Language) -> Sentence:
    """What the user is told when a stage of the turn has failed."""
    text = APOLOGIES[language][stage]
    return Sentence(written=text, spoken=text)


def all_phrases(languages: Iterable[Language]) -> list[Sentence]:
    """Everything that it may have to say in these languages."""
    return [apology(stage, language) for language in languages for stage in APOLOGIES[language]]
