"""Whisper's model on its device: CTranslate2 on CUDA where it has it, else on the CPU."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import ctranslate2
from faster_whisper import WhisperModel

from jetson_voice import config
from jetson_voice.backends.onnx import first_line, is_there
from jetson_voice.protocols import StartError

log = logging.getLogger(__name__)

# The smallest first; int8_float16 is a third of float16's memory (OHF-Voice/wyoming-faster-whisper PR 122).
PREFERRED: Final = {
    "cuda": ("int8_float16", "int8", "float16", "int8_float32", "float32"),
    "cpu": ("int8", "int8_float32", "float32"),
}
# Without tokenizer.json faster-whisper would fetch one from the network.
NEEDED_FILES: Final = ("model.bin", "config.json", "tokenizer.json")


def loaded(stt: config.SpeechToText, models: Path) -> WhisperModel:
    """The model on the device; StartError names the key or the file."""
    if not stt.languages:
        raise StartError('stt.languages: name at least one, "zh" or "en"')
    folder = models / Path(stt.model).expanduser()
    for name in NEEDED_FILES:
        if not is_there(folder / name):
            raise StartError(f"stt.model: {folder / name} is missing: fetch it with `jetson-voice models pull`")
    device = usable_device(stt)
    compute_type = usable_compute_type(stt, device)
    try:
        model = WhisperModel(str(folder), device=device, compute_type=compute_type)
    except Exception as error:  # CTranslate2 and tokenizers raise RuntimeError, ValueError and bare Exception
        raise StartError(f"stt.model: {folder} cannot be loaded: {first_line(error)}") from error
    if not model.model.is_multilingual and stt.languages != ("en",):
        raise StartError(f'stt.languages: {stt.model} knows English only: say ["en"], or take another model')
    log.info("whisper: %s on %s, %s", stt.model, device, compute_type)
    return model


def usable_device(stt: config.SpeechToText) -> str:
    """Either cuda or cpu; a GPU that was asked for and is not there is a loud warning."""
    if stt.device == "cpu":
        return "cpu"
    if cuda_devices() > 0:
        return "cuda"
    if stt.device == "cuda":
        log.warning(
            'stt.device is "cuda", but CTranslate2 was built without CUDA or no GPU is visible: '
            "WHISPER RUNS ON THE CPU, many times slower"
        )
    return "cpu"


def usable_compute_type(stt: config.SpeechToText, device: str) -> str:
    """The configured type, or for auto the best that the device supports."""
    supported = compute_types(device)
    if stt.compute_type == "auto":
        return next((each for each in PREFERRED[device] if each in supported), "default")
    if stt.compute_type not in supported:
        raise StartError(
            f'stt.compute_type: "{stt.compute_type}" is not supported on {device}; these are: {", ".join(supported)}'
        )
    return stt.compute_type


def library_version() -> str:
    """Of CTranslate2."""
    return str(ctranslate2.__version__)


def cuda_devices() -> int:
    """How many GPUs CTranslate2 sees; none when it was built without CUDA."""
    return int(ctranslate2.get_cuda_device_count())


def compute_types(device: str) -> tuple[str, ...]:
    """The types that CTranslate2 computes in on cuda or cpu."""
    return tuple(sorted(ctranslate2.get_supported_compute_types(device)))
