"""Whether a transcript is what whisper writes when nobody said anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Measured with whisper-base: silence, noise and tones have 0.69 or more and -1.23 or less, speech has 0.29 or
# less and -1.25 or more. The two numbers are whisper's own (openai/whisper, transcribe.py).
NO_SPEECH: Final = 0.6
UNSURE: Final = -1.0

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
        silent = self.no_speech_probability > NO_SPEECH and not self.is_sure
        return not (silent or is_invented(self.text, self.prompt))

    @property
    def is_sure(self) -> bool:
        """Whether whisper would write it again."""
        return self.average_log_probability >= UNSURE


def is_invented(text: str, prompt: str) -> bool:
    """Whether this text is one that whisper writes by itself."""
    plain = text.strip(MARKS).casefold()
    shown = prompt.strip(MARKS).casefold()
    return plain in ("", shown, *INVENTED) or plain.startswith(INVENTED_BEGINNINGS)
