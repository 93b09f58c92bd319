"""What the servers of language models say of themselves, asked over HTTP with a time limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from jetson_voice.config import OpenAI
from jetson_voice.credentials import credential
from jetson_voice.doctor.units import loads_credential
from jetson_voice.language_servers import on_this_machine

HTTP_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Loaded:
    """A model in Ollama's memory: bytes in all, and bytes of them on the GPU."""

    name: str
    size: int
    size_vram: int

    @property
    def gpu_share(self) -> float:
        """From 0 to 1."""
        return self.size_vram / self.size if self.size else 0.0


@dataclass(frozen=True)
class OllamaFacts:
    """What an Ollama server says; `problem` is why it says nothing."""

    url: str
    problem: str = ""
    version: str = ""
    models: Mapping[str, int] = field(default_factory=dict)
    loaded: Sequence[Loaded] = ()


@dataclass(frozen=True)
class OpenAIFacts:
    """What a server of OpenAI's protocol says to GET models, and whether there is a key."""

    url: str
    problem: str = ""
    status: int = 0
    models: Sequence[str] = ()
    key_name: str = ""
    has_key: bool = False
    service_has_key: bool = False
    """Whether the installed unit loads the key as a credential, which only the service can see."""


def ollama_facts(url: str) -> OllamaFacts:
    """What the server says now."""
    try:
        with httpx.Client(base_url=url, timeout=HTTP_SECONDS, trust_env=False) as client:
            version, tags, running = (_object(client.get(f"/api/{each}")) for each in ("version", "tags", "ps"))
        return OllamaFacts(
            url,
            version=str(version.get("version", "unknown")),
            models={str(each["name"]): int(each["size"]) for each in tags.get("models") or ()},
            loaded=[
                Loaded(str(each["name"]), int(each["size"]), int(each.get("size_vram") or 0))
                for each in running.get("models") or ()
            ],
        )
    except httpx.HTTPError as error:
        return OllamaFacts(url, problem=str(error) or type(error).__name__)
    except (ValueError, KeyError, TypeError, AttributeError):
        return OllamaFacts(url, problem="what it says is not Ollama's protocol")


def openai_facts(settings: OpenAI) -> OpenAIFacts:
    """What the server says now, asked with the key as the daemon would; StartError for a key that cannot be used."""
    key = credential(settings.api_key_name)
    asked = OpenAIFacts(
        settings.url,
        key_name=settings.api_key_name,
        has_key=key is not None,
        service_has_key=loads_credential(settings.api_key_name),
    )
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with httpx.Client(timeout=HTTP_SECONDS, trust_env=not on_this_machine(settings.url)) as client:
            answer = client.get(f"{settings.url.rstrip('/')}/models", headers=headers)
        models = [str(each["id"]) for each in _object(answer)["data"]] if answer.status_code == 200 else []
    except httpx.HTTPError as error:
        return replace(asked, problem=str(error) or type(error).__name__)
    except (ValueError, KeyError, TypeError, AttributeError):
        return replace(asked, problem="what it says is not OpenAI's protocol")
    return replace(asked, status=answer.status_code, models=models)


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    answer.raise_for_status()
    found: Mapping[str, Any] = answer.json()
    return found
