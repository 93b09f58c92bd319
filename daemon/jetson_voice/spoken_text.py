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
}

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

LINE_MARKS = re.compile(r"^\s*(?:>\s*)*(?:[-*+•●▪–#](?:\s+|$)|#{2,6}\s*)?(?:\[[ xX]\]\s+)?", re.MULTILINE)
HEADING_END = re.compile(r"\s#+\s*$", re.MULTILINE)
TABLE_ROW = re.compile(r"^\s*\|.*$", re.MULTILINE)
COLUMN = re.compile(r"(?:^|(?<=\s))\|+(?=\s|$)")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
PAIR = re.compile(r"(?<![A-Za-z0-9*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?!\*)")
WIDE_POINT = re.compile(r"(?<=\d)．(?=\d)")
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
    text = _without_html(written)
    text = _without_pictures(text)
    text = _without_links(text)
    text = _without_marks(text)
    text = " ".join(text.split())
    text = SPACE_BEFORE_STOP.sub("", text)
    text = WIDE_POINT.sub(".", text)
    return text if _has_words(text) else ""


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _without_html(text: str) -> str:
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


def _without_marks(text: str) -> str:
    text = LINE_MARKS.sub("", text)
    text = HEADING_END.sub("", text)
    text = TABLE_ROW.sub(_cells, text)
    text = COLUMN.sub(", ", text)
    text = ESCAPE.sub(r"\1", text)
    text = PAIR.sub(r"\2", text)
    return MARKS.sub(_mark, text)


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
        stays = _is_latin(before) and _is_latin(after)
    elif mark.group().startswith("_"):
        stays = before.isalnum() and after.isalnum()
    return mark.group() if stays else ""


def _around(gap: re.Match[str]) -> tuple[str, str]:
    """Look at the characters before and after a match; empty at the borders of the text."""
    return gap.string[: gap.start()][-1:], gap.string[gap.end() :][:1]


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
