"""Every language model there is, opened the same way: for the contract, and for tests of one alone."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import httpx
import pytest
from anyio import fail_after, sleep

from jetson_voice import config
from jetson_voice.backends.embedded import Embedded
from jetson_voice.backends.ollama import Ollama
from jetson_voice.backends.openai import OpenAI
from jetson_voice.protocols import LanguageModel, Message
from ollama_server import OllamaServer
from protocol_server import ProtocolServer
from scripted import Answer, ScriptedLanguageModel

SYSTEM_PROMPT = "You are a helpful assistant. 你是一个语音助手。"
OLLAMA_MODEL = "smollm2"


@dataclass(frozen=True)
class Subject:
    """A language model under test; whether anything is being generated where it runs; its words if they are known."""

    model: LanguageModel
    is_idle: Callable[[], Awaitable[bool]]
    known_answer: str | None = None


@asynccontextmanager
async def scripted(words: tuple[str, ...]) -> AsyncIterator[Subject]:
    model = ScriptedLanguageModel([Answer(words)] * 9)

    async def is_idle() -> bool:
        return model.open_streams == 0

    yield Subject(model, is_idle, "".join(words))


@asynccontextmanager
async def served(protocol: Literal["ollama", "openai"], server: ProtocolServer, answer: str) -> AsyncIterator[Subject]:
    async def is_idle() -> bool:
        return server.answering == 0

    async with opened(protocol, server.url) as model:
        yield Subject(model, is_idle, answer)


@asynccontextmanager
async def embedded(models_directory: Path, limits: config.LanguageModel | None = None) -> AsyncIterator[Subject]:
    async with Embedded.opened(limits or settings(), models_directory, SYSTEM_PROMPT) as model:
        endpoint = model._model._endpoint

        async def is_idle() -> bool:
            async with httpx.AsyncClient(trust_env=False) as client:
                slots = await client.get(
                    f"{endpoint.url.removesuffix('/v1')}/slots",
                    headers={"Authorization": f"Bearer {endpoint.api_key}"},
                )
                return not any(slot["is_processing"] for slot in slots.json())

        yield Subject(model, is_idle)


@asynccontextmanager
async def real_ollama(server: OllamaServer, limits: config.LanguageModel | None = None) -> AsyncIterator[Subject]:
    async def is_idle() -> bool:
        before = server.runner_cpu_seconds()
        await sleep(0.3)
        return server.runner_cpu_seconds() - before < 0.03

    async with opened("ollama", server.url, limits) as model:
        yield Subject(model, is_idle)


@contextmanager
def ollama_serving(models_directory: Path) -> Iterator[OllamaServer]:
    """A real server of Ollama that has the starter's language model."""
    binary = os.environ.get("JETSON_VOICE_OLLAMA")
    if not binary:
        pytest.skip("JETSON_VOICE_OLLAMA does not name a server of Ollama: tests/build_ollama.sh builds one")
    with OllamaServer(Path(binary)) as server:
        server.create(OLLAMA_MODEL, models_directory / settings().embedded.model)
        yield server


def opened(
    protocol: Literal["ollama", "openai"],
    url: str,
    limits: config.LanguageModel | None = None,
    model: str = OLLAMA_MODEL,
) -> AbstractAsyncContextManager[LanguageModel]:
    """The backend for a protocol, asking the server at this URL."""
    wanted = replace(
        limits or settings(),
        ollama=config.Ollama(url=url, model=model),
        openai=config.OpenAI(url=url, model=model, api_key_name="JETSON_VOICE_TEST_KEY"),
    )
    if protocol == "ollama":
        return Ollama.opened(wanted, SYSTEM_PROMPT)
    return OpenAI.opened(wanted, SYSTEM_PROMPT)


def settings(
    *,
    answer_tokens: int = 64,
    first_token_timeout_seconds: float = 90.0,
    next_token_timeout_seconds: float = 10.0,
) -> config.LanguageModel:
    """The starter's model with short answers, and without chance, which makes it say nothing now and then."""
    return config.LanguageModel(
        temperature=0.0,
        context_tokens=2048,
        answer_tokens=answer_tokens,
        first_token_timeout_seconds=first_token_timeout_seconds,
        next_token_timeout_seconds=next_token_timeout_seconds,
    )


def user(text: str) -> list[Message]:
    """A conversation that begins."""
    return [Message("system", SYSTEM_PROMPT), Message("user", text)]


async def whole(words: AsyncGenerator[str, None]) -> str:
    """The answer to its end."""
    async with aclosing(words):
        return "".join([word async for word in words])


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait until it holds."""
    with fail_after(seconds):
        while True:
            if await condition():
                return
            await sleep(0.01)
