"""Every option as a frozen dataclass, its unit in its name or docstring, its default beside it.

`config.toml` mirrors this file section by section; `config_file.py` reads one into the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from jetson_voice.endpointing import EndpointRules, FollowUp
from jetson_voice.exit_phrases import InterruptedBy
from jetson_voice.languages import Language
from jetson_voice.patience import Patience


@dataclass(frozen=True)
class Range:
    """The least and the greatest value an option may have."""

    least: float
    most: float


@dataclass(frozen=True)
class Models:
    """Where the models are."""

    directory: str = "/var/lib/jetson-voice/models"
    """A relative path starts at the folder of the configuration file."""


@dataclass(frozen=True)
class Microphone:
    """What is listened to."""

    device: str = ""
    """Part of the device's name, or its index in `jetson-voice devices`; empty for the system's default."""

    buffer_seconds: Annotated[float, Range(1, 60)] = 5.0
    """How much sound waits while the daemon is busy; when it is full the oldest is dropped and counted."""

    echo: Literal["auto", "speex", "device", "off"] = "auto"
    """What takes the assistant's own voice out: libspeexdsp, the device itself, or nothing; auto: libspeexdsp where it
    is installed."""


@dataclass(frozen=True)
class Speaker:
    """What is spoken through."""

    device: str = ""
    """Part of the device's name, or its index in `jetson-voice devices`; empty for the system's default."""

    fade_ms: Annotated[int, Range(10, 20)] = 15
    """How long an interrupted answer takes to fall silent, so that it does not click."""


@dataclass(frozen=True)
class WakeWord:
    """One wake word; any number may be listened for at once."""

    model: str = "hey_jarvis"
    """A ready-made word, or the path of an .onnx model (for `micro`: a .json) of your own."""

    phrase: str = ""
    """The wake word as whisper would write it, to be taken off the command's beginning; empty: the model's name."""

    threshold: Annotated[float, Range(0.01, 1)] = 0.5
    """The score from which it counts as heard."""

    refractory_seconds: Annotated[float, Range(0, 10)] = 1.5
    """After it was heard, it is not heard again for this long."""

    @property
    def spoken(self) -> str:
        """What one says: "hey jarvis" for hey_jarvis and for /somewhere/hey_jarvis_v0.1.onnx."""
        name = re.sub(r"\.(onnx|json)$", "", self.model.rpartition("/")[2])
        return self.phrase or re.sub(r"_v\d[\d.]*$", "", name).replace("_", " ")


@dataclass(frozen=True)
class Wake:
    """How the assistant is called."""

    backend: Literal["openwakeword", "micro"] = "openwakeword"
    words: tuple[WakeWord, ...] = (WakeWord(),)
    sleeps_in_quiet: bool = True
    """openwakeword only: it does not work while nothing stirs in the room, which saves most of its CPU."""

    frames_while_speaking: Annotated[int, Range(1, 8)] = 3
    """While the assistant speaks a word counts after so many frames of 80 ms in a row: it may sound like its own."""

    @property
    def thresholds(self) -> dict[str, float]:
        """The threshold of each phrase."""
        return {word.spoken: word.threshold for word in self.words}


@dataclass(frozen=True)
class Listen:
    """When a command has been said; all in seconds of sound."""

    speech_threshold: Annotated[float, Range(0.05, 0.95)] = 0.5
    """The probability from which the speech detector's answer counts as speech."""

    pre_roll_seconds: Annotated[float, Range(0.5, 3)] = 1.5
    """How much of what came before the detection belongs to the command: the wake word and words said in its breath."""

    start_timeout_seconds: Annotated[float, Range(1, 30)] = 5.0
    """Silence after the wake word until the assistant gives up."""

    turn_detector: Literal["smart-turn", "off"] = "smart-turn"
    """What tells whether a command that pauses is complete; off: every pause of end_silence_seconds ends it."""

    end_silence_seconds: Annotated[float, Range(0.2, 5)] = 1.1
    """The pause that ends a command of which one cannot tell."""

    end_silence_shortest_seconds: Annotated[float, Range(0.2, 5)] = 0.88
    """The pause that ends a command that is complete by its words and its sound."""

    end_silence_longest_seconds: Annotated[float, Range(0.2, 5)] = 1.6
    """The pause that ends a command that cannot be complete ("set a timer for"), or whose answer is not ready yet."""

    speculate_after_seconds: Annotated[float, Range(0.05, 5)] = 0.08
    """The pause after which an answer is begun that is only heard if the command is over; from end_silence_seconds
    on: never."""

    min_speech_seconds: Annotated[float, Range(0.08, 2)] = 0.24
    """Less speech than this is not a command."""

    interrupted_by: InterruptedBy = "stop-words"
    """What ends an answer beside the wake word: "stop" and the like, whatever is said, or nothing else."""

    follow_up_seconds: Annotated[float, Range(0, 30)] = 5.0
    """After an answer, a command that begins within this time needs no wake word; 0: it always does."""

    follow_up_after_question_seconds: Annotated[float, Range(0, 30)] = 10.0
    """The same after an answer that ends in a question."""

    max_seconds: Annotated[float, Range(2, 29)] = 20.0
    """A command ends here, whatever is heard. Whisper's window is 30 s."""

    @property
    def rules(self) -> EndpointRules:
        """The part of this that the endpointer follows."""
        return EndpointRules(
            start_timeout_seconds=self.start_timeout_seconds,
            end_silence_seconds=self.end_silence_seconds,
            speculate_after_seconds=self.speculate_after_seconds,
            min_speech_seconds=self.min_speech_seconds,
            max_seconds=self.max_seconds,
        )

    @property
    def patience(self) -> Patience:
        """How long a pause must be."""
        if self.turn_detector == "off":
            return Patience.fixed(self.end_silence_seconds)
        return Patience(
            shortest_seconds=min(self.end_silence_shortest_seconds, self.end_silence_seconds),
            seconds=self.end_silence_seconds,
            longest_seconds=max(self.end_silence_longest_seconds, self.end_silence_seconds),
        )

    @property
    def follow_up(self) -> FollowUp:
        """When a command needs no wake word."""
        return FollowUp(self.follow_up_seconds, after_question_seconds=self.follow_up_after_question_seconds)


@dataclass(frozen=True)
class SpeechToText:
    """faster-whisper."""

    model: str = "whisper-small"
    """A folder of the models directory, or a path."""

    device: Literal["auto", "cuda", "cpu"] = "auto"
    """auto: CUDA where CTranslate2 has it, else the CPU. With cuda a missing GPU is a loud warning."""

    compute_type: str = "auto"
    """auto: int8_float16 on CUDA, int8 on the CPU, or the nearest that the device supports."""

    languages: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    """The languages spoken to it. More than one: whisper tells which; the first is the assistant's own."""

    beam_size: Annotated[int, Range(1, 10)] = 5
    """How many readings whisper follows at once, where the likeliest words are not plain."""

    prompt_zh: str = ""
    """Shown to whisper before Chinese speech: the style it shall write in. It costs some of the characters."""

    prompt_en: str = ""
    """Shown to whisper before English speech: the style it shall write in."""

    simplified: bool = True
    """Whether the traditional characters that whisper writes all the same become simplified ones."""

    hotwords: tuple[str, ...] = ()
    """Names and words it should know, in any language."""


@dataclass(frozen=True)
class Ollama:
    """A server of Ollama; spoken to in its own protocol."""

    url: str = "http://127.0.0.1:11434"
    model: str = "qwen2.5:7b"


@dataclass(frozen=True)
class OpenAI:
    """Any server that speaks OpenAI's protocol."""

    url: str = "https://api.openai.com/v1"
    model: str = "gpt-4o-mini"
    api_key_name: str = "OPENAI_API_KEY"
    """Where the key is: a systemd credential of this name, or else an environment variable; never in this file."""


@dataclass(frozen=True)
class Embedded:
    """llama.cpp inside the daemon."""

    model: str = "smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf"
    """A GGUF file of the models directory, or a path."""

    gpu_layers: Annotated[int, Range(-1, 1000)] = -1
    """Layers on the GPU; -1 for all that fit."""


@dataclass(frozen=True)
class LanguageModel:
    """What answers, and within which limits; the same for every request, or the server would reload the model."""

    backend: Literal["ollama", "openai", "embedded"] = "ollama"
    temperature: Annotated[float, Range(0, 2)] = 0.6
    context_tokens: Annotated[int, Range(512, 131_072)] = 4096
    answer_tokens: Annotated[int, Range(16, 8192)] = 512
    """The longest answer."""

    connect_timeout_seconds: Annotated[float, Range(0.1, 60)] = 2.0
    first_token_timeout_seconds: Annotated[float, Range(0.1, 600)] = 90.0
    """Until the first word: long enough to load a model that is not in memory."""

    next_token_timeout_seconds: Annotated[float, Range(0.1, 600)] = 10.0
    """Between words; a longer silence fails the turn."""

    ollama: Ollama = field(default_factory=Ollama)
    openai: OpenAI = field(default_factory=OpenAI)
    embedded: Embedded = field(default_factory=Embedded)


@dataclass(frozen=True)
class Conversation:
    """What the assistant is told, and what it remembers."""

    system_prompt: str = (
        "你是一个语音助手，回答会被朗读出来。用用户所说的语言回答，通常一到三句话，口语化，不用列表、标记或表情符号。\n"
        "You are a voice assistant; your answers are read aloud. Answer in the user's language, in one to three "
        "short spoken sentences, without lists, markup or emoji."
    )
    history_tokens: Annotated[int, Range(64, 131_072)] = 2048
    """About how many tokens of earlier conversation are shown to the model; the oldest go first."""

    forget_after_seconds: Annotated[float, Range(10, 86_400)] = 300.0
    """After this long without a turn a new conversation begins."""


@dataclass(frozen=True)
class Voices:
    """A Piper voice for each language: a folder of the models directory, or the path of an .onnx file.

    Empty: espeak-ng speaks it.
    """

    zh: str = "piper-zh_CN-huayan-medium"
    en: str = "piper-en_US-joe-medium"

    @property
    def named(self) -> dict[Language, str]:
        """The Piper voice of each language that has one."""
        voices: dict[Language, str] = {"zh": self.zh, "en": self.en}
        return {language: name for language, name in voices.items() if name}


@dataclass(frozen=True)
class TextToSpeech:
    """Piper, and espeak-ng for a language that has no Piper voice."""

    speed: Annotated[float, Range(0.5, 2)] = 1.0
    """1 is the voice's own speed, 2 is twice as fast."""

    volume: Annotated[float, Range(0, 1)] = 1.0
    """All voices are equally loud; 1 is the loudest."""

    voices: Voices = field(default_factory=Voices)


@dataclass(frozen=True)
class Log:
    """What is written to the journal."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    transcripts: bool = False
    """Whether what was said and answered is logged too."""


@dataclass(frozen=True)
class Config:
    """The whole configuration."""

    models: Models = field(default_factory=Models)
    microphone: Microphone = field(default_factory=Microphone)
    speaker: Speaker = field(default_factory=Speaker)
    wake: Wake = field(default_factory=Wake)
    listen: Listen = field(default_factory=Listen)
    stt: SpeechToText = field(default_factory=SpeechToText)
    llm: LanguageModel = field(default_factory=LanguageModel)
    conversation: Conversation = field(default_factory=Conversation)
    tts: TextToSpeech = field(default_factory=TextToSpeech)
    log: Log = field(default_factory=Log)

    @property
    def model_names(self) -> frozenset[str]:
        """The folders of the models directory that it reads."""
        names = {self.stt.model, *self.tts.voices.named.values()}
        if self.wake.backend == "openwakeword":
            names.add("openwakeword")
        if self.listen.turn_detector == "smart-turn":
            names.add("smart-turn")
        if self.llm.backend == "embedded":
            names.add(self.llm.embedded.model.partition("/")[0])
        return frozenset(names)
