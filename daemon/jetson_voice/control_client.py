"""Speaks to the running service through its socket, as a program of the command line does: blocking."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from jetson_voice.control_protocol import Answer, ProtocolError, Request, line_of, reply_in
from jetson_voice.peers import GROUP
from jetson_voice.runtime_paths import sockets_of_services

CONNECT_SECONDS: Final = 5.0


class ServiceError(Exception):
    """The service did not do what it was asked; one line that says why and what to do."""


class NoServiceError(ServiceError):
    """No service runs."""


def answers(request: Request) -> Generator[Answer, None, None]:
    """What the service replies to a request, as it comes; NoServiceError, ServiceError."""
    with connected() as connection:
        # A service that refuses at once has closed before it read: what it said is still there.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(line_of(request))
        yield from replies_on(connection)


def replies_on(connection: socket.socket) -> Generator[Answer, None, None]:
    """Everything that comes until the service closes."""
    with connection.makefile("rb") as lines:
        try:
            for line in lines:
                yield reply_in(line)
        except ProtocolError as error:
            raise ServiceError(str(error)) from error
        except ConnectionResetError:
            return


@contextmanager
def connected() -> Generator[socket.socket, None, None]:
    """A connection to the service of this session, or to the one of this machine."""
    *others, last = sockets_of_services()
    for path in others:
        with suppress(NoServiceError):
            connection = connected_to(path)
            break
    else:
        connection = connected_to(last)
    with connection:
        yield connection


def connected_to(path: Path) -> socket.socket:
    """A connection to this socket; NoServiceError when nobody listens there, ServiceError when we may not."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(str(path))
        connection.settimeout(None)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        connection.close()
        raise NoServiceError(f"no service runs (nobody listens at {path}): systemctl start jetson-voice") from error
    except PermissionError as error:
        connection.close()
        raise ServiceError(
            f"you may not control the service ({path}): join the group {GROUP}, and log in anew"
        ) from error
    except OSError as error:
        connection.close()
        raise ServiceError(f"the service does not answer ({path}): {error}") from error
    return connection
