"""What the servers of language models have in common: an address, a first answer, errors of many lines."""

from __future__ import annotations

import ipaddress
from contextlib import aclosing
from urllib.parse import urlsplit

from jetson_voice.protocols import LanguageModel, Message, StartError


async def warm_up(model: LanguageModel, system_prompt: str) -> None:
    """Have the model loaded and the system prompt in its cache; StageError when it cannot be had.

    It is an answer like any other, with the same options, that is closed after its first word. It has a
    user's line because the chat templates of some models refuse a conversation without one.
    """
    conversation = [Message("system", system_prompt)] if system_prompt else []
    conversation.append(Message("user", "Hi"))
    async with aclosing(model.reply(conversation)) as words:
        async for _ in words:
            return


def checked_url(option: str, url: str) -> str:
    """The URL, if a server can be there; StartError naming the option if not."""
    try:
        parts = urlsplit(url)
        usable = (
            url.isprintable()
            and " " not in url
            and parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and parts.port != 0
        )
    except ValueError:
        usable = False
    if not usable:
        raise StartError(f'{option}: "{url}" is not the URL of a server, such as http://127.0.0.1:11434')
    return url


def shown_url(url: str) -> str:
    """The URL as it may be logged: without a user's name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


def on_this_machine(url: str) -> bool:
    """Whether the server's address is a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def one_line(text: object, *, longest: int = 200) -> str:
    """A server's own words, in one line of bounded length."""
    line = " ".join(str(text).split())
    return line if len(line) <= longest else f"{line[:longest]}…"
