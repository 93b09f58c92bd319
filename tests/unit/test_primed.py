"""A language model that comes and goes: scripted in virtual time, and behind a server that really goes away."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest
from anyio import create_task_group, current_time, sleep
from trio.testing import MockClock

from jetson_voice.backends.ollama import Ollama
from jetson_voice.config import LanguageModel
from jetson_voice.config import Ollama as OllamaServer
from jetson_voice.notices import MESSAGE_IDS
from jetson_voice.primed import LANGUAGE_MODEL, Primed
from jetson_voice.protocols import Message, StageError
from jetson_voice.pulse import Pulse
from language_models import eventually
from protocol_server import ProtocolServer

PROMPT = "Be brief."


@dataclass
class ComesAndGoes:
    """A server that is there between the times given, and what it was asked when."""

    there: Sequence[tuple[float, float]]
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        now = current_time() - self.began_at
        self.asked.append((now, messages[-1].content))
        if not any(begin <= now < end for begin, end in self.there):
            raise StageError("think", "Ollama does not answer: is it running?")
        await sleep(0.1)
        yield "Hello."

    def __post_init__(self) -> None:
        self.began_at = current_time()

    @property
    def primed_at(self) -> list[float]:
        """When it was asked for nothing but to be warm."""
        return [at for at, text in self.asked if text == "Hi"]


@dataclass
class Unloads(ComesAndGoes):
    """One that forgets its model at a time, until it is asked again."""

    unloads_at: float = float("inf")

    async def is_loaded(self) -> bool:
        now = current_time() - self.began_at
        return now < self.unloads_at or self.asked[-1][0] > max(begin for begin, _ in self.there)


async def ask(model: Primed) -> str:
    async with aclosing(model.reply([Message("system", PROMPT), Message("user", "Who are you?")])) as words:
        return "".join([word async for word in words])


def notices(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The notices so far, by name."""
    names = {identity: name for name, identity in MESSAGE_IDS.items()}
    return [names[vars(record)["MESSAGE_ID"]] for record in caplog.records if "MESSAGE_ID" in vars(record)]


@pytest.mark.parametrize("anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0)})], ids=["virtual"])
class TestInVirtualTime:
    pytestmark = pytest.mark.anyio

    async def test_a_server_that_comes_late_is_primed_when_it_is_there(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        pulse = Pulse()
        server = ComesAndGoes([(60, 1000)])
        model = Primed(server, pulse, system_prompt=lambda: PROMPT)
        async with create_task_group() as life:
            life.start_soon(model.watch)
            await sleep(1)
            assert list(pulse.vitals.lost) == [LANGUAGE_MODEL]
            await sleep(120)
            assert not pulse.vitals.lost
            life.cancel_scope.cancel()
        assert server.primed_at == [0, 2, 6, 14, 30, 60], "less and less often, then no more"
        assert notices(caplog) == ["language_model_lost", "language_model_back"]

    async def test_after_a_failed_answer_it_is_primed_again(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        pulse = Pulse()
        server = ComesAndGoes([(0, 10), (15, 1000)])
        model = Primed(server, pulse, system_prompt=lambda: PROMPT)
        async with create_task_group() as life:
            life.start_soon(model.watch)
            await sleep(5)
            assert await ask(model) == "Hello."
            await sleep(6)
            with pytest.raises(StageError, match="is it running"):
                await ask(model)
            assert list(pulse.vitals.lost) == [LANGUAGE_MODEL]
            await sleep(60)
            assert not pulse.vitals.lost
            life.cancel_scope.cancel()
        first, *later = server.primed_at
        assert first == 0
        assert later[-1] > 15
        assert len([at for at in later if at > 15]) == 1
        assert notices(caplog) == ["language_model_lost", "language_model_back"]

    async def test_a_model_that_its_server_unloaded_is_primed_again_before_anybody_asks(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        server = Unloads([(0, 100), (110, 1000)], unloads_at=100)
        model = Primed(server, Pulse(), system_prompt=lambda: PROMPT)
        async with create_task_group() as life:
            life.start_soon(model.watch)
            await sleep(99)
            assert server.primed_at == [0], "as long as it is loaded, it is left alone"
            await sleep(200)
            life.cancel_scope.cancel()
        assert len(server.primed_at) == 2
        assert 110 < server.primed_at[1] < 140
        assert notices(caplog) == [], "nobody has missed it"

    async def test_an_answer_that_comes_before_the_next_attempt_shows_that_it_is_back(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        server = ComesAndGoes([(3, 1000)])
        model = Primed(server, Pulse(), system_prompt=lambda: PROMPT)
        async with create_task_group() as life:
            life.start_soon(model.watch)
            await sleep(4)
            assert await ask(model) == "Hello."
            assert not model.is_lost
            assert notices(caplog) == ["language_model_lost", "language_model_back"]
            life.cancel_scope.cancel()


@pytest.mark.anyio
async def test_ollama_is_asked_whether_the_model_is_loaded() -> None:
    settings = LanguageModel(ollama=OllamaServer(model="llama3"))
    for loaded, expected in ((["llama3:latest"], True), (["llama3"], True), (["qwen2.5:7b"], False), ([], False)):
        with ProtocolServer("ollama", models=loaded) as server:
            async with Ollama.opened(replace(settings, ollama=replace(settings.ollama, url=server.url)), "") as ollama:
                assert await ollama.is_loaded() is expected, loaded
    async with Ollama.opened(replace(settings, ollama=replace(settings.ollama, url=server.url)), "") as ollama:
        assert not await ollama.is_loaded(), "it is not there any more"


@pytest.mark.anyio
async def test_an_ollama_that_is_killed_and_comes_back_has_the_system_prompt_in_its_cache_again() -> None:
    with ProtocolServer("ollama") as once:
        port, url = once.port, once.url
    settings = LanguageModel(ollama=OllamaServer(url=url))
    async with Ollama.opened(settings, PROMPT) as ollama, create_task_group() as life:
        model = Primed(ollama, Pulse(), system_prompt=lambda: PROMPT)
        life.start_soon(model.watch)
        with pytest.raises(StageError, match="is it running"):
            await ask(model)
        with ProtocolServer("ollama", port=port) as server:

            async def is_back() -> bool:
                return not model.is_lost

            await eventually(is_back)
            chats = [request for request in server.requests if "messages" in request]
            assert chats[-1]["messages"][0] == {"role": "system", "content": PROMPT}
        life.cancel_scope.cancel()
