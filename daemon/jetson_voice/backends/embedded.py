"""llama.cpp inside the daemon: its own server on a loopback port, spoken to in OpenAI's protocol."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import xllamacpp
from anyio import CancelScope, to_thread

from jetson_voice import config
from jetson_voice.backends.openai import Endpoint, OpenAI
from jetson_voice.priming import warm_up
from jetson_voice.protocols import Message, StageError, StartError

_log = logging.getLogger(__name__)

_OPTION = "llm.embedded.model"
_GGUF_MAGIC = b"GGUF"
_SILENT, _INFORMATIVE = -1, 3
_NO_THINKING = 0


class Embedded:
    """Answers through llama.cpp, which runs in this process as long as this is open."""

    def __init__(self, model: OpenAI) -> None:
        self._model = model

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: config.LanguageModel, models_directory: Path, system_prompt: str
    ) -> AsyncIterator[Embedded]:
        """The model of a GGUF file, loaded and warm; StartError when it cannot be loaded."""
        path = _path_of(settings, models_directory)
        async with _serving(path, settings) as endpoint, OpenAI.connected(endpoint, settings) as model:
            try:
                await warm_up(model, system_prompt)
            except StageError as error:
                raise StartError(f"{_OPTION}: {path} gives no answer: {error.reason}") from error
            yield cls(model)

    def reply(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """The answer in chunks; closing the generator ends the generation."""
        return self._model.reply(messages)


@asynccontextmanager
async def _serving(path: Path, settings: config.LanguageModel) -> AsyncIterator[Endpoint]:
    """llama.cpp's server, as long as it is needed; nobody else on this machine knows its key."""
    key = secrets.token_urlsafe()
    # The server's destructor stops it, so there must be no second reference.
    servers = [await to_thread.run_sync(partial(_started, path, settings, key))]
    try:
        yield Endpoint(
            name=f"llama.cpp with {path.name}",
            url=f"{servers[0].listening_address}/v1",
            model=path.stem,
            api_key=key,
            api_key_name="of the embedded server",
        )
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(servers.clear)


def _started(path: Path, settings: config.LanguageModel, key: str) -> xllamacpp.Server:
    """Load the model and serve it. xllamacpp holds the GIL for as long as this takes: at start only."""
    _check(path)
    try:
        return xllamacpp.Server(_parameters(path, settings, key))
    except RuntimeError as error:
        raise StartError(
            f"{_OPTION}: llama.cpp cannot load {path}: it is damaged or incomplete (run `jetson-voice models pull`),"
            f" or there is no memory for it with llm.context_tokens = {settings.context_tokens};"
            ' log.level = "debug" shows its own words'
        ) from error


def _path_of(settings: config.LanguageModel, models_directory: Path) -> Path:
    return models_directory / Path(settings.embedded.model).expanduser()


def _check(path: Path) -> None:
    """llama.cpp survives any damaged file that was tried, but says of none what is wrong."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(_GGUF_MAGIC))
    except FileNotFoundError as error:
        raise StartError(f"{_OPTION}: there is no {path}: run `jetson-voice models pull`") from error
    except OSError as error:
        raise StartError(f"{_OPTION}: {path} cannot be read: {error.strerror}") from error
    if magic != _GGUF_MAGIC:
        raise StartError(f"{_OPTION}: {path} is not a GGUF file: run `jetson-voice models pull`")


def _parameters(path: Path, settings: config.LanguageModel, key: str) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = settings.context_tokens
    parameters.n_gpu_layers = settings.embedded.gpu_layers
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = _threads()
    # llama.cpp would keep up to 8 GiB of old prompts in host memory; the slot's own prefix cache is all we need.
    parameters.cache_ram_mib = 0
    parameters.enable_reasoning = _NO_THINKING
    parameters.api_keys = [key]
    parameters.ui = False
    # Also how long the server may take to notice, when it closes, that a reader hangs on it.
    parameters.sse_ping_interval = 1
    parameters.verbosity = _INFORMATIVE if _log.isEnabledFor(logging.DEBUG) else _SILENT
    return parameters


def _threads() -> int:
    """All cores but one, which hearing needs: llama.cpp's threads wait for each other spinning, so that a single
    one that has to share its core slows them all down (seen on two busy cores: 9 tokens/s with two, 30 with one).
    """
    return max(1, len(os.sched_getaffinity(0)) - 1)
