"""The main job on real models, aloud: a wake word, a question, a spoken answer, an interruption."""

from __future__ import annotations

from dataclasses import replace

import pytest
from in_the_room import Household, Overheard, heard_on, household, overhear
from room import VirtualRoom

from jetson_voice import backends
from jetson_voice.config import Config
from jetson_voice.conversation import CUT_MARK
from jetson_voice.events import (
    Interrupted,
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.tryout import likeness_of, transcribed

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.room]

QUESTIONS = {
    "Hey Jarvis, what is the capital of France?": "What is the capital of France?",
    "Hey Jarvis, tell me three colors.": "Tell me three colors.",
    "Hey Jarvis, what do cats like to eat?": "What do cats like to eat?",
    "Hey Jarvis, how many days are in a week?": "How many days are in a week?",
    "Hey Jarvis, tell me something about the moon.": "Tell me something about the moon.",
}
STORY = "Hey Jarvis, tell me a long story about a brave little dragon."


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> list[Overheard]:
    """Whoever stands here hears what the embedded language model is asked and what it writes."""
    overheard: list[Overheard] = []
    rows = dict(backends.LANGUAGE_MODELS)
    rows["embedded"] = overhear(rows["embedded"], overheard)
    monkeypatch.setattr(backends, "LANGUAGE_MODELS", rows)
    return overheard


async def test_five_questions_in_a_row_are_answered_aloud(
    room: VirtualRoom, starter: Config, ears: list[Overheard]
) -> None:
    async with household(room, starter, list(QUESTIONS)) as home:
        for question, words in QUESTIONS.items():
            await home.ask(question)
            last = home.of(Transcribed)[-1][0]
            assert isinstance(last, Transcribed)
            assert likeness_of(words, last.text) >= 0.7
        assert [event.outcome for event, _ in home.of(TurnEnded) if isinstance(event, TurnEnded)] == ["answered"] * 5
        assert len(home.of(WakeHeard)) == 5
        remembered = [message.content for message in home.daemon.conversation.history if message.role == "assistant"]
        written = ears[0].answers
        assert [text.strip() for text in written[-len(remembered) :]] == [text.strip() for text in remembered]
        assert await words_heard_agree(home, starter) >= 0.8


async def words_heard_agree(home: Household, config: Config) -> float:
    """How well whisper hears in the room what was written for the last answer."""
    began, ended = home.of(SpeakingStarted), home.of(SpeakingEnded)
    asked_at = home.of(Transcribed)[-1][1]
    begin = next(at for _, at in began if at > asked_at)
    spoken = [event.spoken for event, at in home.of(SentenceReady) if at > asked_at and isinstance(event, SentenceReady)]
    clip = await heard_on(home.room, begin - 0.3, ended[-1][1] + 0.3)
    return likeness_of(" ".join(spoken), await transcribed(config, clip))


async def test_the_wake_word_during_a_long_answer_silences_it_and_the_next_question_is_answered(
    room: VirtualRoom, starter: Config, ears: list[Overheard]
) -> None:
    config = replace(starter, llm=replace(starter.llm, answer_tokens=400))
    question = next(iter(QUESTIONS))
    async with household(room, config, [STORY, question]) as home:
        home.say(STORY)
        await home.until(SpeakingEnded, 1)
        await home.until(SpeakingStarted, 2)
        said = home.say(question)
        detected_at = await home.until(WakeHeard, 2)
        await home.until(Interrupted, 1)
        silent_at = last_sound_before(room, detected_at + 0.6)
        await home.until(TurnEnded, 2)

        phrase_ended_at = room.heard(said).begin + seconds_of_wake_phrase(home)
        print(
            f"silence {1000 * (silent_at - detected_at):.0f} ms after the detection, "
            f"{1000 * (silent_at - phrase_ended_at):.0f} ms after the wake phrase"
        )
        assert silent_at - detected_at <= 0.15
        assert silent_at - phrase_ended_at <= 0.4
        history = home.daemon.conversation.history
        assert history[1].content.endswith(CUT_MARK)
        assert ears[0].answers[0].startswith(history[1].content.removesuffix(CUT_MARK))
        assert history[3].content == ears[0].answers[1]


def last_sound_before(room: VirtualRoom, end: float, level: int = 150) -> float:
    """The last loud sample of the speaker before a time; the old answer's, when the new one has not begun."""
    samples, begin = room.speaker.between(end - 5, end)
    loud = [index for index, sample in enumerate(samples.tolist()) if abs(sample) > level]
    return begin + loud[-1] / 48_000


def seconds_of_wake_phrase(home: Household) -> float:
    """How long “Hey Jarvis” lasts in Piper's voice, from its first loud sample: up to the pause before the question."""
    return 0.70
