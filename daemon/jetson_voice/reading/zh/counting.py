"""Plain numbers in Chinese: ordinals, fractions, ranges, scores, and 两 before measure words."""

from __future__ import annotations

from typing import Final

from jetson_voice.reading.figures import FRACTION
from jetson_voice.reading.numbers import zh_counted, zh_digits, zh_number
from jetson_voice.reading.roman import ROMAN, value_of
from jetson_voice.reading.rules import FREE, INTEGER, MINUS, NUMBER, START, TO, Match, rule

MEASURE = (
    "(?:年(?!级)|次(?![方元])|分(?!之)|小时|分钟|毫|厘|公[里斤顷]|平方|立方|美[元分]|欧元|英[镑里尺]|星期|[个位只条张本件种类样天周秒岁"
    "元块角毛米里斤克升吨杯碗瓶盘勺盒箱包袋遍趟回家间套台辆架艘棵朵头匹双对副把支枝根片段座栋所扇份组队群批倍人名口"
    "场部首篇句页字步道项款面方点度万千亿节门滴颗粒层轮行列国])"
)
"""Before these 2 is 两; it stays 二 in 二月, 二号, 二楼, 二年级."""
BEFORE_MEASURE = rf"(?=(?:[到至]\d+)?[多几来]?{MEASURE})"
WON = "(?:的比分)?(?:[获战险大完惜]?[胜败平]|击败|打败|赢|输|领先|落后|逆转)"
PARTS = "(?:[章节卷篇部册回幕季届]|部分)"


def _score(match: Match) -> str:
    return f"{zh_number(match['first'])}比{zh_number(match['last'])}"


def _after_sign(match: Match) -> str:
    return f"{zh_number(match['number'])}号"


def _ordinal(match: Match) -> str:
    ends = [end for end in (match["first"], match["last"]) if end]
    return "第" + "到".join(map(zh_number, ends))


def _fraction(match: Match) -> str:
    if int(match["upper"]) > int(match["lower"]) > 9:  # a blood pressure
        return f"{zh_number(match['upper'])}，{zh_number(match['lower'])}"
    whole = f"{zh_number(match['whole'])}又" if match["whole"] else ""
    return f"{whole}{zh_number(match['lower'])}分之{zh_number(match['upper'])}"


def _range(match: Match) -> str:
    say = zh_counted if match["measured"] is not None else zh_number
    return f"{say(match['first'])}到{say(match['last'])}"


SCORES: Final = (
    rule(r"(?:(?<=比例)|(?<=比率)|(?<=比分)|(?<=[例率分比][是为约]))(?P<first>\d+)[:–-](?P<last>\d+)", _score),
    rule(rf"{FREE}(?P<first>\d+)[:–-](?P<last>\d+)(?={WON})", _score),
    rule(r"(?<![\w:.])(?P<first>\d+(?:\.\d+)?):(?P<last>\d|\d{3,})(?![\d:])", _score),
)

ORDINALS: Final = (
    rule(rf"第(?P<first>{INTEGER})(?:{TO}(?P<last>{INTEGER}))?", _ordinal),
    rule(rf"第({ROMAN})(?={PARTS})", lambda match: f"第{zh_number(str(value_of(match[1])))}"),
    rule(r"(?<![\w#])(?:#|[Nn]o\.? ?)(?P<number>\d+)", _after_sign),
)

FRACTIONS: Final = (rule(FRACTION, _fraction),)

RANGES: Final = (rule(rf"{FREE}(?P<first>{NUMBER}){TO}(?P<last>{NUMBER})(?P<measured>{BEFORE_MEASURE})?", _range),)

NUMBERS: Final = (
    rule(r"(?<=\d米)[1-9]\d(?![\w.])", lambda centimeters: zh_digits(centimeters.group())),
    rule(r"(?<![\w)~])~ ?(?=\d)", "约"),
    rule(rf"(?<![第\d.,])\d+{BEFORE_MEASURE}", lambda match: zh_counted(match.group())),
    rule(rf"{MINUS}(?={NUMBER})", "负"),
    rule(rf"{START}{NUMBER}", lambda match: zh_number(match.group())),
    rule(r"\d+", lambda match: zh_number(match.group())),
)
