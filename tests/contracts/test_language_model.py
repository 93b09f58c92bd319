"""What every language model promises, whether scripted, served, embedded or real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest
from anyio import create_task_group

from jetson_voice.protocols import Message
from language_models import (
    SYSTEM_PROMPT,
    Subject,
    embedded,
    eventually,
    ollama_serving,
    real_ollama,
    scripted,
    served,
    user,
    whole,
)
from ollama_server import OllamaServer
from protocol_server import Done, ProtocolServer, Stall, Word

pytestmark = pytest.mark.anyio

WORDS = ("今天", "天气很好，", "let's go ", "for a walk", "！")
ANSWER = (Stall(0.2), *(step for word in WORDS for step in (Word(word), Stall(0.02))), Done())


@pytest.fixture(scope="session")
def ollama_server(request: pytest.FixtureRequest) -> Iterator[OllamaServer]:
    with ollama_serving(request.getfixturevalue("models_directory")) as server:
        yield server


@pytest.fixture(
    params=[
        "scripted",
        "ollama",
        "openai",
        pytest.param("embedded", marks=pytest.mark.models),
        pytest.param("real ollama", marks=pytest.mark.ollama),
    ]
)
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    match request.param:
        case "scripted":
            async with scripted(WORDS) as opened:
                yield opened
        case "ollama" | "openai" as protocol:
            with ProtocolServer(protocol, answer=ANSWER) as server:
                async with served(protocol, server, "".join(WORDS)) as opened:
                    yield opened
        case "embedded":
            async with embedded(request.getfixturevalue("models_directory")) as opened:
                yield opened
        case _:
            async with real_ollama(request.getfixturevalue("ollama_server")) as opened:
                yield opened


async def test_the_answer_comes_in_pieces(subject: Subject) -> None:
    async with aclosing(subject.model.reply(user("What is the capital of France?"))) as words:
        pieces = [word async for word in words]

    assert len(pieces) > 1
    assert all(pieces)
    assert subject.known_answer in {None, "".join(pieces)}


async def test_an_answer_that_is_cut_short_is_not_generated_to_its_end(subject: Subject) -> None:
    async with aclosing(subject.model.reply(user("Tell me a long story."))) as words:
        await anext(words)
        assert not await subject.is_idle()

    await eventually(subject.is_idle)


async def test_after_an_answer_was_cut_short_the_next_question_is_answered(subject: Subject) -> None:
    for _ in range(3):
        async with aclosing(subject.model.reply(user("Tell me a long story."))) as words:
            await anext(words)

    assert await whole(subject.model.reply(user("Who are you?")))


async def test_a_question_withdrawn_before_the_first_word_leaves_nothing_running(subject: Subject) -> None:
    async with create_task_group() as turn:
        turn.start_soon(whole, subject.model.reply(user("Tell me a long story. " * 50)))
        await eventually(lambda: is_busy(subject))
        turn.cancel_scope.cancel()

    await eventually(subject.is_idle)
    assert await whole(subject.model.reply(user("Who are you?")))


async def test_one_question_after_the_other_is_answered(subject: Subject) -> None:
    first = await whole(subject.model.reply(user("What is the capital of France?")))
    second = await whole(
        subject.model.reply(
            [
                *user("What is the capital of France?"),
                Message("assistant", first),
                Message("user", "And of Spain?"),
            ]
        )
    )
    assert first
    assert second


async def test_a_long_conversation_is_answered(subject: Subject) -> None:
    conversation = [Message("system", SYSTEM_PROMPT)]
    for number in range(20):
        conversation += [Message("user", f"And {number}?"), Message("assistant", f"After it comes {number + 1}.")]

    assert await whole(subject.model.reply([*conversation, Message("user", "And 20?")]))


async def test_chinese_reaches_the_model_and_comes_back_whole(subject: Subject) -> None:
    answer = await whole(subject.model.reply(user("你好！请用中文介绍一下北京。")))

    assert answer
    assert "\N{REPLACEMENT CHARACTER}" not in answer
    assert subject.known_answer in {None, answer}


async def test_a_closed_answer_has_no_more_words(subject: Subject) -> None:
    words = subject.model.reply(user("Tell me a long story."))
    await anext(words)
    await words.aclose()

    assert await anext(words, None) is None


async def is_busy(subject: Subject) -> bool:
    return not await subject.is_idle()
