"""The language model of any server that speaks OpenAI's protocol: POST chat/completions, server-sent events."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import openai
from anyio import to_thread
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from jetson_voice import config
from jetson_voice.credentials import credential
from jetson_voice.deadlines import with_deadlines
from jetson_voice.language_servers import checked_url, log_prompt, on_this_machine, one_line, shown_url
from jetson_voice.priming import warm_up
from jetson_voice.protocols import Message, StageError

_log = logging.getLogger(__name__)

# What the openai package lets through when an event is no JSON or not of the protocol.
_MALFORMED = (ValueError, TypeError, AttributeError, RecursionError)

KEPT_SECONDS: Final = 2.0
"""llama.cpp closes a connection after 5 s without a question; one that came just then would be lost with it."""


@dataclass(frozen=True)
class Endpoint:
    """Where the model is, what it is called there, and the key if one is asked for."""

    name: str
    url: str
    model: str
    api_key: str | None
    api_key_name: str


class OpenAI:
    """Answers through a server that speaks OpenAI's protocol."""

    def __init__(self, client: openai.AsyncOpenAI, endpoint: Endpoint, settings: config.LanguageModel) -> None:
        self._client = client
        self._endpoint = endpoint
        self._settings = settings

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: config.LanguageModel, system_prompt: str) -> AsyncIterator[OpenAI]:
        """The model; when its server gives no first answer, a line in the log, and later answers will try again."""
        url = checked_url("llm.openai.url", settings.openai.url)
        endpoint = Endpoint(
            name=f"the language model's server at {shown_url(url)}",
            url=url,
            model=settings.openai.model,
            api_key=credential(settings.openai.api_key_name),
            api_key_name=settings.openai.api_key_name,
        )
        async with cls.connected(endpoint, settings) as model:
            try:
                await warm_up(model, system_prompt)
            except StageError as error:
                _log.info("the language model is not ready: %s", error.reason)
            yield model

    @classmethod
    @asynccontextmanager
    async def connected(cls, endpoint: Endpoint, settings: config.LanguageModel) -> AsyncIterator[OpenAI]:
        """The model behind an endpoint, not asked anything yet."""
        # Reading the certificates takes a while, hence the thread.
        async with await to_thread.run_sync(partial(_client_for, endpoint, settings)) as client:
            yield cls(client, endpoint, settings)

    def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer in chunks; closing the generator closes the connection, which ends the server's work on it."""
        return with_deadlines(
            self._words(messages),
            server=self._endpoint.name,
            first_seconds=self._settings.first_token_timeout_seconds,
            next_seconds=self._settings.next_token_timeout_seconds,
        )

    async def _words(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        finished = answering = False
        try:
            async with await self._chat(messages) as chunks, aclosing(_reader_of(chunks)):
                answering = True
                async for chunk in chunks:
                    _log_prompt_of(chunk)
                    for choice in chunk.choices or ():
                        finished = finished or choice.finish_reason is not None
                        if isinstance(choice.delta.content, str) and choice.delta.content:
                            yield choice.delta.content
        except (openai.OpenAIError, *_MALFORMED) as error:
            raise StageError("think", self._explained(error, answering=answering)) from error
        if not finished:
            raise StageError("think", f"{self._endpoint.name} ended its answer before it was done")

    async def _chat(self, messages: Sequence[Message]) -> openai.AsyncStream[ChatCompletionChunk]:
        lines = [{"role": message.role, "content": message.content} for message in messages]
        return await self._client.chat.completions.create(
            model=self._endpoint.model,
            messages=cast("list[ChatCompletionMessageParam]", lines),
            stream=True,
            max_tokens=self._settings.answer_tokens,
            temperature=self._settings.temperature,
        )

    def _explained(self, error: Exception, *, answering: bool) -> str:
        name, model = self._endpoint.name, self._endpoint.model
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return f"{name} {self._refusal()}"
            case openai.NotFoundError():
                return f"{name} has no model '{model}', or its URL is wrong: {_message(error)}"
            case openai.APIStatusError(status_code=status):
                return f"{name} answered {status}: {_message(error)}"
            case openai.APIConnectionError():
                return f"{name} {'broke off its answer' if answering else 'does not answer: is it running?'}"
            case openai.APIError():
                return f"{name} failed while answering: {_message(error)}"
            case _:
                return f"{name} sent what is not its protocol: {one_line(error)}"

    def _refusal(self) -> str:
        key = self._endpoint.api_key_name
        if self._endpoint.api_key:
            return f"refuses the API key {key}"
        return f"wants an API key: give it as the systemd credential or environment variable {key}"


def _client_for(endpoint: Endpoint, settings: config.LanguageModel) -> openai.AsyncOpenAI:
    """A client that tries once. A proxy of the environment is used, except to this machine, where it cannot lead."""
    longest = max(settings.first_token_timeout_seconds, settings.next_token_timeout_seconds)
    connect = settings.connect_timeout_seconds
    # The read timeout is the last resort, so it lies behind the deadlines, which have the better words.
    timeout = openai.Timeout(connect=connect, read=longest + 5.0, write=5.0, pool=connect)
    limits = type(openai.DEFAULT_CONNECTION_LIMITS)(keepalive_expiry=KEPT_SECONDS)
    transport: Any = openai.DefaultAsyncHttpxClient(
        timeout=timeout, trust_env=not on_this_machine(endpoint.url), limits=limits
    )
    # The package insists on a key; a server without one ignores it.
    client = openai.AsyncOpenAI(
        base_url=endpoint.url,
        api_key=endpoint.api_key or "none",
        max_retries=0,
        timeout=timeout,
        http_client=transport,
    )
    # Imports the half of the package that the first request would otherwise wait for.
    _ = client.chat.completions
    return client


def _reader_of(chunks: openai.AsyncStream[ChatCompletionChunk]) -> AsyncGenerator[ChatCompletionChunk, None]:
    """What reads the stream's answer. The stream does not close it, and it is part of a cycle: without this every
    answer that is cut short would wait for the garbage collector with ten generators and their buffers.
    """
    return cast("AsyncGenerator[ChatCompletionChunk, None]", chunks._iterator)  # noqa: SLF001 - there is no other way


def _log_prompt_of(chunk: ChatCompletionChunk) -> None:
    """llama.cpp tells it in the last chunk, other servers do not."""
    match (chunk.model_extra or {}).get("timings"):
        case {"prompt_n": int(new), "prompt_ms": float(milliseconds) | int(milliseconds), "cache_n": int(cached)}:
            log_prompt(new, milliseconds, cached_tokens=cached)
        case _:
            pass


def _message(error: openai.APIError) -> str:
    """What the server says, without the package's frame around it."""
    match error.body:
        case {"message": str(message)} | str(message) if message:
            return one_line(message)
        case _:
            return one_line(error.message)
