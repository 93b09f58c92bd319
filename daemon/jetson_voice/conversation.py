"""What was said and what was heard of the answers: the memory that the language model is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from jetson_voice.protocols import Message

CUT_MARK: Final = " …[interrupted]"
"""Ends an answer that the user cut short, so that the model knows that the rest was never heard."""

ENDS_IN_QUESTION: Final = re.compile(r"[?？][^\w.。!！]*$")
"""Quotes, brackets, marks and emoji may close it."""


class Conversation:
    """Turns in order; append-only but for forgetting, so that a server's prefix cache keeps fitting.

    Roles always alternate after the system prompt: some chat templates refuse two neighbours of one role.
    """

    def __init__(self, system_prompt: str, *, history_tokens: int, forget_after_seconds: float) -> None:
        self._system = Message("system", system_prompt)
        self._history_tokens = history_tokens
        self._forget_after_seconds = forget_after_seconds
        self._history: list[Message] = []
        self._last_change_at = float("-inf")

    def goes_on_from(self, earlier: Conversation) -> Conversation:
        """Take over what was said and heard in an earlier conversation; this one."""
        self._history = list(earlier._history)
        self._last_change_at = earlier._last_change_at
        return self

    @property
    def history(self) -> Sequence[Message]:
        """What was said and heard, without the system prompt."""
        return tuple(self._history)

    @property
    def last_answer(self) -> str:
        """What was heard of the assistant since the user's last command."""
        last = self._history[-1] if self._history else self._system
        return last.content if last.role == "assistant" else ""

    @property
    def ends_in_question(self) -> bool:
        """Whether the assistant has spoken last, to the end, and has asked something."""
        return ENDS_IN_QUESTION.search(self.last_answer) is not None

    def before_question(self, *, at: float) -> Sequence[Message]:
        """What the model is shown before a command that may be said at a time in seconds: the same for any command."""
        return self.with_question("", at=at)[:-1]

    def with_question(self, text: str, *, at: float) -> Sequence[Message]:
        """The messages to be answered if a command is said at a time in seconds, the system prompt first."""
        is_over = at - self._last_change_at > self._forget_after_seconds
        history = appended([] if is_over else self._history, Message("user", text), separator="\n")
        return (self._system, *within_budget(history, self._history_tokens))

    def user_said(self, text: str, *, at: float) -> None:
        """Remember a command that was said at a time in seconds."""
        self._history = list(self.with_question(text, at=at)[1:])
        self._last_change_at = at

    def assistant_was_heard(self, text: str, *, at: float) -> None:
        """Remember the next piece of the answer that the user has heard, exactly as it was written."""
        self._last_change_at = at
        if text:
            heard = Message("assistant", text)
            self._history = appended(self._history, heard, separator="\n" if self._was_interrupted else "")

    def assistant_was_interrupted(self) -> None:
        """Mark that the user cut the answer short; nothing to mark when none of it was heard."""
        if self._history and self._history[-1].role == "assistant" and not self._was_interrupted:
            self._history = appended(self._history, Message("assistant", CUT_MARK))

    @property
    def _was_interrupted(self) -> bool:
        return bool(self._history) and self._history[-1].content.endswith(CUT_MARK)


def appended(history: Sequence[Message], message: Message, *, separator: str = "") -> list[Message]:
    """The history with one message more, or with a longer last one when the role is the same.

    An unanswered command and the next become one.
    """
    if history and history[-1].role == message.role:
        return [*history[:-1], Message(message.role, history[-1].content + separator + message.content)]
    return [*history, message]


def within_budget(history: Sequence[Message], budget_tokens: int) -> list[Message]:
    """The newest messages that fit, from a user's message on; the last one always stays.

    When the budget is passed, half of it is freed at once: dropping a little at every turn would change the
    beginning of every request and with it void the server's prefix cache.
    """
    if tokens_in(history) <= budget_tokens:
        return list(history)
    kept = list(history)
    while len(kept) > 1 and (tokens_in(kept) > budget_tokens // 2 or kept[0].role != "user"):
        del kept[0]
    return kept


def tokens_in(messages: Iterable[Message]) -> int:
    """About how many tokens the messages take: a hanzi is about one, four letters are about one, four are overhead."""
    return sum(4 + _tokens_of(message.content) for message in messages)


def _tokens_of(text: str) -> int:
    wide = len(re.findall(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]", text))
    return wide + -(-(len(text) - wide) // 4)
