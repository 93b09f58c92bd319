"""Where the project's own files are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
MANIFEST: Final = CHECKOUT / "models" / "manifest.toml"
STARTER_CONFIG: Final = CHECKOUT / "models" / "starter.toml"
SYSTEM_CONFIG: Final = Path("/etc/jetson-voice/config.toml")


def usual_config() -> Path:
    """The configuration of this machine: the appliance's where one is installed, else the starter's."""
    return SYSTEM_CONFIG if SYSTEM_CONFIG.exists() else STARTER_CONFIG
