"""The control socket of the running service: who may speak to it, and that nobody can harm it."""

from __future__ import annotations

import json

import pytest

from in_the_box import Appliance

pytestmark = [pytest.mark.systemd, pytest.mark.room, pytest.mark.models]

ABUSE = r"""
import socket, time

def asked(data, *, patience=10.0):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(patience)
        client.connect("/run/jetson-voice/control")
        try:
            client.sendall(data)
        except BrokenPipeError:
            pass
        return client.makefile("rb").readline().decode().strip()

print(asked(b"{no json\n"))
print(asked(b"x" * 1_000_000 + b"\n"))
print(asked(b'{"command": "stopp"}\n'))
clients = [socket.socket(socket.AF_UNIX) for _ in range(100)]
for client in clients:
    client.connect("/run/jetson-voice/control")
    client.settimeout(1)
refused = 0
for client in clients:
    try:
        refused += b"refused" in client.recv(1000)
    except TimeoutError:
        pass
print(refused)
for client in clients:
    client.close()
"""


def test_whoever_may_speak_to_the_service_can_and_nobody_harms_it(service_box: Appliance) -> None:
    service_box.start()
    assert json.loads(service_box.command("status --json").stdout)["is_muted"] is False

    stranger = service_box.command("status", user="nobody", check=False)
    assert stranger.returncode == 1
    assert "group jetson-voice" in stranger.stderr

    service_box.box.run("useradd --groups jetson-voice --no-create-home friend")
    service_box.command("mute", user="friend")
    service_box.systemctl("restart")
    assert json.loads(service_box.command("status --json", user="friend").stdout)["is_muted"] is True
    service_box.command("unmute")
    pid = service_box.main_pid

    service_box.box.write("/opt/box/abuse.py", ABUSE)
    told = service_box.box.run("python3 /opt/box/abuse.py", seconds=60).stdout.splitlines()
    assert [json.loads(line)["reply"] for line in told[:3]] == ["refused", "refused", "refused"], told
    assert "did you mean" in told[2]
    assert int(told[3]) >= 80
    assert service_box.command("status").stdout
    assert service_box.main_pid == pid
    assert service_box.restarts == 0
