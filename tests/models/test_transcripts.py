"""whisper-base on recordings and on Piper's voice."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

import sounds
from hearing_corpus import (
    ANSWERS,
    RECORDED,
    SPOKEN,
    STT,
    UNUSUAL,
    babble,
    edit_distance,
    loaded_model,
    not_speech,
    plain,
    said_by_piper,
    whisper,
)
from jetson_voice.audio import Clip
from jetson_voice.backends.faster_whisper import FasterWhisper
from jetson_voice.config import SpeechToText
from jetson_voice.languages import Language
from jetson_voice.own_voice import is_own_voice
from jetson_voice.protocols import Transcript
from recordings import recording, silence, utterance

pytestmark = [pytest.mark.anyio, pytest.mark.models, pytest.mark.usefixtures("models_directory")]

ONLY_CHINESE = replace(STT, languages=("zh",))
CHINESE = {name: said for name, said in RECORDED.items() if name.startswith("zh")}


async def transcript_of(*clips: Clip, stt: SpeechToText = STT, wake_phrase: str = "hey jarvis") -> Transcript:
    return await FasterWhisper(loaded_model(), stt).transcribe(utterance(*clips, wake_phrase=wake_phrase))


def error_rate(written: str, said: str) -> float:
    """Edit distance of letters and digits per letter that was said."""
    return edit_distance(plain(written), plain(said)) / len(plain(said))


@pytest.mark.parametrize(
    ("name", "language", "most_errors"),
    [
        ("en_librispeech", "en", 0.02),
        ("en_real_one_two_three", "en", 0.0),
        ("zh_opening_hours", "zh", 0.2),
        ("zh_values", "zh", 0.25),
        ("zh_most_beautiful", "zh", 0.1),
        ("zh_aishell", "zh", 0.3),
    ],
)
async def test_what_was_recorded_is_understood_in_its_language(name: str, language: str, most_errors: float) -> None:
    began = time.monotonic()
    transcript = await transcript_of(recording(name))
    errors = error_rate(transcript.text, RECORDED[name])
    print(f"{name}: {transcript.text} ({errors:.2f}, {time.monotonic() - began:.1f} s)")
    assert transcript.language == language
    assert errors <= most_errors


async def test_chinese_that_lasts_a_second_is_understood() -> None:
    transcript = await transcript_of(recording("zh_real_one_second"))
    print(transcript.text)
    assert transcript.language == "zh"
    assert error_rate(transcript.text, "砸自己的脚") <= 0.2


@pytest.mark.parametrize("prompt", ["请用简体中文。", ""])
async def test_chinese_is_written_in_simplified_characters_only(prompt: str) -> None:
    simplified = replace(ONLY_CHINESE, prompt_zh=prompt)
    texts = [(await transcript_of(recording(name), stt=simplified)).text for name in CHINESE]
    print(texts)
    assert all(texts)
    assert texts == [whisper(STT).simplified(text) for text in texts]


async def test_who_wants_traditional_characters_keeps_them() -> None:
    traditional = replace(ONLY_CHINESE, prompt_zh="請使用繁體中文。", simplified=False)
    transcript = await transcript_of(recording("zh_most_beautiful"), stt=traditional)
    assert "麗" in transcript.text


async def test_with_one_language_configured_everything_is_heard_in_it() -> None:
    assert (await transcript_of(recording("en_real_one_two_three"), stt=ONLY_CHINESE)).language == "zh"


@pytest.mark.parametrize("languages", [("zh", "en"), ("zh",), ("en",)])
async def test_noise_and_music_are_neither_words_nor_unclear_words(languages: tuple[Language, ...]) -> None:
    stt = replace(STT, languages=languages)
    for kind, clip in not_speech():
        transcript = await transcript_of(clip, stt=stt)
        assert (transcript.text, transcript.is_unclear) == ("", False), kind


@pytest.mark.parametrize("kind", ["silence", "keyboard", "door", "music"])
async def test_after_the_wake_word_noise_is_no_command(kind: str) -> None:
    noise = [clip for each, clip in not_speech() if each == kind][-1]
    transcript = await transcript_of(said_by_piper("Hey Jarvis."), silence(0.3), noise)
    assert (transcript.text, transcript.is_unclear) == ("", False)


async def test_where_nobody_speaks_whisper_is_not_asked() -> None:
    await transcript_of(silence(1))
    began = time.process_time()
    await transcript_of(silence(10))
    used = time.process_time() - began
    print(f"ten seconds of silence: {1000 * used:.0f} ms of CPU")
    assert used < 0.2


@pytest.mark.parametrize(
    "command",
    ["What is the capital of France?", "What time is it?", "Stop.", "Play some music.", "Thank you.", "Goodbye."],
)
async def test_what_piper_says_whisper_understands_without_the_wake_phrase(command: str) -> None:
    transcript = await transcript_of(said_by_piper(f"Hey Jarvis, {command}"))
    print(transcript.text)
    assert error_rate(transcript.text, command) <= 0.1
    assert transcript.language == "en"


@pytest.mark.parametrize("word", ["Stop.", "Yes.", "No.", "Thank you.", "Next."])
async def test_a_short_word_is_understood_and_from_far_away_in_three_tries(word: str) -> None:
    spoken = [said_by_piper.__wrapped__(word) for _ in range(3)]  # Piper speaks with a little chance in it
    near = [(await transcript_of(clip, wake_phrase="")).text for clip in spoken]
    far = [(await transcript_of(sounds.quieter(clip, 30), wake_phrase="")).text for clip in spoken]
    assert [plain(text) for text in near] == [plain(word)] * 3
    assert plain(word) in map(plain, far), far


@pytest.mark.parametrize("command", ["What time is it?", "Thank you.", "Turn off the lights in the kitchen."])
async def test_a_command_is_understood_in_an_office(command: str) -> None:
    spoken = said_by_piper(command)
    noisy = sounds.with_noise(spoken, sounds.office(spoken.seconds), snr_db=10)
    assert error_rate((await transcript_of(noisy, wake_phrase="")).text, command) <= 0.25


async def test_the_wake_phrase_alone_is_no_command() -> None:
    assert not (await transcript_of(said_by_piper("Hey Jarvis."))).text


@pytest.mark.parametrize("name", list(CHINESE))
@pytest.mark.parametrize("wake", ["alexa", "hey mycroft", "hey jarvis"])
async def test_a_chinese_command_after_an_english_wake_phrase_is_understood(wake: str, name: str) -> None:
    called = said_by_piper("Hey Jarvis,") if wake == "hey jarvis" else recording(f"{wake.replace(' ', '_')}_test")
    transcript = await transcript_of(called, recording(name), wake_phrase=wake)
    errors = error_rate(transcript.text, CHINESE[name])
    print(f"{wake} {name}: {transcript.text} ({errors:.2f})")
    assert transcript.language == "zh"
    # What whisper-base mis-hears of the wake phrase ("Him my craft") may stay before the command.
    assert errors <= 1.0


async def test_speech_that_nobody_can_make_out_is_mostly_unclear() -> None:
    # Which of them is unclear differs from processor to processor, and so many are enough for "mostly".
    sounds_heard = [babble(people, seed=seed) for people in (3, 6) for seed in range(8)]
    transcripts = [await transcript_of(sound, wake_phrase="") for sound in sounds_heard]
    assert sum(transcript.is_unclear for transcript in transcripts) >= len(sounds_heard) / 2


@pytest.mark.parametrize("answer", ANSWERS)
async def test_its_own_answer_from_across_the_room_is_known_as_its_own(answer: str) -> None:
    echo = sounds.across_the_room(said_by_piper(answer))
    transcript = await transcript_of(echo, wake_phrase="")
    print(transcript.text)
    assert is_own_voice(transcript.text, ["Good morning.", answer, "What else?"])


async def test_a_follow_up_from_the_same_room_is_not_its_own_voice() -> None:
    follow_up = sounds.across_the_room(said_by_piper("How many people live in Paris?"), attenuation_db=0)
    transcript = await transcript_of(follow_up, wake_phrase="")
    assert transcript.text
    assert not is_own_voice(transcript.text, ANSWERS)


async def test_hotwords_help_whisper_to_write_unusual_names() -> None:
    told = replace(STT, hotwords=tuple(UNUSUAL.values()))
    unaided, aided = [
        [error_rate((await transcript_of(said_by_piper(each), stt=stt)).text, each) for each in UNUSUAL]
        for stt in (STT, told)
    ]
    print(f"{sum(unaided):.2f} → {sum(aided):.2f}")
    assert sum(aided) < sum(unaided)
    assert any(with_them < without for with_them, without in zip(aided, unaided, strict=True))


async def test_hotwords_are_not_heard_where_nobody_says_them() -> None:
    told = replace(STT, hotwords=tuple(UNUSUAL.values()))
    for sentence in SPOKEN[:4]:
        assert plain((await transcript_of(said_by_piper(sentence), stt=told)).text) == plain(sentence)
