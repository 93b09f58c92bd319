"""Which options take effect while the daemon runs, and which need a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from jetson_voice.config import Config


@dataclass(frozen=True)
class Reload:
    """What to run on from now on, and the keys that were changed in vain until a restart."""

    config: Config
    needs_restart: tuple[str, ...]


def reloaded(running: Config, read: Config) -> Reload:
    """Take over what needs no model and no device to be opened again."""
    opened = running.listen
    listen = replace(read.listen, speech_threshold=opened.speech_threshold, turn_detector=opened.turn_detector)
    config = replace(running, listen=listen, conversation=read.conversation, log=read.log)
    return Reload(config, tuple(differences(config, read)))


def differences(one: Any, other: Any, prefix: str = "") -> Iterator[str]:  # noqa: ANN401  a section or a value
    """The dotted keys in which two configurations differ."""
    for field in fields(one):
        key, left, right = f"{prefix}{field.name}", getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(left):
            yield from differences(left, right, f"{key}.")
        elif left != right:
            yield key
