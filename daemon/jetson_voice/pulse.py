"""Where the parts of the daemon leave word that they work, and the wrappers that do so for them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from anyio import current_time

from jetson_voice.audio import Clip, Frame
from jetson_voice.protocols import Microphone, Speaker, Stage
from jetson_voice.vitals import LONGEST_SECONDS, Vitals, Work


class Pulse:
    """What goes on, noted as it happens; times are the event loop's."""

    def __init__(self) -> None:
        self.loading: list[str] = []
        self.lost: list[str] = []
        self._listening_since: float | None = None
        self._last_frame_at: float | None = None
        self._readers = 0
        self._working: list[tuple[Stage, float, float]] = []

    @property
    def vitals(self) -> Vitals:
        """All of it, now."""
        now = current_time()
        since = self._last_frame_at or self._listening_since
        return Vitals(
            loading=tuple(self.loading),
            is_listening=self._listening_since is not None,
            has_heard=self._last_frame_at is not None,
            waits_for_frame=self._readers > 0,
            frame_age_seconds=0.0 if since is None else now - since,
            working=[Work(stage, now - since, longest) for stage, since, longest in self._working],
            lost=tuple(self.lost),
        )

    def hears(self) -> bool:
        """Whether there is a microphone that gives sound."""
        vitals = self.vitals
        return vitals.has_heard and not vitals.is_soundless

    def listens(self) -> None:
        """From now on frames are expected."""
        self._listening_since = current_time()

    @contextmanager
    def waiting_for_frame(self) -> Generator[None, None, None]:
        """Somebody waits for a frame; left without an error, it has come."""
        self._readers += 1
        try:
            yield
            self._last_frame_at = current_time()
        finally:
            self._readers -= 1

    @contextmanager
    def working(self, stage: Stage, *, more_seconds: float = 0.0) -> Generator[None, None, None]:
        """A stage is at work, and may be for its longest time and so many seconds."""
        work = (stage, current_time(), LONGEST_SECONDS[stage] + more_seconds)
        self._working.append(work)
        try:
            yield
        finally:
            self._working.remove(work)


class AttendedMicrophone:
    """A microphone, and word of every frame."""

    def __init__(self, microphone: Microphone, pulse: Pulse) -> None:
        self._microphone = microphone
        self._pulse = pulse

    async def read(self) -> Frame:
        """The microphone's next frame."""
        with self._pulse.waiting_for_frame():
            return await self._microphone.read()


class AttendedSpeaker:
    """A speaker, and word of when it plays."""

    def __init__(self, speaker: Speaker, pulse: Pulse) -> None:
        self._speaker = speaker
        self._pulse = pulse

    @property
    def position(self) -> float:
        """The speaker's."""
        return self._speaker.position

    def duck(self, *, is_soft: bool) -> None:
        """Play softer, or as before."""
        self._speaker.duck(is_soft=is_soft)

    async def play(self, clip: Clip) -> None:
        """Play the clip."""
        with self._pulse.working("play", more_seconds=clip.seconds):
            await self._speaker.play(clip)
