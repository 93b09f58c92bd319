"""What is done about the assistant's own voice in the microphone: a table, name to builder, the default first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final

from jetson_voice.audio import Echo
from jetson_voice.backends.speexdsp import SpeexDsp, loaded
from jetson_voice.echo.cancelled import Annotated, EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import Microphone, StartError

log = logging.getLogger("jetson_voice")


@contextmanager
def _speex(microphone: Microphone, reference: Reference) -> Iterator[Microphone]:
    with SpeexDsp.opened() as canceller:
        yield EchoCancelled(microphone, reference, canceller)


@contextmanager
def _speex_if_there(microphone: Microphone, reference: Reference) -> Iterator[Microphone]:
    try:
        loaded()
    except StartError as problem:
        log.warning("%s; it hears itself, and is hard to interrupt", problem)
        opening = _as_it_is(microphone, reference)
    else:
        opening = _speex(microphone, reference)
    with opening as heard:
        yield heard


def _cancelled_by_device(microphone: Microphone, reference: Reference) -> AbstractContextManager[Microphone]:
    return nullcontext(Annotated(microphone, reference, Echo.DEVICE))


def _as_it_is(microphone: Microphone, reference: Reference) -> AbstractContextManager[Microphone]:
    return nullcontext(Annotated(microphone, reference, Echo.RAW))


ECHOES: Final[Mapping[str, Callable[[Microphone, Reference], AbstractContextManager[Microphone]]]] = {
    "auto": _speex_if_there,
    "speex": _speex,
    "device": _cancelled_by_device,
    "off": _as_it_is,
}
