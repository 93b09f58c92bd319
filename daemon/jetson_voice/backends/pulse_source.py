"""Which source PulseAudio, or PipeWire in its place, takes this process's recording from.

When a microphone is unplugged the server moves the recording to another source and says nothing;
when there is no other microphone it is a speaker's monitor, and the assistant would hear itself.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Sequence
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint8, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Final

# libpulse's def.h and subscribe.h.
NO_AUTOSPAWN: Final = 1
READY: Final = 4
FAILED: Final = 5
TERMINATED: Final = 6
SOURCE_OUTPUTS: Final = 0x20
NOT_A_MONITOR: Final = 0xFFFFFFFF


@dataclass(frozen=True)
class Source:
    """Something that can be recorded; a monitor is what a speaker plays."""

    name: str
    is_monitor: bool


class PulseSource(threading.Thread):
    """Follows the source of this process's one recording, from `start` on for as long as the server lives."""

    def __init__(self) -> None:
        super().__init__(name="source", daemon=True)
        self.source: Source | None = None
        """None: no libpulse, no server, or the recording is not the server's."""
        self.asked = threading.Event()
        """Set when `source` is known, or known to be None."""

    def run(self) -> None:
        """Follow it."""
        try:
            _Client(self._tell).run()
        except (OSError, AttributeError, MemoryError):
            # No libpulse, one without these functions, or a sandbox that forbids callbacks.
            self._tell(None)

    def _tell(self, source: Source | None) -> None:
        self.source = source
        self.asked.set()


class _Client:
    """A connection to the server; everything happens in the thread of `run`, in libpulse's callbacks."""

    def __init__(self, tell: Callable[[Source | None], None]) -> None:
        self._tell = tell
        self._pulse = _library()
        self._source_index: int | None = None
        # libpulse keeps these pointers for as long as the connection lives.
        self._state_changed = _StateChanged(self._on_state)
        self._recordings_changed = _RecordingsChanged(lambda *_: self._ask())
        self._recording_listed = _RecordingListed(self._on_recording)
        self._source_told = _SourceTold(self._on_source)

    def run(self) -> None:
        """Tell the source now and whenever it changes; None and back when there is no connection (any more)."""
        pulse = self._pulse
        self._loop = pulse.pa_mainloop_new()
        self._context = pulse.pa_context_new(pulse.pa_mainloop_get_api(self._loop), b"jetson-voice")
        pulse.pa_context_set_state_callback(self._context, self._state_changed, None)
        if pulse.pa_context_connect(self._context, None, NO_AUTOSPAWN, None) >= 0:
            pulse.pa_mainloop_run(self._loop, None)
        self._tell(None)

    def _on_state(self, context: int, _: int) -> None:
        state = self._pulse.pa_context_get_state(context)
        if state == READY:
            self._pulse.pa_context_set_subscribe_callback(context, self._recordings_changed, None)
            self._begun(self._pulse.pa_context_subscribe(context, SOURCE_OUTPUTS, None, None))
            self._ask()
        elif state in {FAILED, TERMINATED}:
            self._pulse.pa_mainloop_quit(self._loop, 0)

    def _ask(self) -> None:
        self._source_index = None
        self._begun(
            self._pulse.pa_context_get_source_output_info_list(self._context, self._recording_listed, None),
        )

    def _on_recording(self, context: int, recording: Sequence[_Recording], is_end: int, _: int) -> None:
        if not is_end:
            owner = self._pulse.pa_proplist_gets(recording[0].properties, b"application.process.id")
            if owner == str(os.getpid()).encode():
                self._source_index = recording[0].source
        elif self._source_index is None:
            self._tell(None)
        else:
            self._begun(
                self._pulse.pa_context_get_source_info_by_index(context, self._source_index, self._source_told, None),
            )

    def _on_source(self, _context: int, source: Sequence[_SourceInfo], is_end: int, _: int) -> None:
        if is_end == 0:
            name = source[0].name.decode(errors="replace")
            self._tell(Source(name, is_monitor=source[0].monitor_of_sink != NOT_A_MONITOR))

    def _begun(self, operation: int | None) -> None:
        if operation:
            self._pulse.pa_operation_unref(operation)


class _SampleSpec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _ChannelMap(Structure):
    _fields_ = (("channels", c_uint8), ("map", c_int * 32))


class _Volume(Structure):
    _fields_ = (("channels", c_uint8), ("values", c_uint32 * 32))


class _Recording(Structure):
    """The beginning of pa_source_output_info (introspect.h)."""

    _fields_ = (
        *(("index", c_uint32), ("name", c_char_p), ("owner_module", c_uint32), ("client", c_uint32)),
        *(("source", c_uint32), ("sample_spec", _SampleSpec), ("channel_map", _ChannelMap)),
        *(("buffer_usec", c_uint64), ("source_usec", c_uint64), ("resample_method", c_char_p)),
        *(("driver", c_char_p), ("properties", c_void_p)),
    )


class _SourceInfo(Structure):
    """The beginning of pa_source_info (introspect.h)."""

    _fields_ = (
        *(("name", c_char_p), ("index", c_uint32), ("description", c_char_p), ("sample_spec", _SampleSpec)),
        *(("channel_map", _ChannelMap), ("owner_module", c_uint32), ("volume", _Volume), ("mute", c_int)),
        ("monitor_of_sink", c_uint32),
    )


_StateChanged = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
_RecordingsChanged = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_uint32, c_void_p)
_RecordingListed = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Recording), c_int, c_void_p)
_SourceTold = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_SourceInfo), c_int, c_void_p)


def _library() -> ctypes.CDLL:
    """libpulse, its functions typed; OSError without it, AttributeError when it is another one."""
    pulse = ctypes.CDLL("libpulse.so.0")
    for name, result, *arguments in (
        ("pa_mainloop_new", c_void_p),
        ("pa_mainloop_get_api", c_void_p, c_void_p),
        ("pa_mainloop_run", c_int, c_void_p, c_void_p),
        ("pa_mainloop_quit", None, c_void_p, c_int),
        ("pa_context_new", c_void_p, c_void_p, c_char_p),
        ("pa_context_set_state_callback", None, c_void_p, _StateChanged, c_void_p),
        ("pa_context_connect", c_int, c_void_p, c_char_p, c_int, c_void_p),
        ("pa_context_get_state", c_int, c_void_p),
        ("pa_context_set_subscribe_callback", None, c_void_p, _RecordingsChanged, c_void_p),
        ("pa_context_subscribe", c_void_p, c_void_p, c_int, c_void_p, c_void_p),
        ("pa_context_get_source_output_info_list", c_void_p, c_void_p, _RecordingListed, c_void_p),
        ("pa_context_get_source_info_by_index", c_void_p, c_void_p, c_uint32, _SourceTold, c_void_p),
        ("pa_proplist_gets", c_char_p, c_void_p, c_char_p),
        ("pa_operation_unref", None, c_void_p),
    ):
        function = getattr(pulse, name)
        function.restype, function.argtypes = result, arguments
    return pulse
