"""What each request of a program does, and what is replied to it."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import anyio
from typing_extensions import assert_never

from jetson_voice.control_feed import Feed
from jetson_voice.control_protocol import (
    Accepted,
    Answer,
    Ask,
    Done,
    Ended,
    GetStatus,
    Heard,
    Monitor,
    Mute,
    Refused,
    Report,
    Request,
    Say,
    SetVolume,
    Stop,
    Unmute,
)
from jetson_voice.requests import BusyError, Requests
from jetson_voice.sound_settings import SoundSettings

FOLLOWERS: Final = 8
"""Fewer than there may be connections, so that there is always room for a `stop`."""

STATUS_EVERY_SECONDS: Final = 1.0
"""A follower is told of what is no event, such as a mute, within this time; one that has gone is noticed so, too."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """What the requests of programs work on."""

    requests: Requests
    sound: SoundSettings
    feed: Feed


async def replies(request: Request, desk: Desk) -> AsyncGenerator[Answer, None]:
    """What is told to whoever asks for this."""
    match request:
        case GetStatus():
            yield Report(desk.feed.status())
        case Stop():
            yield Done("silent" if desk.requests.stop() else "there was nothing to stop")
        case Mute() | Unmute() | SetVolume():
            yield set_sound(request, desk.sound)
        case Say() | Ask():
            async with aclosing(fulfilled(request, desk)) as answers:
                async for answer in answers:
                    yield answer
        case Monitor():
            async with aclosing(news(desk.feed)) as answers:
                async for answer in answers:
                    yield answer
        case _:
            assert_never(request)


def set_sound(request: Mute | Unmute | SetVolume, sound: SoundSettings) -> Done:
    """Set it; a disk that is full does not keep the microphone open."""
    try:
        match request:
            case Mute():
                sound.mute()
            case Unmute():
                sound.unmute()
            case SetVolume(percent):
                sound.set_volume(percent)
            case _:
                assert_never(request)
    except OSError as error:
        log.warning("what was set will be forgotten at the next start: %s", error)
        return Done(f"done, but it will be forgotten at the next start: {error.strerror or error}")
    return Done()


async def fulfilled(request: Say | Ask, desk: Desk) -> AsyncGenerator[Answer, None]:
    """Accepted, and how it ended; or why not."""
    try:
        pending = desk.requests.put(request)
    except BusyError as refusal:
        yield Refused(str(refusal))
        return
    yield Accepted()
    ended = await pending.end()
    turn = desk.feed.last_turn
    failure = turn.failure if turn and ended.outcome == "failed" else ""
    answer = turn.answer if turn and isinstance(request, Ask) and ended.outcome == "answered" else ""
    yield Ended(ended.outcome, answer, failure)


async def news(feed: Feed) -> AsyncGenerator[Answer, None]:
    """The status, and then all that happens, and the status again whenever it has changed."""
    if feed.followers >= FOLLOWERS:
        yield Refused(f"busy: {FOLLOWERS} programs follow already")
        return
    with feed.followed() as follower:
        told = None
        while True:
            if told != (told := feed.status()):
                yield Report(told)
            item: Answer = Heard({})
            # The scope ends before the yield: it must never be open while the reader runs.
            with anyio.move_on_after(STATUS_EVERY_SECONDS):
                item = await follower.next()
            yield item
