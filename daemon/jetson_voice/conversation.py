"""What was said and what was heard of the answers: the memory that the language model is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from jetson_voice.protocols import Message, Role

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

    def user_said(self, text: str, *, at: float) -> Sequence[Message]:
        """Remember a command said at a time in seconds; the messages to be answered, the system prompt first."""
        if at - self._last_change_at > self._forget_after_seconds:
            self._history.clear()
        self._last_change_at = at
        self._append("user", text, separator="\n")
        self._history = within_budget(self._history, self._history_tokens)
        return (self._system, *self._history)

    def assistant_was_heard(self, text: str, *, at: float) -> None:
        """Remember the next piece of the answer that the user has heard, exactly as it was written."""
        self._last_change_at = at
        if text:
            self._append("assistant", text, separator="\n" if self._was_interrupted else "")

    def assistant_was_interrupted(self) -> None:
        """Mark that the user cut the answer short; nothing to mark when none of it was heard."""
        if self._history and self._history[-1].role == "assistant" and not self._was_interrupted:
            self._append("assistant", CUT_MARK)

    @property
    def _was_interrupted(self) -> bool:
        return bool(self._history) and self._history[-1].content.endswith(CUT_MARK)

    def _append(self, role: Role, text: str, *, separator: str = "") -> None:
        """Add to the last message when it has the same role: an unanswered command and the next become one."""
        if self._history and self._history[-1].role == role:
            text = self._history.pop().content + separator + text
        self._history.append(Message(role, text))


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
