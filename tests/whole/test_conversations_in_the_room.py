"""The main job on real models, aloud: a wake word, a question, a spoken answer, an interruption."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from in_the_room import heard_on, overhear
from jetson_voice import backends
from jetson_voice.bench.barge_in import interrupt, one_breath
from jetson_voice.bench.household import Household, household
from jetson_voice.bench.probes import Overheard
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config, LanguageModel, Ollama
from jetson_voice.conversation import CUT_MARK
from jetson_voice.events import (
    SentenceReady,
    SpeakingEnded,
    SpeakingStarted,
    Transcribed,
    TurnEnded,
    WakeHeard,
)
from jetson_voice.tryout import likeness_of, transcribed
from protocol_server import Done, Endless, ProtocolServer, Word

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
    async with household(room, starter, list(QUESTIONS)) as (home, conversation):
        for question, words in QUESTIONS.items():
            await home.ask(question)
            understood = home.of(Transcribed)[-1][0].text
            assert likeness_of(words, understood) >= 0.7, understood
        assert [event.outcome for event, _ in home.of(TurnEnded)] == ["answered"] * 5
        assert len(home.of(WakeHeard)) == 5
        remembered = [message.content for message in conversation.history if message.role == "assistant"]
        assert remembered == [answer for answer in ears[0].answers if answer in remembered]
        written, heard = await last_answer(home, starter)
        assert likeness_of(written, heard) >= 0.8, f"written: {written}; heard: {heard}"


async def last_answer(home: Household, config: Config) -> tuple[str, str]:
    """The last answer as it was written, and as whisper hears it in the room."""
    asked_at = home.of(Transcribed)[-1][1]
    begin = next(at for _, at in home.of(SpeakingStarted) if at > asked_at)
    end = home.of(SpeakingEnded)[-1][1]
    spoken = " ".join(event.spoken for event, at in home.of(SentenceReady) if at > asked_at)
    return spoken, await transcribed(config, await heard_on(home.room, begin - 0.3, end + 0.3))


async def test_the_wake_word_during_a_long_answer_silences_it_and_the_next_question_is_answered(
    room: VirtualRoom, starter: Config, ears: list[Overheard]
) -> None:
    config = replace(starter, llm=replace(starter.llm, answer_tokens=400))
    async with household(room, config, [STORY, "Hey Jarvis.", "What is the capital of France?"]) as (
        home,
        conversation,
    ):
        call = one_breath(home.questions["Hey Jarvis."], home.questions["What is the capital of France?"])
        home.say(STORY)
        await home.until(SpeakingEnded, 1)
        await home.until(SpeakingStarted, 2)
        silencing = await interrupt(home, call)
        await home.until(TurnEnded, 2)

        print(f"silent {silencing.after_detection:.3f} s after the detection", end=", ")
        print(f"{silencing.after_wake_word:.3f} s after the wake word")
        assert silencing.after_detection <= 0.15
        assert silencing.after_wake_word <= 0.5  # it must stay for four frames
        history = conversation.history
        assert history[1].content.endswith(CUT_MARK)
        assert any(answer.startswith(history[1].content.removesuffix(CUT_MARK)) for answer in ears[0].answers)
        assert history[3].content == ears[0].answers[-1]


async def test_an_interrupted_answer_is_no_longer_written_by_the_server(room: VirtualRoom, starter: Config) -> None:
    story = (Endless("Once upon a time there was a fox. "),)
    with ProtocolServer("ollama", answer=(Word("Hello."), Done())) as server:
        config = replace(starter, llm=LanguageModel(ollama=Ollama(url=server.url)))
        async with household(room, config, ["Hey Jarvis.", "Tell me a story."]) as (home, _):
            call = one_breath(home.questions["Hey Jarvis."], home.questions["Tell me a story."])
            server.script.append(story)
            room.say(call.clip)
            await home.until(SpeakingStarted, 2)
            endless = server.questions[-1]
            assert not has_left(server, endless)
            await interrupt(home, call)
            assert has_left(server, endless)
            await home.until(TurnEnded, 2)
            assert home.of(TurnEnded)[-1][0].outcome == "answered"


def has_left(server: ProtocolServer, question: dict[str, Any]) -> bool:
    """Whether it was this one that nobody listens to any more; an earlier one may have been the same to the letter."""
    return any(each is question for each in server.left)
