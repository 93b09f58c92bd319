"""The commands that speak to the running service: `status | stop | mute | unmute | volume | say | ask | monitor`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import Final, TypeAlias

from jetson_voice.control_client import ServiceError, answers
from jetson_voice.control_protocol import (
    Accepted,
    Answer,
    Ask,
    Done,
    Ended,
    GetStatus,
    Monitor,
    Mute,
    ProtocolError,
    Refused,
    Report,
    Request,
    Say,
    SetVolume,
    Stop,
    Unmute,
    checked,
    line_of,
)
from jetson_voice.live import Status
from jetson_voice.monitor import View, lines_of, screen_of, status_lines

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  has no public name

OTHER_SCREEN: Final = "\x1b[?1049h\x1b[?25l"
FIRST_SCREEN: Final = "\x1b[?25h\x1b[?1049l"
TOP_LEFT: Final = "\x1b[H"
REST_OF_LINE: Final = "\x1b[K\n"
REST_OF_SCREEN: Final = "\x1b[J"


def add_to(verbs: Verbs) -> None:
    """The commands for the running service."""
    shown = _command(verbs, "status", status, "how the running service is")
    shown.add_argument("--json", action="store_true", help="as one JSON object")
    _command(verbs, "stop", stop, "silence the running service at once")
    _command(verbs, "mute", mute, "let the running service hear nothing, until unmute, over restarts too")
    _command(verbs, "unmute", unmute, "let the running service hear again")
    loudness = _command(verbs, "volume", volume, "how loud the running service speaks, or set it")
    loudness.add_argument("percent", metavar="N", nargs="?", type=int, help="0 to 100")
    followed = _command(verbs, "monitor", monitor, "follow what the running service hears and does")
    followed.add_argument("--json", action="store_true", help="every message as a line of JSON")


def _command(verbs: Verbs, name: str, command: Callable[[Namespace], int | None], text: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    verb.set_defaults(command=command)
    return verb


def status(options: Namespace) -> None:
    """Print how the service is."""
    told = status_of_service()
    print(json.dumps(asdict(told), ensure_ascii=False) if options.json else "\n".join(status_lines(told)))


def status_of_service() -> Status:
    """How the service is; ServiceError."""
    match _last_of(GetStatus()):
        case Report(told):
            return told
        case answer:
            raise ServiceError(f"the service replies {answer}")


def stop(_: Namespace) -> None:
    """Silence the service."""
    print(_done(Stop()))


def mute(_: Namespace) -> None:
    """Let it hear nothing."""
    print(_done(Mute()) or "muted")


def unmute(_: Namespace) -> None:
    """Let it hear again."""
    print(_done(Unmute()) or "no longer muted")


def volume(options: Namespace) -> None:
    """Print or set how loud it speaks."""
    if options.percent is None:
        print(f"{status_of_service().volume_percent} %")
        return
    print(_done(_checked(SetVolume(options.percent))) or f"{options.percent} %")


def say_there(text: str) -> None:
    """Let the service speak a text, and wait until it has; NoServiceError, ServiceError."""
    _fulfilled(Say(text))


def ask_there(text: str) -> None:
    """Let the service answer a text aloud, and print the answer; NoServiceError, ServiceError."""
    print(_fulfilled(Ask(text)).answer.strip())


def monitor(options: Namespace) -> None:
    """Follow the service until Ctrl-C: a live picture in a terminal, lines elsewhere."""
    with closing(answers(Monitor())) as news:
        following = _refusing(news)
        try:
            if options.json:
                for item in following:
                    print(line_of(item).decode(), end="", flush=True)
            elif sys.stdout.isatty():
                _draw(following)
            else:
                _print(following)
        except KeyboardInterrupt:
            return
    raise ServiceError("the service has ended")


def _print(news: Iterable[Answer]) -> None:
    for item in news:
        for line in lines_of(item):
            print(line, flush=True)


def _draw(news: Iterable[Answer]) -> None:
    with _other_screen():
        view = View()
        for item in news:
            view = view.after(item)
            picture = screen_of(view, shutil.get_terminal_size().columns)
            print(TOP_LEFT + "".join(line + REST_OF_LINE for line in picture) + REST_OF_SCREEN, end="", flush=True)


@contextmanager
def _other_screen() -> Generator[None, None, None]:
    """A terminal's second screen, the cursor hidden; the first one comes back as it was."""
    print(OTHER_SCREEN, end="")
    try:
        yield
    finally:
        print(FIRST_SCREEN, end="", flush=True)


def _done(request: Request) -> str:
    match _last_of(request):
        case Done(text):
            return text
        case answer:
            raise ServiceError(f"the service replies {answer}")


def _fulfilled(request: Say | Ask) -> Ended:
    match _last_of(_checked(request)):
        case Ended("answered" | "said") as ended:
            return ended
        case Ended(outcome, _, reason):
            raise ServiceError(f"{outcome}: {reason}" if reason else outcome)
        case answer:
            raise ServiceError(f"the service replies {answer}")


def _checked(request: Request) -> Request:
    try:
        return checked(request)
    except ProtocolError as error:
        raise ServiceError(str(error)) from error


def _last_of(request: Request) -> Answer:
    with closing(answers(request)) as replies:
        replied = list(_refusing(replies))
    if not replied or isinstance(replied[-1], Accepted):
        raise ServiceError("the service ended before it had replied")
    return replied[-1]


def _refusing(replies: Iterable[Answer]) -> Generator[Answer, None, None]:
    """The same replies; ServiceError when one is a refusal."""
    for reply in replies:
        if isinstance(reply, Refused):
            raise ServiceError(reply.reason)
        yield reply
