"""Secrets: the one place that reads them. They are in no configuration file and in no log."""

from __future__ import annotations

import os
from pathlib import Path

from jetson_voice.protocols import StartError


def credential(name: str) -> str | None:
    """The secret of this name: a systemd credential, else an environment variable; None without either.

    systemd.exec(5): LoadCredential= puts the file `name` into $CREDENTIALS_DIRECTORY, for this service only.
    """
    secret = _systemd_credential(name) or os.environ.get(name, "").strip()
    if not (secret.isascii() and (secret.isprintable() or not secret)):
        raise StartError(f"the credential {name} is not one line of ASCII characters")
    return secret or None


def _systemd_credential(name: str) -> str:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if not directory or Path(name).name != name:
        return ""
    try:
        return (Path(directory) / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"the credential {name} cannot be read: {error}") from error
