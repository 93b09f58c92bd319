"""What of a written text is spoken: no markdown, no emoji, no reasoning, no code."""

from __future__ import annotations

import html
import re
import unicodedata

# Code is for the eyes, and what a reasoning model thinks is for itself.
UNSPOKEN_BLOCKS = {
    "```": "```",
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<tool_call>": "</tool_call>",
}

BLOCK_BEGINS = frozenset(begin[0] for begin in UNSPOKEN_BLOCKS)

# Nothing but letters, digits and marks that are spoken as they are: most sentences.
CLEAN = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u04ff\u3040-\u30ff\u4e00-\u9fff ,.!?'’，。！？、；：“”…]*")

CONTROL_TOKEN = re.compile(r"<[|｜][^<>\s]{1,40}[|｜]>")
COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
INLINE = "a|b|i|u|s|em|strong|del|ins|mark|small|sub|sup|span|font|code|kbd"
BLOCK = (
    "think|thinking|p|pre|br|hr|div|ul|ol|li|dl|dt|dd|h[1-6]|img|table|thead|tbody|tr|td|th"
    "|blockquote|details|summary|center"
)
ATTRIBUTE = r"\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)"
TAG = re.compile(rf"</?(?:(?P<inline>{INLINE})|{BLOCK})(?:{ATTRIBUTE})*\s*/?>", re.IGNORECASE)
ENTITY = re.compile(r"&(?:[A-Za-z]\w{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});", re.ASCII)

PICTURE = r"[\U0001F000-\U0001FFFF\u2300-\u23FF\u2500-\u27BF\u2B00-\u2BFF\u3030\u303D\u3297\u3299\uFFFD]"
SIGN_AS_EMOJI = r"[0-9#*]\uFE0F?\u20E3|[\u00A9\u00AE\u203C\u2049\u2122\u2139\u2190-\u21FF]\uFE0F"
JOINT = r"[\u200D\u20E3\uFE00-\uFE0F\U000E0020-\U000E007F]"
EMOJI = re.compile(rf"(?:{SIGN_AS_EMOJI}|{PICTURE}|{JOINT})+")

LINK_TARGET = r"\((?:[^()]|\([^()]*\))*(?:\)|$)"
LINK = re.compile(rf"!?\[(?P<text>[^\[\]]*)\](?:{LINK_TARGET}|\[[^\[\]]*\])")
LINK_BEGUN_BEFORE = re.compile(rf"\]{LINK_TARGET}")
LINK_ENDED_LATER = re.compile(r"!?\[(?=[^\[\]]*$)")
FOOTNOTE = re.compile(r"\[\^[^\[\]]*\]:?")
AUTOLINK = re.compile(r"<(?:mailto:)?([^\s<>]+(?:://|@)[^\s<>]+)>")
URL = re.compile(
    r"\b(?:https?|ftp)://(?:[\w.:%-]*@)?(?:www\.)?(?P<host>[a-z0-9.-]*[a-z0-9]|)"
    r"(?:[:/?#][!#-;=?-~]*[a-z0-9/=&#%_~-]|[:/?#])?",
    re.ASCII | re.IGNORECASE,
)

# LaTeX, as far as it is read aloud like the signs and the plain text it stands for.
FORMULA_MARK = re.compile(r"\\[(\[]\s*|\s*\\[)\]]|\$\$")
FORMULA = re.compile(r"\$(?=[^\s$\d]|[^$\n]*[\\^_=+])(?=\S)([^$\n]*[^\s$])\$(?!\d)")
GROUPS = (
    (re.compile(r"(?:\\(?:text(?:bf|it)?|math(?:rm|bf|it)|boxed|operatorname)|(?<=[\^_]))\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\(?:begin|end)\{[a-z]+\*?\}"), ""),
    (re.compile(r"\^\\(?:circ|degree)"), "°"),
    (re.compile(r"\\sqrt\{([^{}]*)\}"), r"√\1"),
    (re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}"), r"\1/\2"),
)
NESTED_GROUPS = 3
SIGNS = {
    "times": "×", "cdot": "×", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠",
    "neq": "≠", "approx": "≈", "equiv": "≡", "infty": "∞", "to": "→", "rightarrow": "→", "ldots": "…", "dots": "…",
    "circ": "∘", "sum": "∑", "int": "∫", "in": "∈", "left": "", "right": "", "quad": " ",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "theta": "θ",
    "lambda": "λ", "mu": "μ", "pi": "π", "rho": "ρ", "sigma": "σ", "phi": "φ", "omega": "ω", "Omega": "Ω",
}  # fmt: skip
SIGN = re.compile(rf"\\({'|'.join(SIGNS)})(?![A-Za-z])")
ESCAPED_NEWLINE = re.compile(r"\\n(?![a-z])")

BULLET = r"[-*+•●▪–#·⁃‣◦](?:\s+|$)|[•·⁃]|#{2,6}\s*"
LINE_MARKS = re.compile(rf"^\s*(?:>\s*)*(?:{BULLET})?(?:\[[ xX]\]\s+)?", re.MULTILINE)
HEADING_END = re.compile(r"\s#+\s*$", re.MULTILINE)
TABLE_ROW = re.compile(r"^\s*\|.*$", re.MULTILINE)
COLUMN = re.compile(r"(?:^|(?<=\s))\|+(?=\s|$)")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
ONE_HANZI = r"(?<=[\u4e00-\u9fff]\*)[\u4e00-\u9fff]\*[\u4e00-\u9fff]"
"""It is a factor, as in 长*宽*高, and not emphasized."""

IN_PRODUCT = r"(?<=[A-Za-z0-9]\*)[A-Za-z0-9]"
PAIR = re.compile(rf"(?<![A-Za-z0-9*])(\*{{1,3}})(?!{ONE_HANZI})(?=[^\s*])([^*\n]*[^\s*])\1(?!\*|{IN_PRODUCT})")
WIDE_POINT = re.compile(r"(?<=\d)．(?=\d)")
LINGERING = re.compile(r"(?<=[的了呀啊哦噢嗯哈嘛呢吧啦哟好])[~～]+(?=\w)")
TRAILING_TILDE = re.compile(r"(?<=\w)[~～]+(?=$|[\s，。！？,.!?”」』）)])")
RULE = re.compile(r"[-=]{3,}")
EMPTY_BRACKETS = re.compile(r"（\s*）|【\s*】|「\s*」|《\s*》|“\s*”|(?<![\w\]])(?:\(\s*\)|\[\s*\])")
HEAD = re.compile(r"(?:[\s，。！？；：、,;!?…—）】》」』〉〕｝”’)\]}]|\.(?!\w))+")
"""The end of a sentence that was given before: no voice begins with it."""

SPACED_DOTS = re.compile(r"\s?\.(?: \.){2,}")
REPEATED = re.compile(r"([，、；：,;！!？?])\1+|(?<=[！!？?]{2})[！!？?]+")
LONG_ELLIPSIS = re.compile(r"\.{4,}")
LONG_CHINESE_ELLIPSIS = re.compile(r"。{2,}|…{3,}")
LONG_DASH = re.compile(r"—{3,}")
SPACE_BEFORE_STOP = re.compile(r"\s+(?=[,!?;，。！？；：、…）]|\.(?!\w))")
MARKS = re.compile(r"\*+|_+|`+|~~+")


class UnspokenBlocks:
    """Tells spoken text from code blocks and reasoning, character by character."""

    def __init__(self) -> None:
        self.held = ""
        """Read, but not yet known to be text: it may be the beginning of a block."""
        self._end = ""
        self._tail = ""

    def add(self, character: str) -> list[tuple[str, bool]]:
        """Give the characters now decided, each with whether it is visible text."""
        if self._end:
            self._tail = (self._tail + character.lower())[-len(self._end) :]
            if self._tail == self._end:
                self._end = self._tail = ""
            return [(character, False)]
        if not self.held and character not in BLOCK_BEGINS:
            return [(character, True)]
        self.held += character
        decided: list[tuple[str, bool]] = []
        while self.held and not self._may_begin_block():
            decided.append((self.held[0], True))
            self.held = self.held[1:]
        if self.held.lower() in UNSPOKEN_BLOCKS:
            self._end = UNSPOKEN_BLOCKS[self.held.lower()]
            decided += [(mark, False) for mark in self.held]
            self.held = ""
        return decided

    def finish(self) -> list[tuple[str, bool]]:
        """Give what was held: it was text after all."""
        held, self.held = self.held, ""
        return [(character, True) for character in held]

    def _may_begin_block(self) -> bool:
        return any(begin.startswith(self.held.lower()) for begin in UNSPOKEN_BLOCKS)


def spoken_text(written: str) -> str:
    """Clean a sentence for the voice, on one line; empty if no letter and no digit is left."""
    if not _has_words(written):
        return ""
    text = written
    if not CLEAN.fullmatch(text):
        text = _without_html(text)
        text = _without_pictures(text)
        text = _without_links(text)
        text = _without_formulas(text)
        text = _without_marks(text)
    text = " ".join(text.split())
    text = _without_repetition(text)
    text = text[match.end() :] if (match := HEAD.match(text)) else text
    return text if _has_words(text) else ""


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _without_html(text: str) -> str:
    text = CONTROL_TOKEN.sub("", text)
    text = COMMENT.sub("", text)
    text = TAG.sub(lambda tag: "" if tag["inline"] else " ", text)
    return ENTITY.sub(lambda entity: html.unescape(entity.group()), text)


def _without_pictures(text: str) -> str:
    text = EMOJI.sub(lambda emoji: " " if _joins_words(emoji) else "", text)
    return "".join(filter(_is_seen, text))


def _joins_words(gap: re.Match[str]) -> bool:
    """Whether two Latin words would become one without the gap between them."""
    before, after = _around(gap)
    return _is_latin(before) and _is_latin(after)


def _is_seen(character: str) -> bool:
    """Whether it is no control, format or private character, and no half of a surrogate pair."""
    return character.isspace() or not unicodedata.category(character).startswith("C")


def _without_links(text: str) -> str:
    text = FOOTNOTE.sub("", text)
    text = LINK.sub(lambda link: link["text"], text)
    text = LINK_BEGUN_BEFORE.sub("", text)
    text = LINK_ENDED_LATER.sub("", text)
    text = AUTOLINK.sub(r"\1", text)
    return URL.sub(lambda url: url["host"], text)


def _without_formulas(text: str) -> str:
    text = ESCAPED_NEWLINE.sub("\n", text)
    if "\\" in text or "$" in text:
        text = FORMULA_MARK.sub("", text)
        text = FORMULA.sub(r"\1", text)
        for pattern, plain in GROUPS * NESTED_GROUPS:
            text = pattern.sub(plain, text)
        text = SIGN.sub(lambda sign: SIGNS[sign[1]], text)
    return text


def _without_marks(text: str) -> str:
    text = LINE_MARKS.sub("", text)
    text = HEADING_END.sub("", text)
    text = TABLE_ROW.sub(_cells, text)
    text = COLUMN.sub(", ", text)
    text = ESCAPE.sub(r"\1", text)
    text = PAIR.sub(r"\2", text)
    text = LINGERING.sub("，", text)
    text = MARKS.sub(_mark, text)
    text = TRAILING_TILDE.sub("", text)
    text = RULE.sub(" ", text)
    text = WIDE_POINT.sub(".", text)
    return EMPTY_BRACKETS.sub("", text)


def _without_repetition(text: str) -> str:
    text = SPACED_DOTS.sub("...", text)
    text = SPACE_BEFORE_STOP.sub("", text)
    text = REPEATED.sub(r"\1", text)
    text = LONG_ELLIPSIS.sub("...", text)
    text = LONG_CHINESE_ELLIPSIS.sub("……", text)
    return LONG_DASH.sub("——", text)


def _cells(row: re.Match[str]) -> str:
    return ", ".join(cell.strip() for cell in row.group().split("|") if _has_words(cell))


def _mark(mark: re.Match[str]) -> str:
    """Nothing for emphasis; the mark itself where it multiplies, or is a part of a name."""
    before, after = _around(mark)
    stays = False
    if mark.group() == "*":
        is_product = before.isspace() and after.isspace()
        stays = is_product or (before.isalnum() and after.isalnum())
    elif mark.group() == "**":
        is_power = before.isspace() and after.isspace() and _has_operands(mark)
        stays = is_power or (_is_latin(before) and _is_latin(after))
    elif mark.group().startswith("_"):
        stays = before.isalnum() and after.isalnum() and (before.isascii() or after.isascii())
    return mark.group() if stays else ""


def _has_operands(mark: re.Match[str]) -> bool:
    """Whether there is a number on one side of the operator."""
    left, right = mark.string[: mark.start()].rstrip(), mark.string[mark.end() :].lstrip()
    return left[-1:].isdigit() or right[:1].isdigit()


def _around(gap: re.Match[str]) -> tuple[str, str]:
    """Look at the characters before and after a match; empty at the borders of the text."""
    return gap.string[: gap.start()][-1:], gap.string[gap.end() :][:1]


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
