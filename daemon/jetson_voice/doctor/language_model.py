"""The language model: its server reachable, the model there, and where it runs."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from typing_extensions import assert_never

from jetson_voice import config
from jetson_voice.doctor.findings import Finding, fail, ok, warn
from jetson_voice.doctor.servers import Loaded, OllamaFacts, OpenAIFacts, ollama_facts, openai_facts
from jetson_voice.language_servers import checked_url, on_this_machine, shown_url
from jetson_voice.progress import in_words
from jetson_voice.protocols import StartError

TOPIC: Final = "language model"
WHOLE: Final = 0.99
GGUF_MAGIC: Final = b"GGUF"


def examine(settings: config.LanguageModel, models: Path, *, is_jetson: bool) -> list[Finding]:
    """What is to be said of the language model of this configuration."""
    try:
        match settings.backend:
            case "ollama":
                checked_url("llm.ollama.url", settings.ollama.url)
                return ollama_findings(ollama_facts(settings.ollama.url), settings.ollama.model, is_jetson=is_jetson)
            case "openai":
                checked_url("llm.openai.url", settings.openai.url)
                return openai_findings(openai_facts(settings.openai), settings.openai.model)
            case "embedded":
                return embedded_findings(models / Path(settings.embedded.model).expanduser())
            case backend:
                assert_never(backend)
    except StartError as error:
        return [fail(TOPIC, str(error), "correct the configuration, or the credential")]


def ollama_findings(facts: OllamaFacts, wanted: str, *, is_jetson: bool) -> list[Finding]:
    """What is to be said of such an Ollama."""
    server = f"Ollama at {shown_url(facts.url)}"
    if facts.problem:
        local = on_this_machine(facts.url)
        advice = (
            "sudo systemctl start ollama, or install it (ollama.com)" if local else "is it running, and the URL right?"
        )
        return [fail(TOPIC, f"{server} does not answer: {facts.problem}", f"{advice}; llm.ollama.url")]
    findings = [ok(TOPIC, f"{server}, version {facts.version}")]
    name = tagged(wanted)
    if name not in facts.models:
        return [
            *findings,
            fail(TOPIC, f"Ollama has no model '{wanted}'{_instead(name, facts.models)}", f"ollama pull {wanted}"),
        ]
    findings.append(ok(TOPIC, f"{wanted} is there, {in_words(facts.models[name])}"))
    loaded = next((each for each in facts.loaded if tagged(each.name) == name), None)
    return [*findings, _where(loaded, wanted, is_jetson=is_jetson)]


def tagged(model: str) -> str:
    """The model's name as Ollama lists it: with a tag."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def _instead(name: str, there: Mapping[str, int]) -> str:
    close = difflib.get_close_matches(name, there, n=1)
    if close:
        return f", did you mean {close[0]!r}?"
    return f"; it has {', '.join(there)}" if there else "; it has none"


def _where(loaded: Loaded | None, model: str, *, is_jetson: bool) -> Finding:
    if loaded is None:
        return ok(TOPIC, f"{model} is not loaded now; the service loads it when it starts")
    share = loaded.gpu_share
    text = f"{model} is loaded, {share:.0%} on the GPU"
    if share >= WHOLE or (share == 0 and not is_jetson):
        return ok(TOPIC, text)
    if share == 0:
        advice = "journalctl -u ollama says why; on JetPack 6 Ollama needs its -jetpack6 files: install it again"
        return warn(TOPIC, f"{model} is loaded, but runs on the CPU only", advice)
    advice = "free memory (no desktop), a smaller llm.context_tokens, or a smaller model; then ollama stop and again"
    return warn(TOPIC, f"{text}: the rest is many times slower", advice)


def openai_findings(facts: OpenAIFacts, model: str) -> list[Finding]:
    """What is to be said of such a server; the key is never told."""
    server = f"server at {shown_url(facts.url)}"
    key = _key(facts)
    if facts.problem:
        advice = "is it running, and llm.openai.url right? The service itself needs a drop-in for other machines"
        return [key, fail(TOPIC, f"{server} does not answer: {facts.problem}", advice)]
    if facts.status in {401, 403} and not facts.has_key:
        return [key, warn(TOPIC, f"{server} answers, and wants a key", f"give the key {facts.key_name} to ask further")]
    if facts.status in {401, 403}:
        return [
            key,
            fail(TOPIC, f"{server} refuses the key {facts.key_name}", "get a new one, and put it in its place"),
        ]
    if facts.status != 200:
        return [key, warn(TOPIC, f"{server} answered {facts.status} to GET models", "is llm.openai.url right (…/v1)?")]
    if model not in facts.models:
        there = ", ".join(list(facts.models)[:5]) or "none"
        return [key, warn(TOPIC, f"{server} lists no model '{model}'; it has {there}", "set llm.openai.model")]
    return [key, ok(TOPIC, f"{server} has {model}")]


def _key(facts: OpenAIFacts) -> Finding:
    if facts.has_key:
        return ok(TOPIC, f"the key {facts.key_name} is there")
    if facts.service_has_key:
        return ok(TOPIC, f"the key {facts.key_name} is a credential of the service")
    if on_this_machine(facts.url):
        return ok(TOPIC, f"no key {facts.key_name}, which a server of one's own may not want")
    advice = (
        f"LoadCredential={facts.key_name}:/etc/jetson-voice/credentials/{facts.key_name} in the unit, or a variable"
    )
    return warn(TOPIC, f"no key {facts.key_name} is to be seen", advice)


def embedded_findings(path: Path) -> list[Finding]:
    """What is to be said of a GGUF file."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        return [fail(TOPIC, f"{path}: {error.strerror}", "jetson-voice models pull, or llm.embedded.model")]
    if magic != GGUF_MAGIC:
        return [fail(TOPIC, f"{path} is not a GGUF file", "jetson-voice models pull, or llm.embedded.model")]
    return [ok(TOPIC, f"llm.embedded.model is {path.name}, in this process")]
