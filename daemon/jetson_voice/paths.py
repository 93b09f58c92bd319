"""Where the project's own files are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final


def _share() -> Path:
    """The checkout where this runs from one, else where the installation has put the same files."""
    checkout = Path(__file__).resolve().parents[2]
    installed = Path(sys.prefix) / "share" / "jetson-voice"
    return checkout if (checkout / "models" / "manifest.toml").is_file() else installed


SHARE: Final = _share()
MANIFEST: Final = SHARE / "models" / "manifest.toml"
STARTER_CONFIG: Final = SHARE / "models" / "starter.toml"
DEFAULT_CONFIG: Final = SHARE / "config.toml"
UNITS: Final = SHARE / "systemd"
SYSTEM_CONFIG: Final = Path("/etc/jetson-voice/config.toml")


def usual_config() -> Path:
    """The configuration of this machine: the appliance's where one is installed, else the starter's."""
    return SYSTEM_CONFIG if SYSTEM_CONFIG.exists() else STARTER_CONFIG
