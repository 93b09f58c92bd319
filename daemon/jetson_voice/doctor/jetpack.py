"""Which JetPack this is: from the words of /etc/nv_tegra_release."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# NVIDIA's release notes; the versions have no arithmetic.
JETPACKS: Final[Mapping[str, str]] = {
    "36.2": "6.0 DP",
    "36.3": "6.0",
    "36.4": "6.1",
    "36.4.0": "6.1",
    "36.4.2": "6.1",
    "36.4.3": "6.2",
    "36.4.4": "6.2.1",
    "36.4.7": "6.2.1",
    "36.5": "6.2.2",
    "36.5.0": "6.2.2",
    "39.2": "7.2",
    "39.2.0": "7.2",
    "39.2.1": "7.2",
}
FAMILIES: Final[Mapping[int, str]] = {34: "5", 35: "5", 36: "6", 38: "7.0 or 7.1", 39: "7"}


@dataclass(frozen=True)
class JetPack:
    """The release of Jetson Linux (L4T)."""

    major: int
    revision: str

    @property
    def name(self) -> str:
        """As people call it: "JetPack 6.2 (L4T 36.4.3)"."""
        l4t = f"{self.major}.{self.revision}"
        version = JETPACKS.get(l4t) or JETPACKS.get(l4t.removesuffix(".0")) or FAMILIES.get(self.major)
        return f"JetPack {version} (L4T {l4t})" if version else f"L4T {l4t}"

    @property
    def is_known(self) -> bool:
        """Whether the appliance is made for it: 6.2 and later, 7.2 and later."""
        numbers = tuple(int(part) for part in self.revision.split("."))
        return (self.major == 36 and numbers >= (4, 3)) or (self.major == 39 and numbers >= (2,))


def jetpack_of(release: str) -> JetPack | None:
    """The release that the file's first line names: `# R36 (release), REVISION: 4.3, …`."""
    found = re.search(r"R(\d+) \(release\), REVISION: (\d+(?:\.\d+)*)", release)
    return JetPack(int(found[1]), found[2]) if found else None
