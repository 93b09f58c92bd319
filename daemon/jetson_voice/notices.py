"""What the journal can be asked for by name: happenings with a MESSAGE_ID of their own, and fields in capitals.

`journalctl -u jetson-voice JV_EVENT=microphone_lost`; what each means to a user is in systemd/*.catalog.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

Notice: TypeAlias = Literal[
    "wake_heard",
    "wake_nearly_heard",
    "turn_complete",
    "interrupted",
    "silenced",
    "microphone_lost",
    "microphone_found",
    "language_model_lost",
    "language_model_back",
]

MESSAGE_IDS: Final[Mapping[Notice, str]] = {
    "wake_heard": "7d6b8a7885494a72bb1747a7b609de00",
    "wake_nearly_heard": "304017417e0f4d4a8cf06ff690525c89",
    "turn_complete": "c22f78c6fa244fd48b0f8b1c046ef77e",
    "interrupted": "e73f38f389cb435cb83c222dbdcf17f0",
    "silenced": "efcc6f79cfc84bb7b4d4468b98072dfc",
    "microphone_lost": "e60cd12bd88a4388a4b66485d7f79953",
    "microphone_found": "5e8625b7acea429982bd2d6583215f0d",
    "language_model_lost": "fc5d05f5fbe44e17a16f81406f412ac3",
    "language_model_back": "8611a96394b04d408f67f1b3ffffff06",
}

log = logging.getLogger("jetson_voice")


def notice(name: Notice, text: str, *, level: int = logging.INFO, **fields: str | float) -> None:
    """Log a line that the journal can be asked for; `reason="…"` becomes its field JV_REASON."""
    values = {f"JV_{key.upper()}": value for key, value in fields.items()}
    log.log(level, "%s", text, extra={"MESSAGE_ID": MESSAGE_IDS[name], "JV_EVENT": name, **values})
