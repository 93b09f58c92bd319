"""A small real HTTP server that speaks Ollama's or OpenAI's protocol by a script, also badly; it sees who leaves."""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Protocol, TypeAlias

from typing_extensions import Self, assert_never

from jetson_voice.priming import NO_QUESTION

NEVER = float("inf")


@dataclass(frozen=True)
class Word:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True)
class Endless:
    """The same piece again and again, until the reader leaves."""

    text: str
    seconds: float = 0.01


@dataclass(frozen=True)
class Raw:
    """A line that the protocol does not know."""

    line: bytes


@dataclass(frozen=True)
class Failure:
    """The protocol's own way to say, in the middle of an answer, that it has failed."""

    message: str


@dataclass(frozen=True)
class Stall:
    """Nothing, for so long or until the reader leaves."""

    seconds: float = NEVER


@dataclass(frozen=True)
class Cut:
    """The connection is closed in the middle of the answer."""


@dataclass(frozen=True)
class Done:
    """The protocol's end of an answer; without it the stream ends cleanly all the same."""


Step: TypeAlias = Word | Endless | Raw | Failure | Stall | Cut | Done


@dataclass(frozen=True)
class Refusal:
    """No answer, but a status and a body."""

    status: int
    body: bytes


Script: TypeAlias = Sequence[Step] | Refusal


class Dialect(Protocol):
    """How a protocol writes things."""

    def word(self, text: str) -> bytes: ...
    def failure(self, message: str) -> bytes: ...
    def done(self) -> bytes: ...
    def no_model(self, name: str) -> Refusal: ...


class OllamaDialect:
    """A JSON object a line (ollama, docs/api.md)."""

    def word(self, text: str) -> bytes:
        return self._line({"message": {"role": "assistant", "content": text}, "done": False})

    def failure(self, message: str) -> bytes:
        return self._line({"error": message})

    def done(self) -> bytes:
        return self._line({"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"})

    def no_model(self, name: str) -> Refusal:
        return Refusal(404, self._line({"error": f"model '{name}' not found"}))

    def _line(self, value: dict[str, Any]) -> bytes:
        return json.dumps({"model": "m", **value} if "message" in value else value).encode() + b"\n"


class OpenAIDialect:
    """Server-sent events (platform.openai.com, chat streaming)."""

    def word(self, text: str) -> bytes:
        return self._event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})

    def failure(self, message: str) -> bytes:
        return self._event({"error": {"message": message, "type": "server_error"}})

    def done(self) -> bytes:
        return self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + b"data: [DONE]\n\n"

    def no_model(self, name: str) -> Refusal:
        body = {"error": {"message": f"The model '{name}' does not exist", "code": "model_not_found"}}
        return Refusal(404, json.dumps(body).encode())

    def _event(self, value: dict[str, Any]) -> bytes:
        return b"data: " + json.dumps(value).encode() + b"\n\n"


@dataclass
class ProtocolServer:
    """Answers every request by `answer`, or every real question by the next of `script` while there is one."""

    protocol: Literal["ollama", "openai"]
    answer: Script = (Word("Hello"), Word(" there"), Word("."), Done())
    script: deque[Script] = field(default_factory=deque)
    capabilities: Sequence[str] = ("completion",)
    models: Sequence[str] = ()
    """What it lists; those of Ollama are loaded."""

    gpu_share: float = 1.0
    """How much of each loaded model is on the GPU, from 0 to 1."""

    api_key: str = ""
    """The key without which it lists nothing."""

    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """What came as Authorization with each request for an answer."""

    left: list[dict[str, Any]] = field(default_factory=list)
    """Requests whose reader closed the connection before the answer's end."""

    answering: int = 0
    """Answers being given now."""

    connections: set[socket.socket] = field(default_factory=set)
    """Open connections."""

    def __enter__(self) -> Self:
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        server: ProtocolServer = self

        class Connection(_Connection):
            owner = server

        self._http = ThreadingHTTPServer(("127.0.0.1", self.port), Connection)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Closes every connection: to its clients, the server has been killed."""
        self.stopping.set()
        self._http.shutdown()
        self._thread.join()
        with self.lock:
            for connection in self.connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._http.server_close()

    @property
    def url(self) -> str:
        """As the configuration names it."""
        return f"http://127.0.0.1:{self.port}{'/v1' if self.protocol == 'openai' else ''}"

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The requests of somebody who wants to know something."""
        return [request for request in self.requests if not is_priming(request["messages"])]

    @property
    def dialect(self) -> Dialect:
        return OpenAIDialect() if self.protocol == "openai" else OllamaDialect()


def is_priming(messages: Sequence[Mapping[str, str]]) -> bool:
    """Whether nobody asks: the daemon wants its prompt to be read, and leaves after the first word."""
    return messages[-1]["content"] == NO_QUESTION


class _Connection(BaseHTTPRequestHandler):
    """One client's connection, in a thread of its own."""

    owner: ProtocolServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.owner.lock:
            self.owner.connections.add(self.connection)

    def finish(self) -> None:
        with self.owner.lock:
            self.owner.connections.discard(self.connection)
        super().finish()

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.owner.paths.append(self.path)
        match self.path:
            case "/api/show":
                self._send(Refusal(200, json.dumps(self._shown()).encode()))
            case "/api/chat" | "/v1/chat/completions":
                self.owner.requests.append(request)
                self.owner.keys.append(self.headers.get("Authorization", ""))
                is_scripted = self.owner.script and not is_priming(request["messages"])
                self._answer(request, self.owner.script.popleft() if is_scripted else self.owner.answer)
            case _:
                self._send(Refusal(404, b"404 page not found"))

    def do_GET(self) -> None:
        sizes = [
            {"name": name, "model": name, "size": 1000, "size_vram": int(1000 * self.owner.gpu_share)}
            for name in self.owner.models
        ]
        if self.owner.api_key and self.headers.get("Authorization") != f"Bearer {self.owner.api_key}":
            self._send(Refusal(401, b'{"error": {"message": "wrong key"}}'))
            return
        match self.path:
            case "/api/version":
                self._send(Refusal(200, b'{"version": "0.33.0"}'))
            case "/api/tags" | "/api/ps":
                self._send(Refusal(200, json.dumps({"models": sizes}).encode()))
            case "/v1/models":
                listed = [{"id": name, "object": "model"} for name in self.owner.models]
                self._send(Refusal(200, json.dumps({"object": "list", "data": listed}).encode()))
            case _:
                self._send(Refusal(404, b"404 page not found"))

    def _shown(self) -> dict[str, Any]:
        return {"model_info": {}, "capabilities": list(self.owner.capabilities)}

    def _answer(self, request: dict[str, Any], script: Script) -> None:
        if isinstance(script, Refusal):
            self._send(script)
            return
        with self.owner.lock:
            self.owner.answering += 1
        try:
            self._stream(script)
        except ConnectionError:
            with self.owner.lock:
                self.owner.left.append(request)
            self.close_connection = True
        finally:
            with self.owner.lock:
                self.owner.answering -= 1

    def _send(self, answer: Refusal) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _stream(self, script: Sequence[Step]) -> None:
        self.send_response(200)
        self.send_header(
            "Content-Type", "text/event-stream" if self.owner.protocol == "openai" else "application/x-ndjson"
        )
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for step in script:
            self._take(step)
            if self.close_connection or self.owner.stopping.is_set():
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    def _take(self, step: Step) -> None:
        dialect = self.owner.dialect
        match step:
            case Word(text):
                self._write(dialect.word(text))
            case Endless(text, seconds):
                while not self.owner.stopping.is_set():
                    self._write(dialect.word(text))
                    self._wait(seconds)
            case Raw(line):
                self._write(line)
            case Failure(message):
                self._write(dialect.failure(message))
            case Stall(seconds):
                self._wait(seconds)
            case Cut():
                self.close_connection = True
            case Done():
                self._write(dialect.done())
            case _:
                assert_never(step)

    def _write(self, data: bytes) -> None:
        self._check_reader()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _wait(self, seconds: float) -> None:
        """Wait so long, but ConnectionError as soon as the reader leaves."""
        until = time.monotonic() + seconds
        while not self.owner.stopping.is_set() and (left := until - time.monotonic()) > 0:
            select.select([self.connection], [], [], min(left, 0.02))
            self._check_reader()

    def _check_reader(self) -> None:
        readable, _, _ = select.select([self.connection], [], [], 0)
        if readable and not self.connection.recv(1, socket.MSG_PEEK):
            raise ConnectionResetError
