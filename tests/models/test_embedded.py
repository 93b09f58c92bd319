"""llama.cpp in the daemon's process, on real weights."""

from __future__ import annotations

import os
import re
import signal
import threading
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from anyio import current_time, to_thread

from jetson_voice import config
from jetson_voice.backends.embedded import Embedded
from jetson_voice.protocols import StartError
from language_models import SYSTEM_PROMPT, embedded, eventually, settings, user, whole

pytestmark = [pytest.mark.anyio, pytest.mark.models]

STORY = user("Tell me a very long story about the sea.")
LONG = settings(answer_tokens=1500)


async def test_an_answer_cut_short_frees_the_processor_long_before_it_would_have_ended(models_directory: Path) -> None:
    async with embedded(models_directory, LONG) as subject:
        began_at = current_time()
        async with aclosing(subject.model.reply(STORY)) as words:
            for _ in range(20):
                await anext(words)
            twenty_words = current_time() - began_at
            assert not await subject.is_idle()

        closed_at = current_time()
        await eventually(subject.is_idle)
        # Its 1500 tokens would have taken some 75 times as long.
        assert current_time() - closed_at < 20 * twenty_words


async def test_nobody_without_the_key_can_ask_it(models_directory: Path) -> None:
    async with Embedded.opened(settings(), models_directory, SYSTEM_PROMPT) as model:
        url = model._model._endpoint.url
        assert re.match(r"http://127\.0\.0\.1:\d+/v1$", url)
        async with httpx.AsyncClient(trust_env=False) as stranger:
            answer = await stranger.post(f"{url}/chat/completions", json={"messages": []})
            assert answer.status_code == 401


async def test_when_it_closes_nothing_of_it_stays(models_directory: Path) -> None:
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    of_python = threading.active_count()
    async with Embedded.opened(LONG, models_directory, SYSTEM_PROMPT) as model:
        url = model._model._endpoint.url
        words = model.reply(STORY)
        await anext(words)
        # Left open on purpose: what follows must not wait for the end of this answer.

    await words.aclose()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
    # The thread pools of OpenMP and of the event loop stay; the server's own threads do not.
    assert len(os.listdir("/proc/self/task")) <= threads + os.cpu_count() + 2  # type: ignore[operator]  # noqa: PTH208
    assert threading.active_count() <= of_python + 2


async def test_it_leaves_the_signals_of_the_daemon_alone(models_directory: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    async with Embedded.opened(settings(), models_directory, SYSTEM_PROMPT):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
        caught = int(re.search(r"SigCgt:\s*(\w+)", await status_of_this_process())[1], 16)  # type: ignore[index]
        assert not caught >> (signal.SIGTERM - 1) & 1


async def test_it_opens_again_after_it_was_closed(models_directory: Path) -> None:
    for _ in range(2):
        async with Embedded.opened(settings(), models_directory, SYSTEM_PROMPT) as model:
            assert await whole(model.reply(user("Who are you?")))


@pytest.mark.parametrize("kept", [0, 3, 20, 100_000, 90_000_000])
async def test_a_model_that_was_cut_off_is_refused_in_one_line(
    models_directory: Path, tmp_path: Path, kept: int
) -> None:
    weights = (models_directory / settings().embedded.model).read_bytes()

    reason = await refusal(tmp_path, weights[:kept])

    assert "is not a GGUF file" in reason if kept < 4 else "damaged or incomplete" in reason
    assert "run `jetson-voice models pull`" in reason


async def test_a_model_with_a_damaged_table_is_refused_in_one_line(models_directory: Path, tmp_path: Path) -> None:
    weights = bytearray((models_directory / settings().embedded.model).read_bytes())
    weights[2000:3000] = bytes(range(250)) * 4

    assert "damaged or incomplete" in await refusal(tmp_path, bytes(weights))


async def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "is not a GGUF file" in await refusal(tmp_path, b"<!DOCTYPE html><html>not found</html>")


async def test_a_model_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    assert re.search(r"there is no /.*broken\.gguf: run `jetson-voice models pull`", await refusal(tmp_path, None))


async def test_a_folder_in_the_models_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").mkdir()

    assert "cannot be read: Is a directory" in await refusal(tmp_path, None)


async def refusal(directory: Path, content: bytes | None) -> str:
    """The one line with which a file of this content is refused."""
    if content is not None:
        await to_thread.run_sync((directory / "broken.gguf").write_bytes, content)
    broken = replace(settings(), embedded=config.Embedded(model="broken.gguf"))
    with pytest.raises(StartError, match=r"^llm\.embedded\.model: .*broken\.gguf") as error:
        async with Embedded.opened(broken, directory, SYSTEM_PROMPT):
            pass
    assert "\n" not in str(error.value)
    return str(error.value)


async def status_of_this_process() -> str:
    return await to_thread.run_sync(Path("/proc/self/status").read_text)
