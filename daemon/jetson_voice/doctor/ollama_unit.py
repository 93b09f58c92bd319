"""Ollama's own service on this machine: whether the drop-in that keeps it small and loaded is there."""

from __future__ import annotations

from typing import Final

from jetson_voice.doctor.findings import Finding, ok, warn
from jetson_voice.doctor.units import OLLAMA, Unit, unit_of

TOPIC: Final = "Ollama service"
SETTINGS: Final = {
    # llama-server keeps up to 8 GiB of old prompts, unseen by `ollama ps` (ollama issue 18264).
    "LLAMA_ARG_CACHE_RAM": "0",
    # Ollama forgets a model after five minutes.
    "OLLAMA_KEEP_ALIVE": "-1",
}


def examine() -> list[Finding]:
    """What is to be said of the Ollama service of this machine; nothing where there is none."""
    unit = unit_of(OLLAMA)
    return findings_of(unit) if unit and unit.is_installed else []


def findings_of(unit: Unit) -> list[Finding]:
    """What is to be said of such a service."""
    given = dict(each.partition("=")[::2] for each in unit["Environment"].split())
    lacking = [f"{name}={value}" for name, value in SETTINGS.items() if given.get(name) != value]
    if lacking:
        advice = "sudo ./install.sh offers the drop-in ollama.service.d/jetson-voice.conf; then restart ollama"
        return [warn(TOPIC, f"runs without {', '.join(lacking)}", advice)]
    return [ok(TOPIC, "keeps the model loaded, and no old prompts")]
