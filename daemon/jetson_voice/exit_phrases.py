"""What ends a conversation without an answer: "never mind", 没事了."""

from __future__ import annotations

import re
from typing import Final

DISMISSALS: Final = (
    "好了", "没事了", "没事儿了", "没事", "没了", "没有了", "不用了", "不需要了", "算了", "行了", "可以了", "够了",
    "就这样吧", "就这样", "就这些", "先这样吧", "先这样", "谢谢你", "谢谢您", "谢谢啦", "谢谢了", "谢谢", "多谢",
    "谢了", "辛苦了", "再见", "拜拜", "回见", "晚安", "退下吧", "退下", "停下来", "停下", "停止", "停", "别说了",
    "不要说了", "别讲了", "闭嘴", "安静",
    "never mind", "nevermind", "forget it", "forget about it", "cancel that", "cancel", "thank you very much",
    "thank you so much", "thank you", "thanks a lot", "thanks", "that's all", "that is all", "that will be all",
    "that'll be all", "nothing else", "nothing", "goodbye", "good bye", "bye bye", "bye", "good night", "stop it",
    "stop", "be quiet", "shut up", "go away", "i'm done", "we're done", "i'm good", "i'm fine",
)  # fmt: skip
"""Each ends the conversation by itself."""

REFUSALS: Final = ("不用", "不要", "不了", "不", "no", "nope", "吧", "啊", "了")
"""They end it only together with a dismissal ("no, thanks"): alone they may answer a question."""

ASSENTS: Final = ("好的", "好吧", "好", "嗯", "行", "哦", "知道了", "明白了", "okay", "ok", "alright", "all right",
                  "great", "perfect", "good", "cool", "i see")  # fmt: skip
"""As REFUSALS; but after a question of the assistant "okay, thanks" says yes to it."""


def ends_conversation(text: str, *, after_question: bool = False) -> bool:
    """Whether nothing but exit phrases was said: 好了，谢谢。"Never mind." after_question: the assistant had asked."""
    said = GAP.sub("", text.casefold().replace("’", "'"), count=1)
    dismissed = False
    while said:
        phrase = DISMISSAL.match(said)
        dismissed = dismissed or phrase is not None
        phrase = phrase or REFUSAL.match(said) or (None if after_question else ASSENT.match(said))
        if phrase is None:
            return False
        said = said[phrase.end() :]
    return dismissed


def any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """The longest of the phrases, in Latin letters as whole words only, with what separates it from the next."""
    longest_first = "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))
    return re.compile(rf"(?:{longest_first})(?:(?<![a-z])|(?![a-z]))[\W_]*")


GAP: Final = re.compile(r"[\W_]*")
DISMISSAL: Final = any_of(DISMISSALS)
REFUSAL: Final = any_of(REFUSALS)
ASSENT: Final = any_of(ASSENTS)
