"""What only the libraries know; the doctor's one way to the backends. To be asked through `children.asked`.

A library is imported when it is asked, in a process of its own: one that is broken harms no other check.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from jetson_voice.config import Config
from jetson_voice.doctor.echo import EchoHeard
from jetson_voice.doctor.sound import Choice, Devices
from jetson_voice.doctor.whisper import Acceleration


def acceleration() -> Acceleration:
    """What CTranslate2 can compute on."""
    from jetson_voice.backends import whisper_model

    cuda = whisper_model.cuda_devices()
    return Acceleration(
        version=whisper_model.library_version(),
        cuda_devices=cuda,
        cuda_types=whisper_model.compute_types("cuda") if cuda else (),
        cpu_types=whisper_model.compute_types("cpu"),
    )


def devices(microphone: str, speaker: str) -> Devices:
    """The sound devices as PortAudio lists them, and those that the configuration means."""
    from jetson_voice.backends import pyaudio_devices

    def choice(wanted: str, direction: pyaudio_devices.Direction) -> Choice:
        try:
            device = pyaudio_devices.chosen(found, wanted, None, direction)
        except OSError as error:
            return Choice(wanted, problem=str(error))
        return Choice(wanted, device.name, device.rate_hz)

    found = pyaudio_devices.listed()
    return Devices(tuple(each.name for each in found), choice(microphone, "microphone"), choice(speaker, "speaker"))


def echo_heard(config: Config) -> EchoHeard:
    """What the microphone hears of a test sound; it takes some fifteen seconds."""
    from jetson_voice.doctor import echo_test

    return echo_test.echo_heard(config)
