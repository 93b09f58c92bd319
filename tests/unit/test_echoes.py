"""What the configuration has against the assistant's own voice."""

from __future__ import annotations

from dataclasses import replace

import anyio
import numpy as np
import pytest

from jetson_voice import backends
from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, Echo
from jetson_voice.backends import speexdsp
from jetson_voice.backends.wav_io import WavMicrophone
from jetson_voice.config import Config, Microphone
from jetson_voice.echo.cancelled import EchoCancelled
from jetson_voice.echo.reference import Reference
from jetson_voice.protocols import StartError

pytestmark = pytest.mark.anyio

AUTO = Config()
SPEEX = replace(AUTO, microphone=Microphone(echo="speex"))
DEVICE = replace(AUTO, microphone=Microphone(echo="device"))
OFF = replace(AUTO, microphone=Microphone(echo="off"))


async def first_echo(config: Config) -> Echo:
    """What the first frame says while something plays all the time."""
    reference = Reference()
    loud = Clip(np.full(10 * SAMPLE_RATE_HZ, 1_000, np.int16), SAMPLE_RATE_HZ)
    async with WavMicrophone.opened(Clip(np.zeros(SAMPLE_RATE_HZ, np.int16), SAMPLE_RATE_HZ)) as microphone:
        reference.plays(loud, anyio.current_time())
        with backends.without_echo(config, microphone, reference) as heard:
            return (await heard.read()).echo


@pytest.mark.parametrize("config", [AUTO, SPEEX])
async def test_libspeexdsp_is_used_where_it_is(config: Config) -> None:
    async with WavMicrophone.opened(Clip(np.zeros(0, np.int16), SAMPLE_RATE_HZ)) as microphone:
        with backends.without_echo(config, microphone, Reference()) as heard:
            assert isinstance(heard, EchoCancelled)


async def test_where_it_is_not_one_is_told_and_it_works_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(speexdsp, "LIBRARY", "libthere-is-no-such.so.9")
    async with WavMicrophone.opened(Clip(np.zeros(0, np.int16), SAMPLE_RATE_HZ)) as microphone:
        with backends.without_echo(AUTO, microphone, Reference()) as heard:
            await heard.read()
    [record] = caplog.records
    assert "apt-get install libspeexdsp1" in record.getMessage()
    with pytest.raises(StartError), backends.without_echo(SPEEX, microphone, Reference()):
        pass


@pytest.mark.parametrize(("config", "echo"), [(DEVICE, Echo.DEVICE), (OFF, Echo.RAW)])
async def test_without_a_canceller_the_frames_tell_what_may_be_in_them(config: Config, echo: Echo) -> None:
    assert await first_echo(config) is echo
