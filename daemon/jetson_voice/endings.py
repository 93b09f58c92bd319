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
    if said.endswith(GOING_ON) or must_go_on(words, asks=asks):
        return Ending.UNFINISHED
    if ends_conversation(said):
        return Ending.FINISHED
    is_sentence = said.endswith(ENDS_OF_SENTENCES) or ASKS.search(words)
    return Ending.FINISHED if is_sentence and len(WORD.findall(words)) >= LEAST_WORDS else Ending.OPEN


def must_go_on(words: str, *, asks: bool) -> bool:
    """Whether these cannot be the last words; `asks`: whisper wrote a question mark after them."""
    if any(each.search(words) for each in (NEVER_LAST, QUESTION_BEGUN, OF_WHAT)) or CONDITION_ALONE.fullmatch(words):
        return True
    if asks:
        return bool(PREPOSITION.search(words)) and not OBJECT_BEFORE.search(words)
    return bool(PREPOSITION.search(words) or LAST_OF_QUESTIONS.search(words))


MARKS: Final = " .!?,;:-…—。！？，、；："
GOING_ON: Final = ("...", "…", ",", "，", "、", "-", "—", ":", "：", ";", "；")
ENDS_OF_SENTENCES: Final = (".", "。", "!", "！", "?", "？")
WORD: Final = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
LEAST_WORDS: Final = 2
"""Whisper writes a full stop after any single word."""


def last(english: str, chinese: str = "") -> re.Pattern[str]:
    """Texts whose last words are among these: English phrases are set apart by commas, Chinese ones by spaces."""
    phrases = "|".join(re.escape(each.strip()) for each in english.split(",") if each.strip())
    return re.compile(
        rf"(?:(?<![\w'])|(?<=[\u3400-\u9fff]))(?:{phrases})$" + "".join(f"|{each}$" for each in chinese.split())
    )


NEVER_LAST: Final = last(
    "a, an, the, my, your, our, their, every, and, or, but, because, if, unless, than, whether, and then, okay so,"
    "um, uh, uhm, umm, hmm, hm, er, erm, ah, let me think, let me see, i mean, i was wondering, i want, i need,"
    "i'd like, i would like, i want to know, i need to know, tell me, remind me, show me, give me, read me, can you,"
    "could you, would you, will you, can you please, could you please, do you know, is there, what's, who's, where's",
    "和 跟 与 或 或者 还有 以及 但是 可是 不过 因为 所以 如果 要是 假如 然后 接着 而且 并且 把 被 让 从 对于 "
    "关于 往 比 帮我 请 请问 我想 我要 我想要 我想问 我想知道 你能 你能不能 你可以 能不能 可不可以 提醒我 "
    "告诉我 给我 给我讲 嗯 呃 额 那个 就是 什么是",
)
"""Words after which more must come, even where whisper writes a question mark."""

PREPOSITION: Final = last("of, for, to, from, with, about, in, at, by, into, between, during, without, against, until")
OBJECT_BEFORE: Final = re.compile(
    r"\b(?:this|that|it|these|those|you|he|she|they|come|comes|came|made|look\w*|talk\w*|listen\w*|wait\w*) \w+$"
)
"""A question may end in a preposition whose object came first: "What is this for?", "Where does it come from?" """

LAST_OF_QUESTIONS: Final = last(
    "so, well, why, how, when, where, which, who, what, how many, how much, how long", "的 在 到 给 为 用 向"
)
"""Words that can be the last ones of a question, and of nothing else."""

QUESTION_BEGUN: Final = re.compile(
    r"\b(?:what|who|where|when|why|how|which)(?: (?:much|many|old|far|long|big|often))?"
    r" (?:is|are|was|were|do|does|did|can|could|will|would|should)$"
)
"""A question word and a verb, and nobody they are about: "How old is" """

OF_WHAT: Final = re.compile(
    r"\b(?:what|who)(?: is| was|'s) the"
    r" (?:capital|population|president|author|meaning|difference|currency|height|name)$"
)
"""What always belongs to something: "What is the capital" """

CONDITION_ALONE: Final = re.compile(
    r"(?:if|unless|as soon as|because|although)\b[^,.?]*|(?:如果|要是|假如|因为)[^，,。就]*"
)
"""A subordinate clause, and no main clause yet."""

ASKS: Final = re.compile(r"(?:[吗呢]|什么|多少|几点|几号|怎么样|哪里|哪儿|谁)$")
"""Chinese questions, where whisper leaves out the question mark."""
