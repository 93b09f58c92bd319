"""A language model's server that is absent, broken or slow: one clear line, and the next question is answered."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator
from contextlib import aclosing
from types import AsyncGeneratorType
from typing import Literal, TypeAlias

import pytest
from anyio import create_task_group

from jetson_voice.protocols import StageError, StartError
from language_models import OLLAMA_MODEL, SYSTEM_PROMPT, eventually, opened, settings, user, whole
from protocol_server import Cut, Done, Endless, Failure, ProtocolServer, Raw, Refusal, Script, Stall, Word

pytestmark = pytest.mark.anyio

Protocol: TypeAlias = Literal["ollama", "openai"]
PROTOCOLS: tuple[Protocol, ...] = ("ollama", "openai")
BOTH = pytest.mark.parametrize("protocol", PROTOCOLS)
IMPATIENT = settings(first_token_timeout_seconds=1.5, next_token_timeout_seconds=1.0)

FAILURES: dict[str, tuple[Script, str]] = {
    "a line of no protocol": (
        (Word("Hello"), Raw(b"data: {broken\n\n"), Done()),
        r"sent what is not its protocol: ",
    ),
    "a value of no protocol": (
        (Word("Hello"), Raw(b"data: [1, 2]\n\n"), Done()),
        r"sent what is not its protocol: ",
    ),
    "an error in the middle": (
        (Word("Hello"), Failure("out of\nmemory")),
        r"failed while answering: out of memory$",
    ),
    "no first word": ((Stall(), Done()), r"stalled: no word for 1\.5 s$"),
    "no second word": ((Word("Hello"), Stall(), Done()), r"stalled: no word for 1 s$"),
    "a cut connection": ((Word("Hello"), Cut()), r"broke off its answer"),
    "no end": ((Word("Hello"),), r"ended its answer before it was done$"),
    "an empty stream": ((), r"ended its answer before it was done$"),
    "busy": (Refusal(503, b'{"error": "server busy, please try again"}'), r"answered 503: .*server busy"),
    "broken": (Refusal(500, b"<html>\n<p>" + b"sorry " * 100 + b"</p>\n</html>"), r"answered 500: .*sorry"),
}


@BOTH
@pytest.mark.parametrize(("script", "reason"), FAILURES.values(), ids=FAILURES.keys())
async def test_a_failing_answer_is_one_clear_line_and_the_next_one_comes(
    protocol: Protocol, script: Script, reason: str
) -> None:
    if protocol == "ollama" and isinstance(script, tuple):
        script = tuple(Raw(step.line[6:-1]) if isinstance(step, Raw) else step for step in script)
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url, IMPATIENT) as model:
            server.script.append(script)
            with pytest.raises(StageError) as failure:
                await whole(model.reply(user("Hello?")))

            assert failure.value.stage == "think"
            assert re.search(reason, failure.value.reason), failure.value.reason
            assert server.url in failure.value.reason
            assert "\n" not in failure.value.reason
            assert len(failure.value.reason) < 350
            assert await whole(model.reply(user("Hello?"))) == "Hello there."


@BOTH
@pytest.mark.parametrize("words", [(Stall(),), (Word("Hello"), Stall())], ids=["before it began", "in the middle"])
async def test_a_stalled_server_is_left(protocol: Protocol, words: Script) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url, IMPATIENT) as model:
            await forget_warm_up(server)
            server.script.append(words)
            with pytest.raises(StageError, match="stalled"):
                await whole(model.reply(user("Hello?")))

            async def left() -> bool:
                return len(server.left) == 1

            await eventually(left)


@BOTH
async def test_an_answer_that_is_cut_short_closes_its_connection(protocol: Protocol) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url) as model:
            await forget_warm_up(server)
            server.script.append((Endless("on and on "),))
            async with aclosing(model.reply(user("Hello?"))) as words:
                for _ in range(5):
                    await anext(words)
                assert server.answering == 1

            async def left() -> bool:
                return len(server.left) == 1 and not server.connections

            await eventually(left)


@BOTH
async def test_a_turn_cancelled_while_it_waits_for_a_word_closes_its_connection(protocol: Protocol) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url) as model:
            await forget_warm_up(server)
            server.script.append((Stall(),))

            async def asked() -> bool:
                return server.answering == 1

            async def left() -> bool:
                return len(server.left) == 1 and not server.connections

            async with create_task_group() as turn:
                turn.start_soon(whole, model.reply(user("Hello?")))
                await eventually(asked)
                turn.cancel_scope.cancel()
            await eventually(left)


@BOTH
async def test_an_absent_server_is_one_line_at_start_and_answers_when_it_comes(
    protocol: Protocol, caplog: pytest.LogCaptureFixture
) -> None:
    with ProtocolServer(protocol) as once:
        port, url = once.port, once.url

    with caplog.at_level(logging.INFO, "jetson_voice"):
        async with opened(protocol, url) as model:
            [line] = caplog.records
            assert "does not answer: is it running?" in line.getMessage()

            with pytest.raises(StageError, match="does not answer: is it running"):
                await whole(model.reply(user("Hello?")))
            with ProtocolServer(protocol, port=port):
                assert await whole(model.reply(user("Hello?"))) == "Hello there."


@BOTH
async def test_a_server_that_is_killed_in_the_middle_and_comes_back_is_asked_again(protocol: Protocol) -> None:
    server = ProtocolServer(protocol)
    with server:
        port = server.port
        async with opened(protocol, server.url) as model:
            server.script.append((Word("Hello"), Stall()))
            async with aclosing(model.reply(user("Hello?"))) as words:
                assert await anext(words) == "Hello"
                server.__exit__()
                with pytest.raises(StageError, match=r"broke off its answer"):
                    await anext(words)

            with ProtocolServer(protocol, port=port):
                assert await whole(model.reply(user("Hello?"))) == "Hello there."


async def test_a_model_that_ollama_has_not_is_named_with_the_remedy() -> None:
    with ProtocolServer("ollama") as server:
        server.answer = server.dialect.no_model(OLLAMA_MODEL)
        async with opened("ollama", server.url) as model:
            with pytest.raises(StageError, match=r"^think: Ollama has no model 'smollm2': run `ollama pull smollm2`$"):
                await whole(model.reply(user("Hello?")))


async def test_a_model_that_the_server_has_not_is_named() -> None:
    with ProtocolServer("openai") as server:
        server.answer = server.dialect.no_model(OLLAMA_MODEL)
        async with opened("openai", server.url) as model:
            with pytest.raises(StageError, match=r"has no model 'smollm2'"):
                await whole(model.reply(user("Hello?")))


@pytest.mark.parametrize("path", ["/somewhere", "/v2"])
async def test_a_url_that_leads_elsewhere_is_told(path: str) -> None:
    with ProtocolServer("ollama") as server:
        async with opened("ollama", server.url + path) as model:
            with pytest.raises(StageError, match=rf"{path} answered 404: 404 page not found$"):
                await whole(model.reply(user("Hello?")))


@pytest.mark.parametrize("url", ["", "localhost:11434", "ftp://localhost", "http://", "http://localhost:99999"])
@BOTH
async def test_what_is_no_url_is_told_at_start(protocol: Protocol, url: str) -> None:
    with pytest.raises(StartError, match=rf"^llm\.{protocol}\.url: "):
        async with opened(protocol, url):
            pass


async def test_a_key_is_sent_and_a_refused_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JETSON_VOICE_TEST_KEY", "the-key")
    with ProtocolServer("openai") as server:
        async with opened("openai", server.url) as model:
            assert await whole(model.reply(user("Hello?"))) == "Hello there."
            assert set(server.keys) == {"Bearer the-key"}

            server.answer = Refusal(401, b'{"error": {"message": "no such key: the-key"}}')
            with pytest.raises(StageError, match=r"refuses the API key JETSON_VOICE_TEST_KEY$"):
                await whole(model.reply(user("Hello?")))


async def test_a_server_that_wants_a_key_when_there_is_none_is_told() -> None:
    with ProtocolServer("openai", answer=Refusal(401, b"{}")) as server:
        async with opened("openai", server.url) as model:
            with pytest.raises(StageError, match=r"wants an API key: .* JETSON_VOICE_TEST_KEY$"):
                await whole(model.reply(user("Hello?")))


@BOTH
async def test_the_warm_up_reads_the_system_prompt_and_leaves_after_the_first_word(protocol: Protocol) -> None:
    with ProtocolServer(protocol, answer=(Endless("on and on "),)) as server:
        async with opened(protocol, server.url):

            async def left() -> bool:
                return len(server.left) == 1

            await eventually(left)
            [request] = server.requests
            assert request["messages"][0] == {"role": "system", "content": SYSTEM_PROMPT}


async def test_every_request_to_ollama_carries_the_same_options() -> None:
    with ProtocolServer("ollama") as server:
        async with opened("ollama", server.url) as model:
            await whole(model.reply(user("Hello?")))
            await whole(model.reply(user("And you?")))

    warm_up, *answers = [
        {key: request[key] for key in ("model", "options", "keep_alive")} for request in server.requests
    ]
    assert answers == [warm_up, warm_up]
    assert warm_up["options"] == {"num_ctx": 2048, "num_predict": 64, "temperature": settings().temperature}
    assert warm_up["keep_alive"] == -1


@pytest.mark.parametrize(("capabilities", "think"), [(("completion",), None), (("completion", "thinking"), False)])
async def test_only_a_model_that_thinks_is_told_not_to(capabilities: tuple[str, ...], think: bool | None) -> None:
    with ProtocolServer("ollama", capabilities=capabilities) as server:
        async with opened("ollama", server.url) as model:
            await whole(model.reply(user("Hello?")))

    assert [request.get("think") for request in server.requests] == [think, think]
    assert server.paths.count("/api/show") == 1


@BOTH
async def test_the_environment_leads_no_request_astray(protocol: Protocol, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OLLAMA_HOST", "OPENAI_BASE_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url) as model:
            assert await whole(model.reply(user("Hello?"))) == "Hello there."


@BOTH
async def test_a_connection_is_kept_for_the_next_question(protocol: Protocol) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url) as model:
            await whole(model.reply(user("Hello?")))

            async def only_one() -> bool:
                return len(server.connections) == 1

            # That of the warm-up is gone; its answer was not read to the end.
            await eventually(only_one)
            before = set(server.connections)
            await whole(model.reply(user("And you?")))
            assert set(server.connections) == before


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Garbage waits until the test has ended: collected in the thread of the server, a generator of the packages may be
    one that trio is just closing.
    """
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
@BOTH
async def test_nothing_of_an_answer_that_was_cut_short_waits_for_the_garbage_collector(protocol: Protocol) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url) as model:

            async def nothing_is_read() -> bool:
                return not being_read()

            await eventually(nothing_is_read, seconds=5)  # the warm-up is cut short, too
            server.script.append((Word("Once"), Word(" upon"), Stall()))
            async with aclosing(model.reply(user("Tell me a long story."))) as words:
                await anext(words)
                assert being_read()
            await eventually(nothing_is_read, seconds=5)


def being_read() -> list[object]:
    """The readers of responses that have begun and not ended."""
    begun = (each for each in gc.get_objects() if isinstance(each, AsyncGeneratorType) and each.ag_frame)
    return [each for each in begun if each.__qualname__ == "Response.aiter_raw"]


@pytest.mark.parametrize("anyio_backend", ["trio"])
@pytest.mark.usefixtures("uncollected")
# Both packages leave the inner ones of their nested generators to the garbage collector, which trio reports.
@pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")
@BOTH
async def test_it_is_the_same_on_trio(protocol: Protocol) -> None:
    with ProtocolServer(protocol) as server:
        async with opened(protocol, server.url, IMPATIENT) as model:
            await forget_warm_up(server)
            server.script.append((Word("Hello"), Stall()))
            with pytest.raises(StageError, match="stalled"):
                await whole(model.reply(user("Hello?")))

            async def left() -> bool:
                return len(server.left) == 1 and not server.connections

            await eventually(left)
            assert await whole(model.reply(user("Hello?"))) == "Hello there."


async def forget_warm_up(server: ProtocolServer) -> None:
    """Wait until the server knows that the reader of the warm-up has left, and count from here."""

    async def over() -> bool:
        return server.answering == 0

    await eventually(over)
    server.left.clear()
