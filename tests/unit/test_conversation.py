"""What the assistant remembers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.conversation import CUT_MARK, Conversation, tokens_in, within_budget
from jetson_voice.protocols import Message

LONG = "word " * 40


def conversation(history_tokens: int = 1000) -> Conversation:
    return Conversation("Be brief.", history_tokens=history_tokens, forget_after_seconds=300)


def test_the_model_is_shown_the_system_prompt_and_everything_said() -> None:
    talk = conversation()
    talk.user_said("Hello.", at=0)
    talk.assistant_was_heard("Hello! ", at=1)
    talk.assistant_was_heard("How are you?", at=2)
    assert talk.with_question("Fine.", at=3) == (
        Message("system", "Be brief."),
        Message("user", "Hello."),
        Message("assistant", "Hello! How are you?"),
        Message("user", "Fine."),
    )


def test_an_interrupted_answer_is_marked_as_cut() -> None:
    talk = conversation()
    talk.user_said("Tell me a story.", at=0)
    talk.assistant_was_heard("Once upon", at=1)
    talk.assistant_was_interrupted()
    assert talk.history[-1] == Message("assistant", "Once upon" + CUT_MARK)


def test_an_answer_interrupted_before_its_first_word_leaves_one_question() -> None:
    talk = conversation()
    talk.user_said("Tell me a story.", at=0)
    talk.assistant_was_interrupted()
    talk.user_said("A short one.", at=3)
    assert talk.history == (Message("user", "Tell me a story.\nA short one."),)


def test_after_a_while_a_new_conversation_begins() -> None:
    talk = conversation()
    talk.user_said("Hello.", at=0)
    talk.assistant_was_heard("Hello!", at=10)
    talk.user_said("Still there?", at=310)
    assert len(talk.history) == 3
    talk.assistant_was_heard("Yes.", at=311)
    talk.user_said("Hello.", at=611.1)
    assert talk.history == (Message("user", "Hello."),)


def test_a_long_conversation_forgets_its_beginning() -> None:
    talk = conversation(history_tokens=200)
    for turn in range(20):
        messages = talk.with_question(f"{turn} {LONG}", at=turn)
        talk.user_said(f"{turn} {LONG}", at=turn)
        talk.assistant_was_heard(LONG, at=turn)
        assert tokens_in(messages[1:]) <= 200
        assert messages[-1].content == f"{turn} {LONG}"


def test_forgetting_is_done_in_blocks_so_that_the_servers_cache_keeps_fitting() -> None:
    talk = conversation(history_tokens=400)
    beginnings = []
    for turn in range(30):
        beginnings.append(talk.with_question(f"Question {turn}?", at=turn)[1])
        talk.user_said(f"Question {turn}?", at=turn)
        talk.assistant_was_heard("word " * 20, at=turn)
    changes = sum(before != after for before, after in pairwise(beginnings))
    assert changes < len(beginnings) / 3


said = st.lists(st.tuples(st.sampled_from(["user", "heard", "cut"]), st.text(min_size=1, max_size=200)), max_size=30)


@given(said, st.integers(64, 500))
def test_roles_alternate_whatever_happens(lines: list[tuple[str, str]], budget: int) -> None:
    talk = conversation(budget)
    talk.user_said("Hello.", at=0)
    for kind, text in lines:
        match kind:
            case "user":
                talk.user_said(text, at=1)
            case "heard":
                talk.assistant_was_heard(text, at=1)
            case _:
                talk.assistant_was_interrupted()
    roles = [message.role for message in talk.history]
    assert roles[0] == "user"
    assert all(before != after for before, after in pairwise(roles))


@given(st.lists(st.text(max_size=300), min_size=1, max_size=15), st.integers(10, 400))
def test_what_is_kept_is_the_end_of_the_history(texts: list[str], budget: int) -> None:
    history = [Message("user" if index % 2 == 0 else "assistant", text) for index, text in enumerate(texts)]
    kept = within_budget(history, budget)
    assert kept == history[-len(kept) :]
    assert len(kept) == 1 or tokens_in(kept) <= budget


def test_a_hanzi_counts_as_a_token_and_four_letters_too() -> None:
    assert tokens_in([Message("user", "你好吗")]) == 7
    assert tokens_in([Message("user", "word word")]) == 7
