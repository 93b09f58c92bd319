"""A real server of Ollama."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest
from anyio import fail_after

from jetson_voice.primed import MayUnload
from jetson_voice.protocols import StageError
from language_models import OLLAMA_MODEL, eventually, ollama_serving, opened, real_ollama, settings, user, whole
from ollama_server import OllamaServer

pytestmark = [pytest.mark.anyio, pytest.mark.ollama]

STORY = user("Tell me a very long story about the sea.")
LONG = settings(answer_tokens=1500)


@pytest.fixture(scope="module")
def server(models_directory: Path) -> Iterator[OllamaServer]:
    with ollama_serving(models_directory) as running:
        yield running


async def test_a_cold_model_is_loaded_at_start_once_and_stays(models_directory: Path) -> None:
    with ollama_serving(models_directory) as server:
        assert await loaded(server.url) == []
        async with opened("ollama", server.url) as model:
            [warm] = await loaded(server.url)
            await whole(model.reply(user("Who are you?")))
            await whole(model.reply(user("And who am I?")))
            [still] = await loaded(server.url)
            assert isinstance(model, MayUnload)
            assert await model.is_loaded()

        assert warm["name"] == still["name"] == f"{OLLAMA_MODEL}:latest"
        # Ollama writes "for ever" as a time centuries away; the ordinary one is five minutes.
        assert int(still["expires_at"][:4]) > datetime.now(tz=timezone.utc).year + 100
        assert server.log.count("llama runner started") == 1, "a request has made Ollama load the model again"


async def test_a_missing_model_is_named_with_the_remedy(server: OllamaServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jetson_voice")
    async with opened("ollama", server.url, model="nobody/has-this:7b") as model:
        remedy = "Ollama has no model 'nobody/has-this:7b': run `ollama pull nobody/has-this:7b`"
        assert f"the language model is not ready: {remedy}" in caplog.messages
        with pytest.raises(StageError) as failure:
            await whole(model.reply(user("Who are you?")))
        assert failure.value.reason == remedy


async def test_an_answer_cut_short_frees_the_runner(server: OllamaServer) -> None:
    async with real_ollama(server, LONG) as subject:
        async with aclosing(subject.model.reply(STORY)) as words:
            for _ in range(5):
                await anext(words)
            assert not await subject.is_idle()

        await eventually(subject.is_idle, 15.0)
        # One slot: the next answer would have to wait for the end of a story that went on.
        with fail_after(60.0):
            async with aclosing(subject.model.reply(user("Who are you?"))) as words:
                assert await anext(words)


async def test_an_impatient_deadline_fails_the_turn_and_the_next_one_is_answered(server: OllamaServer) -> None:
    hurried = replace(settings(), first_token_timeout_seconds=0.1)
    async with opened("ollama", server.url, hurried) as model:
        with pytest.raises(StageError, match=r"stalled: no word for 0\.1 s"):
            await whole(model.reply(user("Tell me a story. " * 150)))

    async with opened("ollama", server.url) as model:
        assert await whole(model.reply(user("Who are you?")))


async def test_a_runner_that_is_killed_fails_the_turn_and_the_next_one_is_answered(server: OllamaServer) -> None:
    async with opened("ollama", server.url, LONG) as model:
        async with aclosing(model.reply(STORY)) as words:
            await anext(words)
            for runner in runners(server):
                os.kill(runner, signal.SIGKILL)
            with pytest.raises(StageError) as failure:
                async for _ in words:
                    pass
        assert "\n" not in failure.value.reason
        assert await whole(model.reply(user("Who are you?")))


async def test_a_server_that_is_killed_fails_the_turn_and_is_asked_again_when_it_is_back(
    models_directory: Path,
) -> None:
    with ollama_serving(models_directory) as server:
        async with opened("ollama", server.url, LONG) as model:
            async with aclosing(model.reply(STORY)) as words:
                await anext(words)
                server.kill()
                with pytest.raises(StageError, match="broke off its answer"):
                    async for _ in words:
                        pass

            with pytest.raises(StageError, match="does not answer: is it running"):
                await whole(model.reply(user("Who are you?")))
            with back_again(server):
                assert await whole(model.reply(user("Who are you?")))


async def loaded(url: str) -> list[dict[str, str]]:
    """What Ollama holds in memory."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{url}/api/ps")
        models: list[dict[str, str]] = answer.json()["models"]
        return models


def runners(server: OllamaServer) -> set[int]:
    """The processes that compute for the server."""
    assert server._process
    return set(server._members()) - {server._process.pid}


@contextmanager
def back_again(server: OllamaServer) -> Iterator[None]:
    """A server that was killed runs again, at the same address and with the same models."""
    directory = Path(server._directory.name)
    with subprocess.Popen(
        [server._binary, "serve"],
        env={
            "PATH": os.defpath,
            "HOME": str(directory),
            "OLLAMA_HOST": server.url,
            "OLLAMA_MODELS": str(directory / "models"),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
                client.get(f"{server.url}/api/version").raise_for_status()
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
