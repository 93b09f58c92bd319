"""Do the words so far make a command, or must more come? "Set a timer for", 帮我把."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from jetson_voice.exit_phrases import ends_conversation


class Ending(Enum):
    """What the words say about whether they are all."""

    UNFINISHED = auto()
    """More must come: "what is the"."""

    OPEN = auto()
    """They do not tell."""

    FINISHED = auto()
    """They can be all: "What time is it?"."""


def ending_of(text: str) -> Ending:
    """What whisper's writing of a command that pauses says about its end, in Chinese and English."""
    said = text.strip().casefold().replace("’", "'")
    words = said.rstrip(MARKS)
    asks = said.endswith(("?", "？"))
    if said.endswith(GOING_ON) or ALWAYS.search(words) or CONDITION_ALONE.fullmatch(words):
        return Ending.UNFINISHED
    if not asks and UNLESS_ASKED.search(words):
        return Ending.UNFINISHED
    if asks or ASKS_IN_CHINESE.search(words) or ends_conversation(said):
        return Ending.FINISHED
    is_sentence = said.endswith((".", "。", "!", "！")) and len(WORD.findall(words)) >= LEAST_WORDS
    return Ending.FINISHED if is_sentence else Ending.OPEN


MARKS: Final = " .!?,;:-…—。！？，、；："
GOING_ON: Final = ("...", "…", ",", "，", "、", "-", "—", ":", "：", ";")
WORD: Final = re.compile(r"[\w']+?(?=[^\w']|$)|[\u3400-\u9fff]")
LEAST_WORDS: Final = 2
"""One word with a full stop is not much: whisper writes one after any."""


def ends_in(*phrases: str) -> re.Pattern[str]:
    """Texts that end in one of these, in Latin letters as whole words only."""
    longest_first = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?:(?<![a-z'])|(?<=[\u3400-\u9fff])|(?=[\u3400-\u9fff]))(?:{longest_first})$")


ALWAYS: Final = ends_in(
    *"a an the my your our their every and or but because if unless than whether the most the first".split(),
    *("um", "uh", "uhm", "umm", "hmm", "hm", "er", "erm", "ah", "let me think", "let me see", "you know", "i mean"),
    *("i want", "i want to", "i would like", "i'd like", "i would like to", "i'd like to", "i need", "i need to"),
    *("i was wondering", "tell me", "tell me the", "remind me", "remind me to", "show me", "give me", "could you please"),
    *("can you please", "can you", "could you", "would you", "will you", "can you tell me", "do you know"),
    *("和", "跟", "与", "或", "或者", "还有", "以及", "但是", "可是", "不过", "因为", "所以", "如果", "要是", "假如"),
    *("然后", "接着", "而且", "并且", "还", "把", "被", "让", "从", "对", "对于", "关于", "往", "比", "向"),
    *("帮我", "帮我把", "请帮我", "请", "请问", "我想", "我要", "我想要", "我想问", "我想知道", "你能", "你能不能"),
    *("你可以", "能不能", "可不可以", "提醒我", "告诉我", "给我", "给我讲", "嗯", "呃", "额", "那个", "就是"),
)
"""Words that cannot be the last ones, even where whisper writes a question mark."""

UNLESS_ASKED: Final = ends_in(
    *"of for to from with about in at by between into during without against among until".split(),
    *("is there", "what is", "what's", "who is", "who's", "where is", "where's", "how is", "how's", "how much is"),
    *("why", "why do", "why is", "how do i", "how do you", "how many", "how much", "how long", "what are", "the", "so"),
    *("的", "在", "到", "给", "什么是", "谁是", "为", "是", "用"),
)
"""Words that can only be the last ones of a question: "Where does it come from?" """

CONDITION_ALONE: Final = re.compile(r"(?:if|unless|as soon as|because|although)\b[^,?]*|(?:如果|要是|假如|因为)[^，,就]*")
"""A subordinate clause, and no main clause yet."""

ASKS_IN_CHINESE: Final = re.compile(r"[吗呢]$|(?:什么|多少|几点|几号|怎么样|哪里|哪儿|谁)$")
