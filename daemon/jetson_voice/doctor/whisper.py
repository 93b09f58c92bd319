"""What whisper computes on: CUDA in CTranslate2, or the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jetson_voice.config import SpeechToText
from jetson_voice.doctor.findings import Finding, fail, ok, warn

TOPIC: Final = "CUDA"
BUILD: Final = (
    "the CTranslate2 of PyPI has no CUDA on aarch64: sudo ./install.sh builds one that has, or takes your wheel"
)


@dataclass(frozen=True)
class Acceleration:
    """What CTranslate2 can compute on, and in which number types."""

    version: str
    cuda_devices: int
    cuda_types: tuple[str, ...]
    cpu_types: tuple[str, ...]


def findings_of(found: Acceleration, stt: SpeechToText, *, is_jetson: bool) -> list[Finding]:
    """What is to be said of it for this configuration."""
    device = "cuda" if found.cuda_devices and stt.device != "cpu" else "cpu"
    return [_device(found, stt, is_jetson=is_jetson), _compute_type(found, stt, device)]


def _device(found: Acceleration, stt: SpeechToText, *, is_jetson: bool) -> Finding:
    library = f"CTranslate2 {found.version}"
    if stt.device == "cpu":
        return ok(TOPIC, f'{library}: whisper runs on the CPU, as stt.device = "cpu" says')
    if found.cuda_devices:
        return ok(TOPIC, f"{library} has CUDA: whisper runs on the GPU")
    text = f"{library} was built without CUDA, or sees no GPU: whisper runs on the CPU"
    if stt.device == "cuda":
        return fail(TOPIC, f'{text}, though stt.device = "cuda"', BUILD if is_jetson else 'stt.device = "auto"')
    if is_jetson:
        return warn(TOPIC, f"{text}, many times slower", BUILD)
    return ok(TOPIC, text)


def _compute_type(found: Acceleration, stt: SpeechToText, device: str) -> Finding:
    types = found.cuda_types if device == "cuda" else found.cpu_types
    if stt.compute_type == "auto":
        return ok(TOPIC, f"compute types on {device}: {', '.join(types)}")
    if stt.compute_type in types:
        return ok(TOPIC, f"stt.compute_type {stt.compute_type} is one that {device} has")
    text = f'stt.compute_type: "{stt.compute_type}" is not supported on {device}'
    return fail(TOPIC, text, f'"auto", or one of {", ".join(types)}')
