from __future__ import annotations

from pathlib import Path

import pytest

from jetson_voice.credentials import credential
from jetson_voice.protocols import StartError

NAME = "JETSON_VOICE_TEST_KEY"


@pytest.fixture(autouse=True)
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service's directory of credentials, as systemd makes it."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    monkeypatch.delenv(NAME, raising=False)
    (tmp_path / "credentials").mkdir()
    return tmp_path / "credentials"


def test_systemd_gives_the_secret_before_the_environment(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "from the environment")
    (credentials / NAME).write_text("from-systemd\n")

    assert credential(NAME) == "from-systemd"


def test_without_systemd_the_environment_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " from-the-environment ")
    assert credential(NAME) == "from-the-environment"

    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert credential(NAME) == "from-the-environment"


def test_there_may_be_no_secret() -> None:
    assert credential(NAME) is None


def test_an_empty_secret_is_none(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (credentials / NAME).write_text("\n")
    monkeypatch.setenv(NAME, "")

    assert credential(NAME) is None


def test_a_name_cannot_lead_out_of_the_directory(credentials: Path) -> None:
    (credentials.parent / "other").write_text("secret")

    assert credential("../other") is None


@pytest.mark.parametrize("content", [b"two\nlines", "schlüssel".encode(), b"\xff\xfe"])
def test_what_cannot_be_a_key_is_refused_without_being_shown(credentials: Path, content: bytes) -> None:
    (credentials / NAME).write_bytes(content)

    with pytest.raises(StartError) as error:
        credential(NAME)
    assert NAME in str(error.value)
    assert content.decode(errors="replace") not in str(error.value)
