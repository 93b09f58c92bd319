"""The lines of the control socket: what goes in comes out, and what is wrong is told on one line."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.control_protocol import (
    Accepted,
    Answer,
    Ask,
    Done,
    Ended,
    GetStatus,
    Happened,
    Heard,
    Missed,
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
    line_of,
    reply_in,
    request_in,
)
from jetson_voice.live import Status, Turn

TURN = Turn("answered", "水是什么？", "Water.", "", {"endpoint": 800, "think": 300}, 1400)
REQUESTS: list[Request] = [
    GetStatus(), Stop(), Mute(), Unmute(), SetVolume(0), SetVolume(100), Say("你好"), Ask("a\nb"), Monitor(),
]  # fmt: skip
REPLIES: list[Answer] = [
    Done("silent"), Refused("busy"), Accepted(), Ended("answered", "Water.", ""), Heard({"hey jarvis": 0.5}),
    Missed(3), Happened({"event": "wake_heard", "at": 1.0, "word": "hey jarvis"}),
    Report(Status("listening", is_muted=False, volume_percent=80, wake_thresholds={"a": 0.5}, turns=1, last_turn=TURN)),
    Report(Status("loading", is_muted=True, volume_percent=80, wake_thresholds={}, turns=0, last_turn=None)),
]  # fmt: skip


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_is_read_as_it_was_written(request_: Request) -> None:
    line = line_of(request_)
    assert line.count(b"\n") == 1
    assert request_in(line) == request_


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_is_read_as_it_was_written(reply: Answer) -> None:
    line = line_of(reply)
    assert line.count(b"\n") == 1
    assert reply_in(line) == reply


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"stop", "not JSON: "),
        (b"", "not JSON: "),
        (b"[" * 60_000, "not JSON: "),
        (b'["stop"]', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"\xff\xfe", "not UTF-8 at byte 0"),
        (b"{}", "command: missing; "),
        (b'{"command": "stpo"}', "did you mean 'stop'?"),
        (b'{"command": ["stop"]}', "command: unknown"),
        (b'{"command": "stop", "now": true}', "stop: unknown 'now'; there is nothing to set"),
        (b'{"command": "say", "txt": "a"}', "say: unknown 'txt'; did you mean 'text'?"),
        (b'{"command": "say"}', "say: 'text' must be a text"),
        (b'{"command": "ask", "text": 3}', "ask: 'text' must be a text"),
        (b'{"command": "ask", "text": " "}', "the text is empty"),
        (b'{"command": "volume", "percent": "loud"}', "volume: 'percent' must be a whole number"),
        (b'{"command": "volume", "percent": true}', "volume: 'percent' must be a whole number"),
        (b'{"command": "volume", "percent": 101}', "volume: 101 is not between 0 and 100"),
    ],
)
def test_what_is_no_request_is_told_on_one_line(line: bytes, complaint: str) -> None:
    with pytest.raises(ProtocolError) as error:
        request_in(line)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@given(st.binary())
def test_no_bytes_are_worse_than_a_protocol_error(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        request_in(line)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.sampled_from(["say", "volume"])
)


@given(st.dictionaries(st.sampled_from(["command", "text", "percent", "x"]), VALUES))
def test_any_object_is_a_request_or_a_protocol_error(value: dict[str, Any]) -> None:
    with suppress(ProtocolError):
        request = request_in(json.dumps(value).encode())
        assert request_in(line_of(request)) == request


@pytest.mark.parametrize("line", [b'{"reply": "sung"}', b'{"reply": "ended", "how": 1}', b'{"reply": "status"}'])
def test_a_service_of_another_version_is_told(line: bytes) -> None:
    with pytest.raises(ProtocolError, match="this version does not know"):
        reply_in(line)
