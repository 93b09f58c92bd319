"""Sounds that are not speech, made by a formula: noise, machines, keys, doors, coughs, music; and rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt

from jetson_voice.audio import SAMPLE_RATE_HZ, Clip

Floats = npt.NDArray[np.float64]

FULL_SCALE: Final = 32_768.0
MAJOR: Final = (0, 4, 7)
MINOR: Final = (0, 3, 7)
# Chords by their distance from the key's tonic, as songs have them.
PROGRESSIONS: Final = (
    ((0, MAJOR), (7, MAJOR), (9, MINOR), (5, MAJOR)),
    ((0, MAJOR), (9, MINOR), (5, MAJOR), (7, MAJOR)),
    ((9, MINOR), (5, MAJOR), (0, MAJOR), (7, MAJOR)),
)
SCALE: Final = (0, 2, 4, 5, 7, 9, 11, 12)
STYLES: Final = ("strings", "piano", "dance", "flute", "vowels")


def white(seconds: float, *, level_db: float = -30, seed: int = 1) -> Clip:
    """Every frequency alike."""
    return at_level(np.random.default_rng(seed).normal(size=samples_in(seconds)), level_db)


def pink(seconds: float, *, level_db: float = -30, seed: int = 1) -> Clip:
    """Rain, a fan: power falls with frequency."""
    return at_level(coloured(seconds, 1.0, np.random.default_rng(seed)), level_db)


def mains(seconds: float, *, level_db: float = -30) -> Clip:
    """The hum of a transformer: 50 Hz and its harmonics."""
    time = np.arange(samples_in(seconds)) / SAMPLE_RATE_HZ
    return at_level(sum_of(np.sin(2 * np.pi * 50 * n * time) / n for n in range(1, 9)), level_db)


def keyboard(seconds: float, *, level_db: float = -30, seed: int = 1) -> Clip:
    """Somebody types, six or so keys a second."""
    random = np.random.default_rng(seed)
    sound = np.zeros(samples_in(seconds))
    at = 0.1
    while at < seconds - 0.1:
        for delay, loudness in ((0.0, 1.0), (random.uniform(0.06, 0.1), 0.4)):  # down, and up
            strength = loudness * random.uniform(0.5, 1)
            add(sound, at + delay, strength * burst(random, 0.03, low=1500, high=6000, decay=0.006))
        at += random.uniform(0.08, 0.25)
    return at_level(sound, level_db)


def door(*, level_db: float = -20, seed: int = 1) -> Clip:
    """A door bangs."""
    random = np.random.default_rng(seed)
    sound = np.zeros(samples_in(1.5))
    add(sound, 0.3, 3 * burst(random, 0.6, low=40, high=300, decay=0.08))
    add(sound, 0.3, burst(random, 0.2, low=300, high=5000, decay=0.02))
    add(sound, 0.55, 0.5 * burst(random, 0.3, low=60, high=1500, decay=0.05))
    return at_level(reverberated(sound, seed=seed), level_db)


def coughs(*, level_db: float = -20, seed: int = 1) -> Clip:
    """Somebody coughs twice: a burst of breath, its throat open for a moment."""
    random = np.random.default_rng(seed)
    sound = np.zeros(samples_in(1.8))
    for at in (0.2, 0.8):
        add(sound, at, burst(random, 0.3, low=300, high=4000, decay=0.06))
        add(sound, at + 0.05, 0.8 * burst(random, 0.25, low=500, high=1300, decay=0.08))
    return at_level(sound, level_db)


def office(seconds: float, *, level_db: float = -30, seed: int = 1) -> Clip:
    """Air conditioning, a transformer, somebody who types, and a murmur next door."""
    random = np.random.default_rng(seed)
    murmur = coloured(seconds, 1.0, random, low=150, high=900)
    time = np.arange(len(murmur)) / SAMPLE_RATE_HZ
    syllables = np.maximum(0, np.sin(2 * np.pi * 3.5 * time + np.sin(2 * np.pi * 0.7 * time)))
    parts = (
        floats(pink(seconds, level_db=-30, seed=seed)),
        floats(mains(seconds, level_db=-45)),
        floats(keyboard(seconds, level_db=-36, seed=seed)),
        floats(at_level(murmur * syllables, -33)),
    )
    return at_level(sum_of(parts), level_db)


def music(style: str, *, seconds: float = 6, level_db: float = -22, seed: int = 1) -> Clip:
    """Chords, a melody and drums."""
    random = np.random.default_rng([STYLES.index(style), seed])
    tonic = random.integers(45, 57)
    progression = PROGRESSIONS[random.integers(len(PROGRESSIONS))]
    beat = 60 / random.uniform(80, 130)
    sound = np.zeros(samples_in(seconds))
    for index in range(int(seconds / beat)):
        root, chord = progression[index // 4 % len(progression)]
        if index % 4 == 0:
            for step in chord:
                add(sound, index * beat, 0.3 * note(tonic + root + step, 4 * beat, style))
        for half in range(2):
            if random.random() < 0.7:
                pitch = tonic + 12 + SCALE[random.integers(len(SCALE))]
                add(sound, (index + half / 2) * beat, 0.5 * note(pitch, beat * random.choice([0.5, 1.0]), style))
        if style != "strings":
            add(sound, index * beat, 0.7 * burst(random, 0.15, low=40, high=120, decay=0.05))
            add(sound, (index + 0.5) * beat, 0.15 * burst(random, 0.08, low=4000, high=7900, decay=0.02))
    return at_level(sound, level_db)


def note(pitch: float, seconds: float, style: str) -> Floats:
    """One note, by its MIDI number."""
    time = np.arange(samples_in(seconds)) / SAMPLE_RATE_HZ
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    vibrato = 0.006 * frequency / 5.5 * np.sin(2 * np.pi * 5.5 * time) if style in ("strings", "vowels") else 0.0
    phase = 2 * np.pi * (frequency * time + vibrato)
    swell = np.minimum(1, time / 0.03) * np.minimum(1, (seconds - time) / 0.03)
    harmonics = range(1, max(2, int(7000 / frequency)))
    match style:
        case "piano":
            sound = sum_of(np.sin(n * phase) * np.exp(-time * (2 + n)) / n for n in range(1, 7))
        case "flute":
            sound = np.sin(phase) + 0.2 * np.sin(2 * phase)
        case "vowels":  # the resonances of an open mouth
            sound = sum_of(np.sin(n * phase) * open_mouth(n * frequency) for n in harmonics)
        case _:
            sound = sum_of(np.sin(n * phase) / n for n in harmonics)
    return np.asarray(sound * swell)


def open_mouth(hertz: float) -> float:
    """How much of a frequency an "ah" lets through."""
    return float(sum(np.exp(-(((hertz - formant) / 120) ** 2)) for formant in (700, 1150, 2500)))


def reverberated(sound: Floats, *, seconds: float = 0.4, direct: float = 1.0, seed: int = 1) -> Floats:
    """The sound in a room whose echo falls by 60 dB in so many seconds."""
    random = np.random.default_rng(seed)
    time = np.arange(samples_in(seconds)) / SAMPLE_RATE_HZ
    response = random.normal(size=len(time)) * np.exp(-6.9 * time / seconds)
    response *= 0.7 / np.sqrt(np.sum(response**2))
    response[0] = direct
    length = len(sound) + len(response)
    return np.fft.irfft(np.fft.rfft(sound, length) * np.fft.rfft(response, length), length)[: len(sound)]


def across_the_room(clip: Clip, *, attenuation_db: float = 20, seed: int = 1) -> Clip:
    """What the microphone hears of a loudspeaker in the same room: weaker, and with more echo than sound."""
    heard = reverberated(floats(clip), direct=0.4, seed=seed)
    return clip_of(heard * 10 ** (-attenuation_db / 20))


def behind_a_wall(clip: Clip) -> Clip:
    """What comes through a wall: nothing above 500 Hz."""
    sound = floats(clip)
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ) > 500] = 0
    return clip_of(np.fft.irfft(spectrum, len(sound)))


def quieter(clip: Clip, decibels: float) -> Clip:
    return clip_of(floats(clip) * 10 ** (-decibels / 20))


def with_noise(clip: Clip, noise: Clip, *, snr_db: float) -> Clip:
    """The clip, its voiced half so many decibels above the noise."""
    speech, disturbance = floats(clip), np.resize(floats(noise), len(clip.samples))
    loud = np.sort(speech**2)[len(speech) // 2 :]
    gain = np.sqrt(np.mean(loud) / np.mean(disturbance**2)) * 10 ** (-snr_db / 20)
    return clip_of(speech + gain * disturbance)


def burst(random: np.random.Generator, seconds: float, *, low: float, high: float, decay: float) -> Floats:
    """A short noise between two frequencies that fades away."""
    time = np.arange(samples_in(seconds)) / SAMPLE_RATE_HZ
    return coloured(seconds, 0.0, random, low=low, high=high) * np.exp(-time / decay)


def coloured(
    seconds: float, slope: float, random: np.random.Generator, *, low: float = 20, high: float = 8000
) -> Floats:
    """Noise between two frequencies whose power falls with frequency to the power of `slope`."""
    length = samples_in(seconds)
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    spectrum = np.fft.rfft(random.normal(size=length))
    spectrum *= np.maximum(frequencies, 1) ** (-slope / 2) * ((frequencies >= low) & (frequencies <= high))
    sound = np.fft.irfft(spectrum, length)
    return np.asarray(sound / max(float(np.std(sound)), 1e-9))


def at_level(sound: Floats, level_db: float) -> Clip:
    """The sound at a root mean square of so many decibels below full scale."""
    return clip_of(sound / max(float(np.sqrt(np.mean(sound**2))), 1e-9) * 10 ** (level_db / 20))


def floats(clip: Clip) -> Floats:
    return clip.at_rate(SAMPLE_RATE_HZ).samples.astype(np.float64) / FULL_SCALE


def clip_of(sound: Floats) -> Clip:
    return Clip(np.clip(np.round(sound * FULL_SCALE), -32_768, 32_767).astype(np.int16), SAMPLE_RATE_HZ)


def add(sound: Floats, at: float, piece: Floats) -> None:
    """Mix a piece in at a moment; what goes beyond the end is lost."""
    begin = samples_in(at)
    room = max(0, min(len(piece), len(sound) - begin))
    sound[begin : begin + room] += piece[:room]


def sum_of(parts: Iterable[Floats]) -> Floats:
    return np.asarray(np.sum(list(parts), axis=0), np.float64)


def samples_in(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ)
