"""What the servers of language models have in common: an address, a first answer, errors of many lines."""

from __future__ import annotations

import ipaddress
import logging
from urllib.parse import urlsplit

from jetson_voice.protocols import StartError

log = logging.getLogger(__name__)


def log_prompt(new_tokens: int | None, milliseconds: float | None, *, cached_tokens: int | None = None) -> None:
    """Tell how much of a prompt the server had to read, and for how long the user waited for that."""
    if new_tokens is None or milliseconds is None:
        return
    cached = "" if cached_tokens is None else f", {cached_tokens} were cached"
    fields = {"JV_PROMPT_TOKENS": new_tokens, "JV_PROMPT_MS": round(milliseconds)}
    log.info("the prompt: %d tokens read in %.0f ms%s", new_tokens, milliseconds, cached, extra=fields)


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
