from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jetson_voice.backends.capture_messages import Found, Lost, Message, Sound, Unpacking, packed

TEXTS = st.text(max_size=40).filter(lambda text: text.isprintable())
MESSAGES = st.one_of(
    st.builds(Found, TEXTS, st.integers(8_000, 192_000)),
    st.builds(Sound, st.floats(0, 1e7), st.binary(max_size=200)),
    st.builds(Lost, TEXTS),
)


@given(messages=st.lists(MESSAGES, max_size=8), length=st.integers(1, 64))
def test_messages_arrive_as_they_were_sent_however_the_pipe_cuts_them(messages: list[Message], length: int) -> None:
    sent = b"".join(packed(message) for message in messages)
    unpacking = Unpacking()
    chunks = [sent[begin : begin + length] for begin in range(0, len(sent), length)]
    assert [message for chunk in chunks for message in unpacking.messages(chunk)] == messages
