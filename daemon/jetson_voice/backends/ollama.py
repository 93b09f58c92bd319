"""The language model of an Ollama server, in its native protocol: POST /api/chat, a JSON object a line."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import asdict
from functools import partial
from types import MappingProxyType
from typing import Any, cast

import httpx
import ollama
from anyio import to_thread

from jetson_voice import config
from jetson_voice.deadlines import with_deadlines
from jetson_voice.language_servers import checked_url, log_prompt, one_line, shown_url
from jetson_voice.priming import warm_up
from jetson_voice.protocols import Message, StageError

_log = logging.getLogger(__name__)

# What the ollama package lets through when a line is no JSON, no object, or not of the protocol.
_MALFORMED = (ValueError, TypeError, AttributeError, RecursionError)
_FAILURES = (ollama.ResponseError, httpx.HTTPError, ConnectionError, *_MALFORMED)

_KEEP_LOADED = -1
_NANOSECONDS_OF_A_MS = 1e6


class Ollama:
    """Answers through Ollama; every request carries the same options, or Ollama would reload the model."""

    def __init__(self, client: ollama.AsyncClient, settings: config.LanguageModel) -> None:
        self._client = client
        self._settings = settings
        self._server = f"Ollama at {shown_url(settings.ollama.url)}"
        self._options: Mapping[str, Any] = MappingProxyType(
            {
                "num_ctx": settings.context_tokens,
                "num_predict": settings.answer_tokens,
                "temperature": settings.temperature,
            }
        )
        self._thinks: bool | None = None

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: config.LanguageModel, system_prompt: str) -> AsyncIterator[Ollama]:
        """The model, loaded where Ollama runs; where not, a line in the log, and later answers will try again."""
        checked_url("llm.ollama.url", settings.ollama.url)
        # Reading the certificates takes a while, hence the thread.
        async with await to_thread.run_sync(partial(_client_for, settings)) as client:
            model = cls(client, settings)
            try:
                await warm_up(model, system_prompt)
            except StageError as error:
                _log.info("the language model is not ready: %s", error.reason)
            yield model

    def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer in chunks; closing the generator closes the connection, which ends Ollama's work on it."""
        return with_deadlines(
            self._words(messages),
            server=self._server,
            first_seconds=self._settings.first_token_timeout_seconds,
            next_seconds=self._settings.next_token_timeout_seconds,
        )

    async def is_loaded(self) -> bool:
        """Whether Ollama has the model in memory; False when it does not answer."""
        model = self._settings.ollama.model
        try:
            listed = await self._client.ps()
        except _FAILURES:
            return False
        return any(each.model in {model, f"{model}:latest"} for each in listed.models)

    async def _words(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        done = False
        try:
            async with aclosing(await self._chat(messages)) as chunks:
                async for chunk in chunks:
                    done = bool(chunk.done)
                    if done:
                        log_prompt(chunk.prompt_eval_count, (chunk.prompt_eval_duration or 0) / _NANOSECONDS_OF_A_MS)
                    if chunk.message.content:
                        yield chunk.message.content
        except _FAILURES as error:
            raise StageError("think", self._explained(error)) from error
        if not done:
            raise StageError("think", f"{self._server} ended its answer before it was done")

    async def _chat(self, messages: Sequence[Message]) -> AsyncGenerator[ollama.ChatResponse, None]:
        chunks = await self._client.chat(
            self._settings.ollama.model,
            [asdict(message) for message in messages],
            stream=True,
            think=await self._think(),
            options=self._options,
            keep_alive=_KEEP_LOADED,
        )
        return cast("AsyncGenerator[ollama.ChatResponse, None]", chunks)

    async def _think(self) -> bool | None:
        """False for a model that would think before it speaks; to any other, Ollama refuses to be told."""
        if self._thinks is None:
            with suppress(ollama.ResponseError, *_MALFORMED):
                shown = await self._client.show(self._settings.ollama.model)
                self._thinks = "thinking" in (shown.capabilities or ())
        return False if self._thinks else None

    def _explained(self, error: Exception) -> str:
        model = self._settings.ollama.model
        match error:
            case ollama.ResponseError(status_code=404) if "model" in str(error.error):
                return f"Ollama has no model '{model}': run `ollama pull {model}`"
            case ollama.ResponseError(status_code=-1):
                return f"{self._server} failed while answering: {one_line(error.error)}"
            case ollama.ResponseError(status_code=status):
                return f"{self._server} answered {status}: {one_line(error.error)}"
            case httpx.ConnectError() | httpx.ConnectTimeout() | ConnectionError():
                return f"{self._server} does not answer: is it running?"
            case httpx.HTTPError():
                return f"{self._server} broke off its answer: {one_line(error) or type(error).__name__}"
            case _:
                return f"{self._server} sent what is not its protocol: {one_line(error)}"


def _client_for(settings: config.LanguageModel) -> ollama.AsyncClient:
    """A client that knows its server's address from us alone: neither OLLAMA_HOST nor a proxy is asked."""
    longest = max(settings.first_token_timeout_seconds, settings.next_token_timeout_seconds)
    connect = settings.connect_timeout_seconds
    # The read timeout is the last resort, so it lies behind the deadlines, which have the better words.
    timeout = httpx.Timeout(connect=connect, read=longest + 5.0, write=5.0, pool=connect)
    return ollama.AsyncClient(host=settings.ollama.url, timeout=timeout, trust_env=False)
