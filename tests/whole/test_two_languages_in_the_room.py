"""Manners and languages on real models, aloud, once in each language; only the language model is scripted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import anyio
import pytest

from in_the_room import heard_on
from jetson_voice.bench.household import Household, household
from jetson_voice.bench.room import VirtualRoom
from jetson_voice.config import Config, LanguageModel, Ollama, WakeWord
from jetson_voice.events import FollowUpAwaited, FollowUpOver, SpeakingEnded, SpeakingStarted, Transcribed, TurnEnded
from jetson_voice.languages import Language
from jetson_voice.reading import reading_of
from jetson_voice.tryout import likeness_of, transcribed
from protocol_server import Done, ProtocolServer, Word
from recordings import one_after_another, recording, silence
from sounds import keyboard, music

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.room]


@pytest.fixture
def server() -> Iterator[ProtocolServer]:
    with ProtocolServer("ollama", answer=(Word("Hello."), Done())) as served:
        yield served


@pytest.fixture
def bilingual(starter: Config, server: ProtocolServer) -> Config:
    """Both languages; the Chinese voice is espeak-ng's, since no Piper voice is here."""
    words = (WakeWord("hey_jarvis"), WakeWord("alexa"))
    return replace(
        starter,
        wake=replace(starter.wake, words=words),
        stt=replace(starter.stt, languages=("zh", "en")),
        llm=LanguageModel(ollama=Ollama(url=server.url)),
    )


def answers(*pieces: str) -> list[Word | Done]:
    return [*(Word(piece) for piece in pieces), Done()]


async def ended(home: Household, turns: int) -> str:
    """How that turn ended, and that what was spoken in it is over."""
    await home.until(TurnEnded, turns)
    return home.of(TurnEnded)[turns - 1][0].outcome


async def spoken_in_turn(home: Household) -> tuple[str, float, float]:
    """What the assistant has said since the last transcript, and when it was heard."""
    asked_at = home.of(Transcribed)[-1][1]
    begins = [(event.spoken, at) for event, at in home.of(SpeakingStarted) if at > asked_at]
    return " ".join(spoken for spoken, _ in begins), begins[0][1], home.of(SpeakingEnded)[-1][1]


async def test_a_conversation_in_english(room: VirtualRoom, bilingual: Config, server: ProtocolServer) -> None:
    said = ["Hey Jarvis, how much is a ticket to London?", "And how much is it tomorrow?", "Never mind."]
    async with household(room, bilingual, said) as (home, conversation):
        server.answer = answers("It costs **$5", "**, which is 20% less than at 8:30. ", "Do you want ", "two?")
        home.say(said[0])
        assert await ended(home, 1) == "answered"
        assert home.of(Transcribed)[-1][0].language == "en"
        await assert_heard_as_written(home, bilingual, "en")

        assert home.of(FollowUpAwaited)[-1][0].seconds == bilingual.listen.follow_up_after_question_seconds
        home.say(said[1])
        assert await ended(home, 2) == "answered"
        assert likeness_of(home.of(Transcribed)[-1][0].text, said[1]) >= 0.7

        await home.until(FollowUpAwaited, 2)
        home.say(said[2])
        assert await ended(home, 3) == "dismissed"
        assert len(home.of(FollowUpAwaited)) == 2
        assert [message.role for message in conversation.history] == ["user", "assistant"] * 2


async def assert_heard_as_written(home: Household, config: Config, language: Language) -> None:
    spoken, begin, end = await spoken_in_turn(home)
    heard = await transcribed(config, await heard_on(home.room, begin - 0.3, end + 0.3))
    likeness = likeness_of(reading_of(spoken, language), reading_of(heard, language))
    print(f"spoken: {spoken}; heard: {heard} ({likeness:.2f})")
    assert likeness >= 0.85


async def test_a_conversation_in_chinese(room: VirtualRoom, bilingual: Config, server: ProtocolServer) -> None:
    async with household(room, bilingual, []) as (home, conversation):
        server.answer = answers("今天是2026年11月26日，", "气温**23.5℃", "**。", "要我", "继续吗？")
        room.say(one_after_another(recording("alexa_test"), silence(0.15), recording("zh_values"), silence(1)))
        assert await ended(home, 1) == "answered"
        understood = home.of(Transcribed)[-1][0]
        assert understood.language == "zh"
        assert likeness_of(understood.text, "小米的核心价值观是什么？答案是真诚热爱！") >= 0.6
        await assert_spoken_in_hanzi(home)

        server.answer = answers("好的，", "从九点到五点。")
        await home.until(FollowUpAwaited, 1)
        room.say(one_after_another(recording("zh_opening_hours"), silence(1)))
        assert await ended(home, 2) == "answered"
        assert likeness_of(home.of(Transcribed)[-1][0].text, "开放时间早上9点至下午5点。") >= 0.6
        await home.until(FollowUpOver, 1)
        assert [message.role for message in conversation.history] == ["user", "assistant"] * 2


async def assert_spoken_in_hanzi(home: Household) -> None:
    """whisper does not understand espeak-ng; a voice that spells hanzi out takes several times as long for each."""
    spoken, begin, end = await spoken_in_turn(home)
    hanzi = sum(character >= "\u4e00" for character in reading_of(spoken, "zh"))
    each = (end - begin) / hanzi
    print(f"spoken: {spoken}; {each:.2f} s for each of {hanzi} hanzi")
    assert 0.12 <= each <= 0.4


@pytest.mark.parametrize("name", ["keyboard", "music", "silence"])
async def test_after_the_wake_word_noise_is_no_question(
    name: str, room: VirtualRoom, bilingual: Config, server: ProtocolServer
) -> None:
    noises = {"keyboard": keyboard(4), "music": music("dance", seconds=4), "silence": silence(4)}
    async with household(room, bilingual, []) as (home, conversation):
        asked = len(server.questions)
        room.say(one_after_another(recording("alexa_test"), silence(0.3), noises[name], silence(1)))
        assert await ended(home, 1) == "nothing heard"
        await anyio.sleep(0.5)
        assert not home.of(SpeakingStarted)
        assert len(server.questions) == asked
        assert not conversation.history
