"""No turn detector: nothing but the silence counts."""

from __future__ import annotations

from jetson_voice.audio import Clip


class Undecided:
    """A turn detector without an opinion."""

    async def completeness(self, clip: Clip) -> float:
        """Neither complete nor incomplete."""
        del clip
        return 0.5
