from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.config import Config, Conversation, Listen, Log, Microphone, Ollama, Wake, WakeWord
from jetson_voice.conversation import Conversation as Memory
from jetson_voice.reloading import differences, reloaded

RUNNING = Config()


def test_an_unchanged_file_changes_nothing() -> None:
    change = reloaded(RUNNING, Config())
    assert (change.config, change.needs_restart) == (RUNNING, ())


def test_the_pause_that_ends_a_command_counts_at_once() -> None:
    read = replace(RUNNING, listen=Listen(end_silence_seconds=1.5), log=Log(transcripts=True))
    change = reloaded(RUNNING, read)
    assert change.config == read
    assert change.needs_restart == ()


def test_what_a_model_or_a_device_would_have_to_be_opened_again_for_is_named() -> None:
    read = replace(
        RUNNING,
        microphone=Microphone(device="USB"),
        listen=Listen(speech_threshold=0.7, turn_detector="off", start_timeout_seconds=3.0),
        wake=Wake(words=(WakeWord("alexa"),)),
        llm=replace(RUNNING.llm, temperature=0.1, ollama=Ollama(model="qwen2.5:3b")),
    )
    change = reloaded(RUNNING, read)
    assert change.config == replace(RUNNING, listen=Listen(start_timeout_seconds=3.0))
    assert set(change.needs_restart) == {
        "microphone.device",
        "listen.speech_threshold",
        "listen.turn_detector",
        "wake.words",
        "llm.temperature",
        "llm.ollama.model",
    }


@given(st.floats(0.5, 3), st.integers(64, 2000), st.sampled_from(["a", "b"]))
def test_every_difference_is_taken_over_or_named(pre_roll: float, history: int, device: str) -> None:
    read = replace(
        RUNNING,
        listen=Listen(pre_roll_seconds=pre_roll),
        conversation=Conversation(history_tokens=history),
        microphone=Microphone(device=device),
    )
    change = reloaded(RUNNING, read)
    assert set(differences(RUNNING, read)) == {*differences(RUNNING, change.config), *change.needs_restart}
    assert tuple(differences(change.config, read)) == change.needs_restart


def test_the_new_rules_of_a_conversation_forget_nothing_that_was_said() -> None:
    earlier = Memory("Be brief.", history_tokens=500, forget_after_seconds=300)
    earlier.user_said("My name is Ada.", at=0.0)
    earlier.assistant_was_heard("Hello Ada.", at=1.0)
    later = Memory("Be kind.", history_tokens=500, forget_after_seconds=300).goes_on_from(earlier)
    messages = later.with_question("Who am I?", at=10.0)
    assert [message.content for message in messages] == ["Be kind.", "My name is Ada.", "Hello Ada.", "Who am I?"]
