"""What whisper writes by itself: the ends of the videos it learned from, and its own prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from jetson_voice.wake_phrase import WORD, letters, likeness

Phantom: TypeAlias = Literal["credits", "courtesy"]
"""Credits are what nobody says to an assistant; a courtesy is what people say, too."""

# Letters only, simplified and traditional: subtitle credits, and what stands alone on no page but a subtitle's.
CREDITS: Final = re.compile(
    r"""
    ((中文)?字幕(由|by|提供|制作|製作|志愿者|志願者|组|組)|由amara).* | .*amaraorg.* |
    .*(不吝点赞|不吝點[贊讚]|点赞订阅|點[贊讚]訂閱|明镜与点点|明鏡與點點|打[赏賞]支持).* |
    .*(优优独播剧场|優優獨播劇場).* | (作[词詞]|[编編]曲)(作曲|[编編]曲)?.{0,4} |
    (谢谢|謝謝|感谢|感謝|多谢|多謝)(大家|各位|你们|你們|您)?的?(观看|觀看|收看|收听|收聽) |
    (我们|我們)?下[期集]再[见見] |
    (thanks|thankyou|thankyousomuch|thankyouverymuch)(all)?for(watching|listening).* |
    (please)?(likeand)?subscribe(tomychannel|tothechannel|tomyyoutubechannel)? | dontforgetto(likeand)?subscribe.* |
    (subtitles?|subtitled|captions?|captioned|transcription|transcribed|translation|translated)by.+ |
    (ill)?seeyou(guys)?(all)?inthenext(video|one|episode) |
    you | i | im | the | and | so
    """,
    re.VERBOSE,
)
COURTESIES: Final = re.compile(
    r"""
    (okay|ok|yes|no)?(thanks|thankyou|thankyousomuch|thankyouverymuch) |
    (bye)+ | goodbye | seeyou(nexttime|later|soon)? |
    im(so|very)?sorry | yeah | oh | ow | wow | [hmu]+ |
    (谢谢|謝謝)(大家|你|您|你们|你們)? | 再[见見] | 拜拜 | (我们|我們)?下次再?[见見] | [嗯啊哦噢喔呃哎唉] | [对對]
    """,
    re.VERBOSE,
)
# "[Music]", "(applause)", "♪ la la la ♪": a subtitle's word for a sound.
SOUND: Final = re.compile(r"\s*[\[(（【♪♫*].*[\])）】♪♫*]\s*", re.DOTALL)
# A leaked prompt loses a letter at times.
SAME: Final = 0.8


def phantom(text: str) -> Phantom | None:
    """What this text would be if nobody had said it; None for a text that whisper does not invent."""
    plain = letters(text).replace("'", "").replace("’", "")
    if SOUND.fullmatch(text) or CREDITS.fullmatch(plain):
        return "credits"
    return "courtesy" if COURTESIES.fullmatch(plain) else None


def is_prompt(text: str, prompt: str) -> bool:
    """Whether whisper repeats what it was shown, instead of what it heard."""
    return bool(prompt) and likeness(text, prompt) >= SAME


def are_hotwords(text: str, hotwords: Sequence[str]) -> bool:
    """Whether the text is made of nothing but words that whisper was told to know."""
    known = {word.casefold() for hotword in hotwords for word in WORD.findall(hotword)}
    words = {word.casefold() for word in WORD.findall(text)}
    return bool(words) and words <= known
