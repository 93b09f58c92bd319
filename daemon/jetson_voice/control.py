"""The control socket: programs of root, the daemon's user and its group ask here. No client can harm the daemon.

One connection is one request. A client is bounded in what it may send, in time and in number; whatever is wrong with
it is told to it on one line.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Final, NoReturn

import anyio
from anyio.abc import SocketAttribute, SocketStream

from jetson_voice.control_desk import Desk, replies
from jetson_voice.control_protocol import MAX_LINE_BYTES, Answer, ProtocolError, Refused, line_of, request_in
from jetson_voice.peers import GROUP, Welcome, gid_of, peer_of, usual_welcome

CONNECTIONS: Final = 16
PATIENCE_SECONDS: Final = 5.0
"""A client that sends no request, or does not read what it is told, for so long is left."""

SOCKET_MODE: Final = 0o660
DIRECTORY_MODE: Final = 0o750

log = logging.getLogger(__name__)


class ControlError(Exception):
    """The socket cannot be opened; one line that says why."""


async def obey(path: Path, desk: Desk) -> NoReturn:
    """Serve for ever; where there can be no socket, say so once: the assistant needs none."""
    try:
        await serve(path, desk, usual_welcome())
    except (ControlError, OSError) as problem:
        log.warning("this service cannot be controlled: %s", problem)
    await anyio.sleep_forever()
    raise AssertionError


async def serve(path: Path, desk: Desk, welcome: Welcome) -> None:
    """Serve those who are welcome for ever; ControlError when another service is there, OSError."""
    places = anyio.Semaphore(CONNECTIONS)
    with own_directory(path.parent):
        listener = await anyio.create_unix_listener(free(path), mode=SOCKET_MODE)
        async with listener, anyio.create_task_group() as clients:
            give_to_group(path)
            log.info("controlled through %s", path)
            while True:
                try:
                    connection = await listener.accept()
                except OSError as error:  # of too many open files, for one
                    log.warning("a program could not be served: %s", error)
                    await anyio.sleep(1)
                else:
                    clients.start_soon(serve_one, connection, desk, welcome, places)


@contextmanager
def own_directory(directory: Path) -> Generator[None, None, None]:
    """The directory of the socket, ours for as long as this is open; ControlError when another service has it."""
    if not directory.exists():
        directory.mkdir(parents=True)
        directory.chmod(DIRECTORY_MODE)
        give_to_group(directory)
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock(opened, directory)
        yield
    finally:
        os.close(opened)


def lock(opened: int, directory: Path) -> None:
    """Lock it until it is closed, be it by a crash; ControlError when somebody else has."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ControlError(f"another jetson-voice runs and has {directory}") from error


def free(path: Path) -> Path:
    """The path, a socket that a crash has left there taken away; ControlError when it is anything else."""
    if path.is_socket():
        path.unlink()
    if path.exists():
        raise ControlError(f"{path} is there and is no socket")
    return path


def give_to_group(path: Path) -> None:
    """Let the group in where there is one; a user who runs the daemon by hand is in their own."""
    gid = gid_of(GROUP)
    if gid is not None:
        with suppress(PermissionError):
            os.chown(path, -1, gid)


async def serve_one(connection: SocketStream, desk: Desk, welcome: Welcome, places: anyio.Semaphore) -> None:
    """Serve one client, whatever it does."""
    try:
        async with connection:
            await serve_if_room(connection, desk, welcome, places)
    except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream):
        log.debug("a program went, or was left, before it had been told all")
    except Exception:  # no client may end the daemon
        log.warning("unexpected error at the control socket", exc_info=True)


async def serve_if_room(connection: SocketStream, desk: Desk, welcome: Welcome, places: anyio.Semaphore) -> None:
    """Serve it, unless too many are served already."""
    try:
        places.acquire_nowait()
    except anyio.WouldBlock:
        await tell(connection, Refused(f"busy: {CONNECTIONS} programs are connected already"))
        return
    try:
        await answer_request(connection, desk, welcome)
    finally:
        places.release()


async def answer_request(connection: SocketStream, desk: Desk, welcome: Welcome) -> None:
    """Read the one request and tell its replies; those of what the client gets wrong, too."""
    peer = peer_of(connection.extra(SocketAttribute.raw_socket))  # noqa: S610  no Django here
    if not welcome.includes(peer):
        log.warning("a program of user %d was refused at the control socket", peer.uid)
        await tell(connection, Refused(f"only root and the group {GROUP} may control the service"))
        return
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            request = request_in(await read_line(connection))
    except ProtocolError as error:
        await tell(connection, Refused(str(error)))
    except TimeoutError:
        await tell(connection, Refused(f"no request within {PATIENCE_SECONDS:g} s"))
    else:
        await tell_all(connection, replies(request, desk))


async def read_line(connection: SocketStream) -> bytes:
    """The line that comes; ProtocolError when it is too long, EndOfStream when it never ends."""
    line = bytearray()
    while b"\n" not in line:
        if len(line) >= MAX_LINE_BYTES:
            raise ProtocolError(f"the request is longer than {MAX_LINE_BYTES} bytes")
        line += await connection.receive(MAX_LINE_BYTES)
    return bytes(line.partition(b"\n")[0])


async def tell_all(connection: SocketStream, answers: AsyncGenerator[Answer, None]) -> None:
    """Tell the replies as they come."""
    async with aclosing(answers):
        async for answer in answers:
            await tell(connection, answer)


async def tell(connection: SocketStream, answer: Answer) -> None:
    """Send one line; TimeoutError when it is not read."""
    with anyio.fail_after(PATIENCE_SECONDS):
        await connection.send(line_of(answer))
