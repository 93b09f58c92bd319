"""What people say to an assistant, whole and with a pause in the middle: the corpus of tests/measure_turns.py.

Piper speaks most of it. A pause is put where people make one: mostly after a word that cannot be the last one, and
in about a quarter of the cases where the command could have been over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final, Literal

import numpy as np
from faster_whisper import WhisperModel
from piper import PiperVoice, SynthesisConfig

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip, Samples
from jetson_voice.backends.faster_whisper import floats
from recordings import noise, one_after_another, recording, silence

Kind = Literal["whole", "whole recording", "unfinished", "hesitation", "looks over", "recording", "afterthought"]
PAUSES_SECONDS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
BEFORE_SECONDS: Final = 0.3
WAKE_PHRASE: Final = "hey jarvis"

WHOLE: Final = (
    "What time is it?", "What's the weather like today?", "What is the capital of France?",
    "Set a timer for ten minutes.", "Turn on the light.", "Turn off the lights in the bedroom.", "Play some music.",
    "Stop the music.", "How old is the universe?", "Who wrote Hamlet?", "Tell me a joke.",
    "What's the date tomorrow?", "How do I boil an egg?", "Add milk to the shopping list.",
    "Remind me to call my mother at six.", "What is twelve times fourteen?", "How far is the moon?",
    "Where does chocolate come from?", "What is this for?", "Who is it from?", "Make it a bit louder.",
    "Next song, please.", "Is it going to rain tomorrow?", "How many people live in China?",
    "What's the tallest mountain in the world?", "Read me the news.", "Open the curtains.",
    "Close the window in the kitchen.", "Good morning.", "How are you?", "Can you speak Chinese?",
    "Translate thank you into Japanese.", "What does serendipity mean?", "Wake me up at seven.", "Cancel the alarm.",
    "Set the temperature to twenty degrees.", "Is the front door locked?", "Why is the sky blue?",
    "When was the first moon landing?", "Who is the president of the United States?",
    "Tell me a story about a dragon.", "What should I cook tonight?", "How long does it take to fly to Tokyo?",
    "What's on television tonight?", "Turn the volume down.", "Turn it off.", "Switch the fan on.",
    "How much is fifty dollars in euros?", "Spell necessary.", "What day is Christmas this year?",
    "Do I need an umbrella?", "Find a good restaurant nearby.", "What is the meaning of life?", "Sing me a song.",
    "How fast can a cheetah run?", "Is there any mail?", "Start the washing machine.", "Pause.", "Continue.",
    "What did you say?", "Say that again, please.", "Who invented the telephone?", "Give me a recipe for pancakes.",
    "What is the difference between a crocodile and an alligator?", "How do you make a paper airplane?",
    "Tell me something interesting about whales.", "Which planet is the largest?", "Where are my keys?",
    "What time does the pharmacy close?", "Show me how to tie a tie.", "I would like to hear some jazz.",
    "I want to go to bed now.", "Please turn everything off before midnight.", "Let's play a game.",
    "How is the traffic on the way to work?", "What's the score of the game?", "Call me a taxi to the airport.",
    "Can you help me with my homework?", "Do fish sleep?", "Is a tomato a fruit or a vegetable?",
)  # fmt: skip
"""Said in one go."""

UNFINISHED: Final = (
    ("Set a timer for", "ten minutes."), ("Set an alarm for", "seven in the morning."),
    ("What is the", "capital of Spain?"), ("What's the weather like in", "Beijing tomorrow?"),
    ("Remind me to", "buy some milk."), ("Turn on the", "light in the kitchen."),
    ("Tell me a story about", "a dragon."), ("How do I get to", "the train station?"),
    ("Can you", "turn off the radio?"), ("I want to", "listen to some music."),
    ("Who was the first person to", "climb Mount Everest?"), ("Play the new album by", "Coldplay."),
    ("What is the difference between", "a crocodile and an alligator?"),
    ("Add bread and", "butter to the shopping list."), ("Call my", "mother."),
    ("How long does it take to", "boil an egg?"), ("Is it going to", "rain tomorrow?"),
    ("Give me a recipe for", "tomato soup."), ("Turn the heating up to", "twenty one degrees."),
    ("I would like", "a recipe with potatoes."), ("Do you know if", "the shops are open today?"),
    ("What is the population of", "Germany?"), ("Please read me the", "news of today."),
    ("If it rains tomorrow", "wake me up at six."), ("Send a message to", "Peter."),
    ("How many calories are in", "a banana?"), ("Where is the nearest", "gas station?"),
    ("Tell me the", "time in New York."), ("When does the next train to", "Berlin leave?"),
    ("Could you please", "make it louder?"), ("What's the name of the", "longest river in Africa?"),
    ("Translate good morning into", "French."), ("I need to know", "how far it is to the moon."),
    ("Let me know when", "the washing machine is done."), ("Who is the president of", "France?"),
    ("What do you think about", "electric cars?"), ("Explain to me how", "a refrigerator works."),
    ("Why do", "cats purr?"), ("How much is", "fifty dollars in euros?"),
    ("Switch off all the", "lights in the house."), ("Is there a", "pharmacy nearby?"),
    ("Show me the way to the", "airport."), ("Wake me up at", "half past six."),
    ("What happened in", "nineteen eighty nine?"), ("Find a restaurant that", "serves noodles."),
    ("Put eggs", "and cheese on the list."), ("How old is", "the queen of Denmark?"),
    ("Tell me a joke, but", "a short one."),
)  # fmt: skip
"""The first part cannot be all."""

HESITATIONS: Final = (
    ("Um,", "what time is it?"), ("What is, um,", "the capital of Italy?"), ("Set a timer for, uh,", "five minutes."),
    ("Play, um,", "something quiet."), ("Hmm, let me think,", "tell me about Rome."),
    ("Remind me tomorrow to, um,", "water the plants."), ("Okay, so,", "how do I make pancakes?"),
    ("Can you tell me, uh,", "who wrote Hamlet?"), ("I was wondering,", "is it cold outside?"),
    ("Well,", "turn on the lamp."), ("Turn off the, uh,", "the fan."),
    ("What's the word for, um,", "butterfly in Spanish?"),
)  # fmt: skip
"""Somebody looks for a word."""

LOOKS_OVER: Final = (
    ("Turn on the light", "in the kitchen."), ("What is the weather", "in Shanghai tomorrow?"),
    ("Tell me a joke", "about cats."), ("Play some music", "by Mozart."), ("How many people live", "in Canada?"),
    ("What time is it", "in Tokyo?"), ("Set an alarm", "for six thirty."),
    ("Tell me a story", "about a brave knight."), ("What is the capital", "of Brazil?"),
    ("Remind me to call the dentist", "on Monday."), ("Add apples to the list", "and some cheese."),
    ("How is the weather today", "in Hamburg?"), ("Turn everything off", "except the lamp."),
    ("Who won the game", "last night?"), ("Do I need an umbrella", "tomorrow morning?"),
    ("What's on television", "tonight?"), ("Wake me up", "at seven."), ("Make it warmer", "in the bathroom."),
    ("Can you help me", "with my homework?"), ("How long does it take", "to fly to London?"),
    ("Where can I eat", "around here?"),
)  # fmt: skip
"""The first part could be all, and is not."""

SPEEDS: Final = (1.0, 0.85, 1.15, 1.0, 1.3)
GAINS: Final = (1.0, 0.4, 0.15, 0.7)
NOISE_LEVELS: Final = (0.0, 20.0, 60.0)
"""Root mean squares of 32 768; speech is about 2000 at a gain of 1."""

RECORDINGS: Final = (
    "en_librispeech", "zh_aishell", "zh_opening_hours", "zh_values", "zh_most_beautiful", "en_real_one_two_three",
)  # fmt: skip
"""Read or called by real voices, two of them synthetic."""


@dataclass(frozen=True)
class Manner:
    """How something is said: the speed and the loudness, 1 being the voice's own."""

    speed: float
    gain: float


@dataclass(frozen=True)
class Item:
    """What is said before the pause, and after it; whole commands have nothing after it."""

    kind: Kind
    said: str
    first: Clip
    rest: Clip | None = None
    wake_phrase: str = ""
    noise_level: float = 0.0

    @property
    def first_ends_at(self) -> float:
        """When the first part is over, in seconds of the sound in the room."""
        return BEFORE_SECONDS + self.first.seconds

    def with_pause(self, seconds: float) -> Clip:
        """The beginning with a pause of this length in the middle, and just enough after it to hear that it goes on."""
        assert self.rest
        going_on = Clip(self.rest.samples[: round(0.4 * SAMPLE_RATE_HZ)], SAMPLE_RATE_HZ)
        return self.in_the_room(self.first, silence(seconds), going_on)

    @property
    def alone(self) -> Clip:
        """The first part and a silence that is longer than anybody would wait."""
        return self.in_the_room(self.first, silence(2.4))

    def in_the_room(self, *clips: Clip) -> Clip:
        """The sound as a microphone gives it: a little before the beginning, and noise under it all."""
        clip = one_after_another(silence(BEFORE_SECONDS), *clips)
        hiss = noise(clip.seconds, self.noise_level).samples
        return Clip(np.clip(clip.samples.astype(np.int32) + hiss, -32_768, 32_767).astype(np.int16), clip.rate_hz)


def corpus(studio: Studio) -> Iterator[Item]:
    """All of it; every other command begins with the wake phrase, in the same breath."""
    settings = zip(map(Manner, cycle(SPEEDS), cycle(GAINS)), cycle(NOISE_LEVELS), cycle((WAKE_PHRASE, "")))
    for text in WHOLE:
        manner, level, called = next(settings)
        yield Item("whole", text, studio.spoken(called_by(called, text), manner), None, called, level)
    for kind, first, rest, is_cut in pauses():
        manner, level, called = next(settings)
        say = studio.said_and_cut if is_cut else studio.said_in_two_breaths
        yield Item(kind, f"{first} | {rest}", *say(called_by(called, first), rest, manner), called, level)
    for name in RECORDINGS:
        clip = trimmed(recording(name))
        yield Item("whole recording", name, clip)
        for at in quiet_moments(clip, count=4):
            yield Item("recording", f"{name} | {at / SAMPLE_RATE_HZ:.1f} s", *parted(clip, at))


def pauses() -> Iterator[tuple[Kind, str, str, bool]]:
    """The kind, what is said before and after the pause, and whether it is cut from one fluent sentence."""
    kinds: Mapping[Kind, Sequence[tuple[str, str]]] = {
        "unfinished": UNFINISHED,
        "hesitation": HESITATIONS,
        "looks over": LOOKS_OVER,
    }
    for is_cut in (False, True):
        for kind, pairs in kinds.items():
            yield from ((kind, f"{first.rstrip(',')},", rest, is_cut) for first, rest in pairs)
    yield from (("afterthought", f"{first}.", rest, False) for first, rest in LOOKS_OVER)


def called_by(wake_phrase: str, text: str) -> str:
    return f"{wake_phrase.title()}, {text[0].lower()}{text[1:]}" if wake_phrase else text


@dataclass(frozen=True)
class Studio:
    """Where the corpus is spoken, and words are found in it."""

    voice: PiperVoice
    whisper: WhisperModel

    def spoken(self, text: str, manner: Manner) -> Clip:
        """The text without the silence around it."""
        own = self.voice.config
        settings = SynthesisConfig(length_scale=own.length_scale / manner.speed, volume=manner.gain)
        pieces = [chunk.audio_int16_array for chunk in self.voice.synthesize(text, settings)]
        return trimmed(Clip(np.concatenate(pieces), own.sample_rate).at_rate(SAMPLE_RATE_HZ))

    def said_in_two_breaths(self, first: str, rest: str, manner: Manner) -> tuple[Clip, Clip]:
        """Each part by itself."""
        return self.spoken(first, manner), self.spoken(rest, manner)

    def said_and_cut(self, first: str, rest: str, manner: Manner) -> tuple[Clip, Clip]:
        """A fluent sentence, cut where the first part ends; in two breaths where whisper does not find the place."""
        whole = self.spoken(f"{first.rstrip(',')} {rest}", manner)
        at = self.end_of_word(whole, len(first.split()))
        return self.said_in_two_breaths(first, rest, manner) if at is None else parted(whole, at)

    def end_of_word(self, clip: Clip, number: int) -> int | None:
        """The sample at which so many words are over, at the quietest moment near it; None with fewer words."""
        segments, _ = self.whisper.transcribe(floats(clip), language="en", word_timestamps=True, beam_size=1)
        words = [word for segment in segments for word in segment.words or ()]
        if number >= len(words):
            return None
        about = round(words[number].start * SAMPLE_RATE_HZ)
        near = range(max(0, about - 640), min(len(clip.samples), about + 640), 80)
        return min(near, key=lambda at: loudness(clip, at))


def quiet_moments(clip: Clip, count: int) -> Sequence[int]:
    """The quietest moments inside the clip, at least half a second apart and from its begin.

    A second from its end: of the last quarter of a second of a sentence Silero takes nothing for speech.
    """
    half = SAMPLE_RATE_HZ // 2
    candidates = sorted(range(half, len(clip.samples) - 2 * half, 160), key=lambda at: loudness(clip, at))
    chosen: list[int] = []
    for at in candidates:
        if len(chosen) < count and all(abs(at - other) >= half for other in chosen):
            chosen.append(at)
    return sorted(chosen)


def loudness(clip: Clip, at: int) -> float:
    """The root mean square of the 20 ms around a sample."""
    around = clip.samples[max(0, at - 160) : at + 160].astype(np.float64)
    return float(np.sqrt(np.mean(around**2)))


def parted(clip: Clip, at: int) -> tuple[Clip, Clip]:
    """What comes before a sample and what comes after it, with no silence and no click where they met."""
    return trimmed(faded(clip.samples[:at])), trimmed(faded(clip.samples[at:]))


def faded(samples: Samples) -> Clip:
    """The samples with 10 ms of rise and fall at their ends."""
    distance = np.minimum(np.arange(len(samples)), np.arange(len(samples))[::-1])
    return Clip((samples * np.minimum(1, distance / 160)).astype(np.int16), SAMPLE_RATE_HZ)


def trimmed(clip: Clip) -> Clip:
    """The clip from its first to its last sound: what is within 30 dB of its loudest 20 ms."""
    steps = range(0, len(clip.samples), 160)
    levels = np.array([loudness(clip, at) for at in steps])
    loud = np.flatnonzero(levels > levels.max() / 10**1.5)
    return Clip(clip.samples[loud[0] * 160 : (loud[-1] + 1) * 160], clip.rate_hz)
