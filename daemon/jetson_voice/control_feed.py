"""What is told to whoever follows the assistant: events, wake-word scores, its state. It never waits for a follower."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from anyio import Event as Signal

from jetson_voice.control_protocol import Happened, Heard, Missed, News
from jetson_voice.events import Event, record_of
from jetson_voice.live import Live, Status, Turn
from jetson_voice.sound_settings import SoundSettings

NEWS_WAITING: Final = 64
"""More than one turn of a few sentences; for a follower that reads slower the oldest are dropped and counted."""

SCORES_EVERY_SECONDS: Final = 0.2

SPOKEN: Final = frozenset({"text", "written", "spoken", "heard"})
"""The fields of events that hold what was said."""


@dataclass(eq=False)
class Follower:
    """The news on their way to one who follows."""

    _news: deque[News] = field(default_factory=deque)
    _dropped: int = 0
    _has_come: Signal = field(default_factory=Signal)

    def put(self, news: News) -> None:
        """Add the newest; when NEWS_WAITING wait already, the oldest goes and is counted."""
        if len(self._news) == NEWS_WAITING:
            self._news.popleft()
            self._dropped += 1
        self._news.append(news)
        self._has_come.set()

    async def next(self) -> News:
        """The oldest, waited for; first, how many were dropped before it."""
        while not self._news:
            self._has_come = Signal()
            await self._has_come.wait()
        if self._dropped:
            missed, self._dropped = self._dropped, 0
            return Missed(missed)
        return self._news.popleft()


class Feed:
    """Watches the assistant and tells those who follow."""

    def __init__(self, sound: SoundSettings, *, hears: Callable[[], bool]) -> None:
        self._sound = sound
        self._hears = hears
        self._live = Live()
        self._followers: set[Follower] = set()
        self._highest: dict[str, float] = {}
        self._scores_at = float("-inf")
        self._thresholds: Mapping[str, float] = {}
        self._transcripts = False

    def observer(self, thresholds: Mapping[str, float], *, transcripts: bool) -> Callable[[Event, float], None]:
        """To be told of events; what was said is passed on only with `transcripts`."""
        self._thresholds = dict(thresholds)
        self._transcripts = transcripts
        return self._happened

    def scored(self, scores: Mapping[str, float], at: float) -> None:
        """To be told of every frame's scores and audio time; the highest are passed on every SCORES_EVERY_SECONDS."""
        for word, score in scores.items():
            self._highest[word] = max(score, self._highest.get(word, 0.0))
        if not 0 <= at - self._scores_at < SCORES_EVERY_SECONDS:
            self._tell(Heard({word: round(score, 3) for word, score in self._highest.items()}))
            self._highest.clear()
            self._scores_at = at

    @contextmanager
    def followed(self) -> Generator[Follower, None, None]:
        """Tell somebody the news for as long as this is open."""
        follower = Follower()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    @property
    def followers(self) -> int:
        """How many follow."""
        return len(self._followers)

    @property
    def last_turn(self) -> Turn | None:
        """The last turn with all that was said in it: only for whoever asked it."""
        return self._live.last_turn

    def status(self) -> Status:
        """How the assistant is now."""
        sound, turn = self._sound.sound, self._live.last_turn
        if turn and not self._transcripts:
            turn = replace(turn, said="", answer="")
        return Status(
            state=self._live.state(is_muted=sound.is_muted, hears=self._hears()),
            is_muted=sound.is_muted,
            volume_percent=sound.volume_percent,
            wake_thresholds=self._thresholds,
            turns=self._live.turns,
            last_turn=turn,
        )

    def _happened(self, event: Event, at: float) -> None:
        self._live = self._live.after(event, at)
        self._tell(Happened(without_words(record_of(event, at), transcripts=self._transcripts)))

    def _tell(self, news: News) -> None:
        for follower in self._followers:
            follower.put(news)


def without_words(record: Mapping[str, Any], *, transcripts: bool) -> Mapping[str, Any]:
    """The record of an event; without `transcripts` only how long what was said is, in characters."""
    if transcripts:
        return record
    return {key: len(value) if key in SPOKEN else value for key, value in record.items()}
