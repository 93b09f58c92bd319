"""What ends a conversation without an answer, or an answer before its end: "never mind", 没事了, "stop", 别说了."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

InterruptedBy: TypeAlias = Literal["wake-word", "stop-words", "speech"]
"""What ends an answer beside the wake word: nothing else, a stop word, whatever is said."""

STOP_WORDS: Final = (
    "停下来", "停下", "停止", "停", "别说了", "不要说了", "别讲了", "不要讲了", "闭嘴", "安静", "够了",
    "stop talking", "stop it", "stop", "be quiet", "quiet", "shut up", "that's enough", "enough",
)  # fmt: skip
"""Each asks for silence by itself."""

BESIDE_STOP_WORDS: Final = (
    "no", "okay", "ok", "alright", "all right", "好的", "好了", "好", "行了", "嗯", "吧", "啊", "了",
)  # fmt: skip
"""What may be said beside them. 不要停 asks for the contrary, "good enough" for nothing."""

DISMISSALS: Final = (
    *STOP_WORDS,
    "好了", "没事了", "没事儿了", "没事", "没了", "没有了", "不用了", "不需要了", "算了", "行了", "可以了",
    "就这样吧", "就这样", "就这些", "先这样吧", "先这样", "谢谢你", "谢谢您", "谢谢啦", "谢谢了", "谢谢", "多谢",
    "谢了", "辛苦了", "再见", "拜拜", "回见", "晚安", "退下吧", "退下",
    "never mind", "nevermind", "forget it", "forget about it", "cancel that", "cancel", "thank you very much",
    "thank you so much", "thank you", "thanks a lot", "thanks", "that's all", "that is all", "that will be all",
    "that'll be all", "nothing else", "nothing", "goodbye", "good bye", "bye bye", "bye", "good night", "go away",
    "i'm done", "we're done", "i'm good", "i'm fine",
)  # fmt: skip
"""Each ends the conversation by itself."""

ANSWERS_TOO: Final = ("quiet", "enough", "安静", "够了")
"""Of the dismissals those that may answer a question of the assistant: "Loud or quiet?"."""

REFUSALS: Final = ("不用", "不要", "不了", "不", "no", "nope", "吧", "啊", "了")
"""They end it only together with a dismissal ("no, thanks"): alone they may answer a question."""

ASSENTS: Final = ("好的", "好吧", "好", "嗯", "行", "哦", "知道了", "明白了", "okay", "ok", "alright", "all right",
                  "great", "perfect", "good", "cool", "i see")  # fmt: skip
"""As REFUSALS; but after a question of the assistant "okay, thanks" says yes to it."""


def ends_conversation(text: str, *, after_question: bool = False) -> bool:
    """Whether nothing but exit phrases was said: 好了，谢谢。"Never mind." after_question: the assistant had asked."""
    if after_question:
        return consists_of(DISMISSAL_OF_A_QUESTION, text, (REFUSAL,))
    return consists_of(DISMISSAL, text, (REFUSAL, ASSENT))


def asks_for_silence(text: str) -> bool:
    """Whether nothing was said but stop words: "Okay, stop!", 别说了."""
    return consists_of(STOP_WORD, text, (BESIDE_STOP,))


def consists_of(wanted: re.Pattern[str], text: str, allowed: tuple[re.Pattern[str], ...]) -> bool:
    """Whether what is wanted was said, and beside it only what is allowed."""
    said = GAP.sub("", text.casefold().replace("’", "'"), count=1)
    is_there = False
    while said:
        phrase = wanted.match(said)
        is_there = is_there or phrase is not None
        phrase = phrase or next((found for each in allowed if (found := each.match(said))), None)
        if phrase is None:
            return False
        said = said[phrase.end() :]
    return is_there


def any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """The longest of the phrases, in Latin letters as whole words only, with what separates it from the next."""
    longest_first = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?:{longest_first})(?:(?<![a-z])|(?![a-z]))[\W_]*")


GAP: Final = re.compile(r"[\W_]*")
STOP_WORD: Final = any_of(STOP_WORDS)
DISMISSAL: Final = any_of(DISMISSALS)
DISMISSAL_OF_A_QUESTION: Final = any_of(tuple(each for each in DISMISSALS if each not in ANSWERS_TOO))
BESIDE_STOP: Final = any_of(BESIDE_STOP_WORDS)
REFUSAL: Final = any_of(REFUSALS)
ASSENT: Final = any_of(ASSENTS)
