"""Whether a transcript is what whisper writes when nobody said anything."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

# Measured with whisper-base: silence, noise and tones have 0.69 or more and -1.23 or less, speech has 0.29 or
# less and -1.25 or more. The two numbers are whisper's own (openai/whisper, transcribe.py).
NO_SPEECH: Final = 0.6
UNSURE: Final = -1.0
# Text that can be compressed this much says the same again and again; whisper's own number, too.
REPETITIVE: Final = 2.4

# What subtitles end with, and so what whisper learned to write for music and murmurs. Only what nobody says to an
# assistant is here: "thank you" is not.
INVENTED: Final = ("you", "thanks for watching", "thank you for watching", "谢谢观看", "谢谢大家观看")
INVENTED_BEGINNINGS: Final = ("字幕由", "字幕by", "请不吝点赞")
MARKS: Final = " .!?,…。！？，"


@dataclass(frozen=True)
class Hearing:
    """What whisper wrote, and how sure it was."""

    text: str
    """The command, without the wake phrase."""

    prompt: str
    """What it was shown before; with no speech to go by it repeats that."""

    no_speech_probability: float
    average_log_probability: float

    @property
    def has_words(self) -> bool:
        """Whether somebody said this."""
        nobody_spoke = self.sounds_silent and self.average_log_probability < UNSURE
        return not (nobody_spoke or self.is_stuck or is_invented(self.text, self.prompt))

    @property
    def is_sure(self) -> bool:
        """Whether somebody said this, and probably just this."""
        return self.has_words and self.average_log_probability >= UNSURE

    @property
    def sounds_silent(self) -> bool:
        """Whether the sound alone, before any word, is like silence."""
        return self.no_speech_probability > NO_SPEECH

    @property
    def is_stuck(self) -> bool:
        """Whether it repeats itself, as whisper does when it has lost the thread."""
        written = self.text.encode()
        return len(written) > REPETITIVE * len(zlib.compress(written))


def is_invented(text: str, prompt: str) -> bool:
    """Whether this text is one that whisper writes by itself."""
    plain = text.strip(MARKS).casefold()
    shown = prompt.strip(MARKS).casefold()
    return plain in ("", shown, *INVENTED) or plain.startswith(INVENTED_BEGINNINGS)
