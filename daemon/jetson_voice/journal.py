"""Where the log goes: to the journal with its fields, or to stderr.

The library's own JournalHandler is not used: beside each message it stores the arguments it was made of (CODE_ARGS),
which would keep what was said although the message does not.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any, Final

IDENTIFIER: Final = "jetson-voice"
FIELDS_OF_ITS_OWN: Final = "JV_"

PRIORITIES: Final = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
"""As syslog counts."""

Send = Callable[..., object]

log = logging.getLogger("jetson_voice")


def start_logging() -> None:
    """Log warnings and worse, and more of our own once the configuration says so."""
    logging.basicConfig(level=logging.WARNING, handlers=[_handler()])


def complain(text: str) -> None:
    """Tell whoever started the command what is wrong: on stderr, or as errors of the journal, one a line."""
    for line in text.splitlines():
        if is_journaled():
            log.error("%s", line)
        else:
            print(line, file=sys.stderr)


def is_journaled() -> bool:
    """Whether stderr is a stream of the journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        stderr = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stderr.st_dev}:{stderr.st_ino}"


def _handler() -> logging.Handler:
    if not is_journaled():
        plain = logging.StreamHandler()
        plain.setFormatter(logging.Formatter("%(levelname)-7s %(message)s"))
        return plain
    try:
        # Not `import systemd`: that finds this project's folder of the same name.
        from systemd.journal import send  # noqa: PLC0415  not on every machine
    except ImportError:
        prefixed = logging.StreamHandler()
        prefixed.setFormatter(PrefixedFormatter())
        return prefixed
    return JournalHandler(send)


class PrefixedFormatter(logging.Formatter):
    """Lines as journald reads them from stderr, each with its priority (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        """Every line of the message, as `<4>no microphone`."""
        return "\n".join(f"<{priority_of(record)}>{line}" for line in super().format(record).splitlines())


class JournalHandler(logging.Handler):
    """An entry for each record, with the fields it brings along."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Send it; never an error of ours."""
        try:
            self._send(**fields_of(record))
        except Exception as error:  # noqa: BLE001  the program goes on without this entry
            # Not handleError: it would print the arguments.
            print(f"<4>an entry is lost to the journal: {type(error).__name__}: {error}", file=sys.stderr)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """A record as systemd.journal.send takes it: text, but for the line's number."""
    brought = {
        name: str(value)
        for name, value in record.__dict__.items()
        if name.startswith(FIELDS_OF_ITS_OWN) or name == "MESSAGE_ID"
    }
    if record.exc_info:
        brought["EXCEPTION_TEXT"] = logging.Formatter().formatException(record.exc_info)
    return {
        "MESSAGE": record.getMessage(),
        "PRIORITY": str(priority_of(record)),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": record.lineno,
        "CODE_FUNC": record.funcName,
        **brought,
    }


def priority_of(record: logging.LogRecord) -> int:
    """The level as syslog counts."""
    return next((priority for level, priority in PRIORITIES.items() if record.levelno >= level), 7)
