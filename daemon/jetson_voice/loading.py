"""The models on their way into memory: side by side, those that hearing needs first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from anyio import sleep_forever

from jetson_voice import __version__, backends, runtime_paths
from jetson_voice.concurrency import together
from jetson_voice.config import Config
from jetson_voice.memory import give_back
from jetson_voice.phrases import all_phrases
from jetson_voice.prepared import Prepared
from jetson_voice.primed import LANGUAGE_MODEL, Primed
from jetson_voice.protocols import LanguageModel, SpeechDetector, StartError, Transcriber, TurnDetector, Voice, WakeWord
from jetson_voice.pulse import Pulse
from jetson_voice.scores import Scored, unwatched
from jetson_voice.slots import LanguageModelSlot, Slot, TranscriberSlot, VoiceSlot

Openings = Mapping[str, AbstractAsyncContextManager[object]]
"""Models by the name under which the status knows them."""

NAMES: Final[Mapping[str, str]] = {
    "wake_word": "the wake word",
    "speech_detector": "the speech detector",
    "turn_detector": "the turn detector",
    "transcriber": "whisper",
    "language_model": LANGUAGE_MODEL,
    "voice": "the voice",
}

log = logging.getLogger("jetson_voice")


@dataclass(frozen=True)
class Models:
    """Everything that is loaded into memory."""

    wake_word: WakeWord
    speech_detector: SpeechDetector
    turn_detector: TurnDetector
    transcriber: Transcriber
    language_model: LanguageModel
    voice: Voice


async def load_models(stack: AsyncExitStack, config: Config) -> Models:
    """Load all models side by side; the stack closes them. StartError with a line for each that cannot be loaded."""
    loaded: dict[str, Any] = {}
    await load(stack, openings_of(config), loaded.__setitem__, [])
    return Models(**{field: loaded[name] for field, name in NAMES.items()})


async def load(
    stack: AsyncExitStack, openings: Openings, arrived: Callable[[str, Any], None], problems: list[str]
) -> None:
    """Load the models side by side and report each that is there, and each problem; the stack closes them.

    StartError with a line for each that cannot be loaded, once all have been tried.
    """

    async def load_one(name: str, opening: AbstractAsyncContextManager[object]) -> None:
        try:
            arrived(name, await stack.enter_async_context(opening))
        except StartError as problem:
            problems.append(str(problem))

    await together(*(partial(load_one, name, opening) for name, opening in openings.items()))
    if problems:
        raise StartError("\n".join(problems))


def openings_of(config: Config, scored: Scored = unwatched) -> Openings:
    """All models, not yet loaded. Their libraries are imported here."""
    return {
        "the wake word": backends.wake_word(config, scored),
        "the speech detector": backends.speech_detector(config),
        "the turn detector": backends.turn_detector(config),
        "whisper": backends.transcriber(config),
        LANGUAGE_MODEL: backends.language_model(config),
        "the voice": backends.voice(config),
    }


def prepared(config: Config, voice: Voice) -> Prepared:
    """The voice, with the daemon's own words at hand; another way to speak, or another version, has other clips."""
    directory = runtime_paths.state_directory() / "phrases"
    # The assistant's own language last: a number is spoken in the language of the sentence before.
    phrases = all_phrases(reversed(config.stt.languages))
    made_by = f"{__version__} {config.tts}"
    return Prepared(voice, backends.spare_voice(config), phrases, directory, made_by)


class Slots:
    """The models of a daemon that listens before all of them are there."""

    def __init__(self, config: Config, pulse: Pulse, *, system_prompt: Callable[[], str], scored: Scored) -> None:
        self._wake_word = Slot[WakeWord](pulse)
        self._speech_detector = Slot[SpeechDetector](pulse)
        self._turn_detector = Slot[TurnDetector](pulse)
        self._transcriber = TranscriberSlot(pulse)
        self._language_model = LanguageModelSlot(pulse)
        self._voice = VoiceSlot(pulse)
        self._prepared = prepared(config, self._voice)
        self._primed = Slot[Primed](pulse)
        self._config = config
        self._scored = scored
        self._pulse = pulse
        self._system_prompt = system_prompt
        self._problems: list[str] = []

    async def load(self, stack: AsyncExitStack) -> None:
        """Load them all; the stack closes them. StartError with a line for each that cannot be loaded."""
        log.info("loading the models")
        openings = openings_of(self._config, self._scored)
        self._pulse.loading[:] = openings
        await load(stack, openings, self._arrived, self._problems)
        log.info("all models are loaded")

    async def ears(self) -> Models:
        """The models, as soon as those are there that listening needs; the others are waited for when they are called.

        The embedded language model is one of them: while it loads, nobody can take the microphone's sound.
        """
        if self._config.llm.backend == "embedded":
            await self._primed.model()
        wake_word, speech_detector = await self._wake_word.model(), await self._speech_detector.model()
        turn_detector = await self._turn_detector.model()
        if self._problems:  # it is about to end, and opens no device
            await sleep_forever()
        return Models(
            wake_word, speech_detector, turn_detector, self._transcriber, self._language_model, self._prepared
        )

    async def keep_primed(self) -> None:
        """Watch over the language model once it is there."""
        await (await self._primed.model()).watch()

    async def prepare_phrases(self) -> None:
        """Have the daemon's own words as sound, made while nothing is loaded and no turn is at work."""
        await self._prepared.prepare(lambda: bool(self._pulse.loading or self._pulse.vitals.working))
        give_back()

    def _arrived(self, name: str, model: Any) -> None:  # noqa: ANN401  each of another type
        self._pulse.loading.remove(name)
        match name:
            case "the wake word":
                self._wake_word.fill(model)
            case "the speech detector":
                self._speech_detector.fill(model)
            case "the turn detector":
                self._turn_detector.fill(model)
            case "whisper":
                self._transcriber.fill(model)
            case "the voice":
                self._voice.fill(model)
            case _:
                primed = Primed(model, self._pulse, system_prompt=self._system_prompt)
                self._primed.fill(primed)
                self._language_model.fill(primed)
