"""The real control socket, used and abused: whatever a client does, the next one is served."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import anyio
import pytest
from anyio.abc import SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from jetson_voice import control
from jetson_voice.control import CONNECTIONS, ControlError, serve
from jetson_voice.control_desk import FOLLOWERS, Desk
from jetson_voice.control_feed import NEWS_WAITING, Feed
from jetson_voice.control_protocol import MAX_LINE_BYTES, Ask, Missed
from jetson_voice.events import Ready, Requested, SentenceReady, Transcribed, TurnEnded, TurnFailed
from jetson_voice.peers import Welcome, usual_welcome
from jetson_voice.requests import REQUESTS_WAITING, Requests
from jetson_voice.sound_settings import Sound, SoundSettings

pytestmark = pytest.mark.anyio

STRANGER = 65_534
GUESTS = 64_242
AS_SOMEBODY = """
import os, socket, sys
os.setgroups([int(group) for group in sys.argv[3:]])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[2]))
client = socket.socket(socket.AF_UNIX)
client.connect(sys.argv[1])
try:
    client.sendall(b'{"command": "status"}\\n')
except BrokenPipeError:
    pass  # refused before it has said anything
print(client.makefile().readline())
"""


@dataclass
class Service:
    """A service without models: what it is controlled through, and what that works on."""

    path: Path
    desk: Desk

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        async with await anyio.connect_unix(self.path) as stream:
            yield Client(stream)

    async def told(self, request: str | bytes) -> dict[str, Any]:
        """The first reply to a line."""
        async with self.client() as client:
            await client.send(request)
            return await client.next()

    async def is_well(self) -> bool:
        """Whether it tells its status."""
        told = await self.told('{"command": "status"}')
        return bool(told["reply"] == "status")


class Client:
    """A program that is connected."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._lines = BufferedByteReceiveStream(stream)

    async def send(self, line: str | bytes) -> None:
        await self.stream.send((line.encode() if isinstance(line, str) else line) + b"\n")

    async def next(self) -> dict[str, Any]:
        """The next reply; EndOfStream when the service has closed."""
        with anyio.fail_after(10):
            line = await self._lines.receive_until(b"\n", 1_000_000)
        value = json.loads(line)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that everybody may enter, with a name short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
async def service(folder: Path) -> AsyncGenerator[Service, None]:
    async with running(folder) as one:
        yield one
        assert await one.is_well()


@asynccontextmanager
async def running(folder: Path, welcome: Welcome | None = None) -> AsyncIterator[Service]:
    """It serves for as long as this is open."""
    sound = SoundSettings(folder / "sound.json")
    one = Service(folder / "control", Desk(Requests(), sound, Feed(sound, hears=lambda: True)))
    async with anyio.create_task_group() as life:
        life.start_soon(serve, one.path, one.desk, welcome or usual_welcome())
        await until_served(one)
        yield one
        life.cancel_scope.cancel()


async def until_served(one: Service) -> None:
    """It listens, and has room: it notices in its own time that clients have gone; TimeoutError."""
    with anyio.fail_after(5):
        while True:
            with suppress(OSError):
                if await one.is_well():
                    return
            await anyio.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it; TimeoutError."""
    with anyio.fail_after(5):
        while not condition():  # noqa: ASYNC110  nobody tells when a client has gone
            await anyio.sleep(0.01)


async def finish(desk: Desk, *, outcome: Literal["answered", "failed"] = "answered") -> None:
    """An assistant that takes one request."""
    await desk.requests.until_one_waits()
    observe = desk.feed.observer({}, transcripts=False)
    pending = desk.requests.take()
    assert pending
    with pending:
        observe(Requested("ask", pending.request.text), 1.0)
        observe(SentenceReady("Water is wet.", "Water is wet."), 1.5)
        if outcome == "failed":
            observe(TurnFailed("think", "Ollama does not answer"), 1.5)
        pending.ended = TurnEnded(outcome)
        observe(pending.ended, 2.0)


async def test_whoever_asks_learns_that_it_waits_and_how_it_ended(service: Service) -> None:
    async with service.client() as client, anyio.create_task_group() as group:
        await client.send('{"command": "ask", "text": "What is water?"}')
        assert await client.next() == {"reply": "accepted"}
        group.start_soon(finish, service.desk)
        assert await client.next() == {
            "reply": "ended", "outcome": "answered", "answer": "Water is wet.", "reason": ""
        }  # fmt: skip
        with pytest.raises(anyio.IncompleteRead):
            await client.next()


async def test_whoever_asks_is_told_why_it_failed(service: Service) -> None:
    async with service.client() as client, anyio.create_task_group() as group:
        await client.send('{"command": "ask", "text": "What is water?"}')
        await client.next()
        group.start_soon(lambda: finish(service.desk, outcome="failed"))
        ended = await client.next()
    assert (ended["outcome"], ended["reason"]) == ("failed", "think: Ollama does not answer")


async def test_what_is_set_counts_at_once_and_is_kept(service: Service) -> None:
    assert (await service.told('{"command": "mute"}'))["reply"] == "done"
    assert (await service.told('{"command": "volume", "percent": 30}'))["reply"] == "done"
    assert service.desk.sound.sound == Sound(is_muted=True, volume_percent=30)
    assert SoundSettings(service.path.parent / "sound.json").sound == service.desk.sound.sound


async def test_a_setting_that_cannot_be_kept_counts_and_is_told(service: Service) -> None:
    (service.path.parent / "sound.new").mkdir()
    told = await service.told('{"command": "mute"}')
    assert told["text"].startswith("done, but it will be forgotten at the next start")
    assert service.desk.sound.sound.is_muted


async def test_stop_while_idle_says_that_there_is_nothing_to_stop(service: Service) -> None:
    assert await service.told('{"command": "stop"}') == {"reply": "done", "text": "there was nothing to stop"}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "not a JSON object"),
        (b"", "not JSON"),
        (b'{"command": "stpo"}', "did you mean 'stop'?"),
        (b"[" * 60_000, "not JSON"),
    ],
)
async def test_a_malformed_request_is_refused_with_its_reason(service: Service, line: bytes, complaint: str) -> None:
    told = await service.told(line)
    assert told["reply"] == "refused"
    assert complaint in told["reason"]


async def test_a_megabyte_line_is_refused_before_it_is_read(service: Service) -> None:
    async with service.client() as client, anyio.create_task_group() as group:

        async def send() -> None:
            with pytest.raises(anyio.BrokenResourceError):
                await client.stream.send(b"a" * 1_000_000)

        group.start_soon(send)
        assert await client.next() == {
            "reply": "refused", "reason": f"the request is longer than {MAX_LINE_BYTES} bytes"
        }  # fmt: skip


async def test_of_a_hundred_clients_most_are_refused_and_room_comes_back(service: Service) -> None:
    async with AsyncExitStack() as held:
        clients = [await held.enter_async_context(service.client()) for _ in range(100)]
        refusals = [await client.next() for client in clients[CONNECTIONS:]]
        assert {refusal["reason"] for refusal in refusals} == {f"busy: {CONNECTIONS} programs are connected already"}
        await clients[0].send('{"command": "status"}')
        assert (await clients[0].next())["reply"] == "status"
    await until_served(service)


async def test_a_client_that_sends_nothing_is_left(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 0.2)
    async with service.client() as client:
        assert await client.next() == {"reply": "refused", "reason": "no request within 0.2 s"}


async def test_a_client_that_sends_half_a_request_is_left(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 0.2)
    async with service.client() as client:
        await client.stream.send(b'{"command": ')
        assert (await client.next())["reason"] == "no request within 0.2 s"


async def test_a_follower_that_does_not_read_is_left_and_holds_up_nobody(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 0.2)
    observe = service.desk.feed.observer({}, transcripts=True)
    async with service.client() as client:
        await client.send('{"command": "monitor"}')
        await until(lambda: service.desk.feed.followers == 1)
        with anyio.fail_after(20):
            while service.desk.feed.followers:
                for _ in range(100):
                    observe(Transcribed("a" * 1000, "en"), 1.0)
                await anyio.sleep(0.001)


async def test_a_follower_that_is_too_slow_is_told_how_much_it_missed(service: Service) -> None:
    observe = service.desk.feed.observer({}, transcripts=False)
    with service.desk.feed.followed() as follower:
        for _ in range(NEWS_WAITING + 5):
            observe(TurnEnded("answered"), 1.0)
        missed = await follower.next()
    assert missed == Missed(5)


async def test_a_client_that_disconnects_in_mid_request_harms_nobody(service: Service) -> None:
    async with service.client() as client:
        await client.stream.send(b'{"command": "ask", "te')
    async with service.client() as client:
        await client.send('{"command": "ask", "text": "What is water?"}')
        await client.next()
    await finish(service.desk)
    assert service.desk.feed.last_turn


async def test_a_client_that_only_half_closes_is_still_answered(service: Service) -> None:
    async with service.client() as client:
        await client.send('{"command": "status"}')
        await client.stream.send_eof()
        assert (await client.next())["reply"] == "status"


async def test_followers_are_limited_and_the_place_of_one_that_went_is_free_again(service: Service) -> None:
    for _ in range(2):
        async with AsyncExitStack() as held:
            for _ in range(FOLLOWERS):
                client = await held.enter_async_context(service.client())
                await client.send('{"command": "monitor"}')
                assert (await client.next())["reply"] == "status"
            refused = await service.told('{"command": "monitor"}')
            assert refused["reason"] == f"busy: {FOLLOWERS} programs follow already"
        await until(lambda: service.desk.feed.followers == 0)


async def test_too_many_requests_are_refused(service: Service) -> None:
    for _ in range(REQUESTS_WAITING):
        service.desk.requests.put(Ask("again"))
    told = await service.told('{"command": "say", "text": "again"}')
    assert told == {"reply": "refused", "reason": f"busy: {REQUESTS_WAITING} requests wait already"}


async def test_a_follower_sees_events_scores_and_states_and_no_words_unless_allowed(service: Service) -> None:
    feed = service.desk.feed
    observe = feed.observer({"hey jarvis": 0.5}, transcripts=False)
    async with service.client() as client:
        await client.send('{"command": "monitor"}')
        assert (await client.next())["state"] == "loading"
        observe(Ready(), 0.0)
        observe(Transcribed("my secret", "en"), 1.0)
        for frame in range(4):
            feed.scored({"hey jarvis": frame / 10}, frame * 0.08)
        told = [await client.next() for _ in range(5)]
        assert [each["reply"] for each in told] == ["event", "status", "event", "scores", "scores"]
        assert told[1]["state"] == "listening"
        assert told[2]["text"] == len("my secret")
        assert told[4]["scores"] == {"hey jarvis": 0.3}
        await service.told('{"command": "mute"}')
        assert await client.next() == {"reply": "scores", "scores": {}}
        assert (await client.next())["state"] == "muted"


async def test_a_socket_that_a_crash_left_is_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "control"))
    async with running(folder) as one:
        assert one.path.stat().st_mode & 0o777 == 0o660


async def test_a_socket_that_is_served_is_not_taken_away(service: Service) -> None:
    with pytest.raises(ControlError, match="another jetson-voice runs"):
        await serve(service.path, service.desk, usual_welcome())


async def test_a_file_in_the_sockets_place_is_left_alone(folder: Path) -> None:
    (folder / "control").write_text("mine")
    sound = SoundSettings(folder / "sound.json")
    with pytest.raises(ControlError, match="is no socket"):
        await serve(folder / "control", Desk(Requests(), sound, Feed(sound, hears=lambda: True)), usual_welcome())
    assert (folder / "control").read_text() == "mine"


async def test_the_socket_lets_the_group_in_though_the_umask_does_not(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        async with running(folder / "new") as one:
            assert one.path.stat().st_mode & 0o777 == 0o660
            assert one.path.parent.stat().st_mode & 0o777 == 0o750
    finally:
        os.umask(before)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


async def ask_as_somebody(one: Service, *, groups: list[int]) -> str:
    """What a process of another user is told, or why it cannot connect."""

    def ask() -> str:
        arguments = [str(one.path), *(str(number) for number in (STRANGER, *groups))]
        ended = subprocess.run(
            [sys.executable, "-c", AS_SOMEBODY, *arguments], capture_output=True, text=True, check=False, timeout=20
        )
        return ended.stdout or ended.stderr

    return await anyio.to_thread.run_sync(ask)


@needs_root
async def test_a_strangers_program_cannot_connect(service: Service) -> None:
    assert "PermissionError" in await ask_as_somebody(service, groups=[])


@needs_root
async def test_a_stranger_who_gets_through_is_refused(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.path.chmod(0o666)
    told = json.loads(await ask_as_somebody(service, groups=[]))
    assert told == {"reply": "refused", "reason": "only root and the group jetson-voice may control the service"}
    assert f"a program of user {STRANGER} was refused" in caplog.text


@needs_root
async def test_a_member_of_the_group_is_served(folder: Path) -> None:
    async with running(folder, Welcome(frozenset({0}), GUESTS)) as one:
        one.path.chmod(0o666)
        told = json.loads(await ask_as_somebody(one, groups=[GUESTS]))
    assert told["reply"] == "status"


async def test_an_error_that_nobody_foresaw_ends_one_connection_only(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(service.desk.requests, "stop", lambda: 1 / 0)
        with pytest.raises(anyio.IncompleteRead):
            await service.told('{"command": "stop"}')
    assert "unexpected error at the control socket" in caplog.text
