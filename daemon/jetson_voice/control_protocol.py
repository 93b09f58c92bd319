"""What goes through the control socket: one JSON object a line; a request, and then what the service replies.

→ {"command": "ask", "text": "What is water?"}
← {"reply": "accepted"}
← {"reply": "ended", "outcome": "answered", "answer": "Water is wet.", "reason": ""}
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeAlias

from jetson_voice.live import Status, Turn

MAX_LINE_BYTES: Final = 65_536
"""A request with a text of an hour of speech fits; what is longer is refused before it is read."""


@dataclass(frozen=True)
class GetStatus:
    """Tell how it is."""


@dataclass(frozen=True)
class Stop:
    """Fall silent at once, and let go what waits."""


@dataclass(frozen=True)
class Mute:
    """Hear nothing more."""


@dataclass(frozen=True)
class Unmute:
    """Hear again."""


@dataclass(frozen=True)
class SetVolume:
    """Speak at this volume, 0 to 100."""

    percent: int


@dataclass(frozen=True)
class Say:
    """Speak this text; it is no part of the conversation."""

    text: str


@dataclass(frozen=True)
class Ask:
    """Answer this text as if it had been said."""

    text: str


@dataclass(frozen=True)
class Monitor:
    """Tell all that happens, until one of us goes."""


Request: TypeAlias = GetStatus | Stop | Mute | Unmute | SetVolume | Say | Ask | Monitor
REQUESTS: Final[Mapping[str, type[Request]]] = {
    "status": GetStatus,
    "stop": Stop,
    "mute": Mute,
    "unmute": Unmute,
    "volume": SetVolume,
    "say": Say,
    "ask": Ask,
    "monitor": Monitor,
}


@dataclass(frozen=True)
class Done:
    """It is done; the text says what there is to say about it."""

    text: str = ""


@dataclass(frozen=True)
class Refused:
    """It is not done; one line that says why."""

    reason: str


@dataclass(frozen=True)
class Accepted:
    """It waits for its turn; how it ended comes later."""


@dataclass(frozen=True)
class Ended:
    """How a request ended (the outcome of its turn), what was answered, and the reason if it failed."""

    outcome: str
    answer: str
    reason: str


@dataclass(frozen=True)
class Report:
    """How the assistant is."""

    status: Status


@dataclass(frozen=True)
class Happened:
    """An event, as events.record_of writes it, less what was said unless the configuration allows it."""

    record: Mapping[str, Any]


@dataclass(frozen=True)
class Heard:
    """The highest score of each wake word since the last time; none when there was no sound worth a score."""

    scores: Mapping[str, float]


@dataclass(frozen=True)
class Missed:
    """Whoever follows read too slowly: so many news were dropped."""

    count: int


News: TypeAlias = Happened | Heard | Missed
Answer: TypeAlias = Done | Refused | Accepted | Ended | Report | News
REPLIES: Final[Mapping[str, type[Answer]]] = {
    "done": Done,
    "refused": Refused,
    "accepted": Accepted,
    "ended": Ended,
    "status": Report,
    "event": Happened,
    "scores": Heard,
    "missed": Missed,
}


class ProtocolError(Exception):
    """A line that is no request or reply; one line that says why."""


def request_in(line: bytes) -> Request:
    """The request in a line; ProtocolError."""
    values = object_in(line)
    name = values.pop("command", None)
    if not isinstance(name, str) or name not in REQUESTS:
        raise ProtocolError(f"command: {meant(name, REQUESTS)}")
    kind = REQUESTS[name]
    wanted = {field.name: {"str": str, "int": int}[str(field.type)] for field in fields(kind)}
    for key in values:
        if key not in wanted:
            raise ProtocolError(f"{name}: {meant(key, wanted)}")
    for key, of_type in wanted.items():
        if type(values.get(key)) is not of_type:  # True is an int, too
            raise ProtocolError(f"{name}: {key!r} must be {'a text' if of_type is str else 'a whole number'}")
    return checked(kind(**values))


def checked(request: Request) -> Request:
    """The same request; ProtocolError when a value cannot be."""
    match request:
        case SetVolume(percent) if not 0 <= percent <= 100:
            raise ProtocolError(f"volume: {percent} is not between 0 and 100")
        case Say(text) | Ask(text) if not text.strip():
            raise ProtocolError("the text is empty")
        case _:
            return request


def meant(name: object, known: Iterable[str]) -> str:
    """What is wrong with a name that nobody knows: `unknown 'stpo'; did you mean 'stop'?`."""
    names = list(known)
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(names) or 'nothing to set'}"
    shown = "missing" if name is None else f"unknown {str(name)[:40]!r}"
    return f"{shown}; {hint}"


def object_in(line: bytes) -> dict[str, Any]:
    """The JSON object in a line; ProtocolError."""
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProtocolError(f"not UTF-8 at byte {error.start}") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ProtocolError("not a JSON object")
    return value


def line_of(message: Request | Answer) -> bytes:
    """A request or reply as a line."""
    kind = type(message)
    value = flat(message)
    for word, kinds in (("command", REQUESTS), ("reply", REPLIES)):
        for name, each in kinds.items():
            if each is kind:
                return json.dumps({word: name, **value}, ensure_ascii=False).encode() + b"\n"
    raise TypeError(kind)


def flat(message: Request | Answer) -> dict[str, Any]:
    """Its fields; those of what it only carries are its own."""
    match message:
        case Report(status):
            return asdict(status)
        case Happened(record):
            return dict(record)
        case _:
            return asdict(message)


def reply_in(line: bytes) -> Answer:
    """The reply in a line; ProtocolError, too, when the service is of another version."""
    values = object_in(line)
    name = values.pop("reply", "")
    try:
        match REPLIES.get(name):
            case None:
                raise ProtocolError(f"the service replies {name!r}, which this version does not know")
            case kind if kind is Report:
                last_turn = values.pop("last_turn")
                return Report(Status(**values, last_turn=Turn(**last_turn) if last_turn else None))
            case kind if kind is Happened:
                return Happened(values)
            case kind:
                return kind(**values)
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"the service replies {name!r} in a way that this version does not know") from error
