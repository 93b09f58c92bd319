"""What tests of the appliance may ask for: the service, installed in a box, its sound card the virtual room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from in_the_box import Appliance, appliance
from jetson_voice.bench.room import VirtualRoom
from systemd_box import why_there_is_none


@pytest.fixture
def service_box(room: VirtualRoom, models_directory: Path) -> Iterator[Appliance]:
    """The service on the starter configuration, installed under a real systemd and not started."""
    reason = why_there_is_none()
    if reason:
        pytest.skip(reason)
    with appliance(room, models_directory) as machine:
        yield machine
