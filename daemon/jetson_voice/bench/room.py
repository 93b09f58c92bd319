"""A room without a sound card: a private PulseAudio with a speaker, a microphone and one clock.

    with VirtualRoom() as room:
        daemon = subprocess.Popen([...], env=room.environment)    # its default devices are this room
        heard = room.heard(room.say(read_wav(question)))          # when the microphone heard it
        reply_at = room.speaker.wait_for_sound(after=heard.end)

Times are seconds of time.monotonic(), to about 5 ms. Everything here blocks: in async tests call what
waits in a worker thread, but `start` only in a thread that lives on, for the server dies with it.
Needs Debian's pulseaudio, pulseaudio-utils and libasound2-plugins; no D-Bus, no X, any user.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from jetson_voice.audio import Clip
from jetson_voice.bench.tape import ROOM_RATE_HZ, Tape, wait_for

if TYPE_CHECKING:
    from typing_extensions import Self

PROGRAMS: Final = ("pulseaudio", "pactl", "pacat", "parec", "setpriv")

Device = Literal["speaker", "microphone"]

# Without norewinds=1 the start or stop of a stream shifts the recording of a monitor.
NULL_SINK: Final = f"module-null-sink rate={ROOM_RATE_HZ} channels=2 norewinds=1 sink_name="
# Streams follow the default device: with these, unplugging the microphone does not move them to the
# speaker's monitor. They must be there first, and a default be set before a recorder runs.
FALLBACKS: Final = (f"{NULL_SINK}nospeaker", "module-null-source source_name=nomic")
MODULES: Final[dict[Device, tuple[str, ...]]] = {
    "speaker": (f"{NULL_SINK}speaker",),
    "microphone": (
        f"{NULL_SINK}micbus",
        "module-remap-source source_name=mic master=micbus.monitor",
    ),
}
DEFAULTS: Final[dict[Device, str]] = {
    "speaker": "set-default-sink speaker",
    "microphone": "set-default-source mic",
}
MONITORS: Final[dict[Device, str]] = {
    "speaker": "speaker.monitor",
    "microphone": "micbus.monitor",
}
ALSA_DEFAULTS: Final = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"


@dataclass(frozen=True)
class Said:
    """Sound on its way to the microphone."""

    clip: Clip
    asked_at: float


@dataclass(frozen=True)
class Heard:
    """When the first and the last loud sample of it are in the microphone; the last may be to come."""

    begin: float
    end: float


class VirtualRoom:
    """The room; its server can be stopped, killed and started, its devices be unplugged."""

    def __init__(self) -> None:
        missing = [program for program in PROGRAMS if not shutil.which(program)]
        if missing:
            packages = "pulseaudio pulseaudio-utils libasound2-plugins util-linux"
            raise FileNotFoundError(f"no {', '.join(missing)}: apt-get install {packages}")
        self.directory = Path(tempfile.mkdtemp(prefix="room-"))
        # A daemon under another user may connect.
        self.directory.chmod(0o711)
        self.log = self.directory / "pulseaudio.log"
        self._socket = self.directory / "native"
        self._alsa_configuration = self.directory / "asound.conf"
        self._alsa_configuration.write_text(ALSA_DEFAULTS)
        # Without one of its own, a client writes its cookie into the user's home.
        cookie = self.directory / "cookie"
        cookie.write_bytes(bytes(256))
        self.variables = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_COOKIE": str(cookie),
            "ALSA_CONFIG_PATH": str(self._alsa_configuration),
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []
        self._tapes: dict[Device, Tape] = {}
        self._modules: dict[Device, list[str]] = {}

    def __enter__(self) -> Self:
        with ExitStack() as undo:
            undo.callback(self.__exit__)
            self.start()
            undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """For a process that shall live in the room."""
        return {**os.environ, **self.variables}

    @property
    def speaker(self) -> Tape:
        """What the speaker plays."""
        return self._tapes["speaker"]

    @property
    def microphone(self) -> Tape:
        """What the microphone hears."""
        return self._tapes["microphone"]

    def start(self) -> None:
        """Run the server, at the same address as before; it dies with the thread that calls this."""
        self._socket.unlink(missing_ok=True)
        protocol = f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig=KILL", "pulseaudio", "-n", "--daemonize=no"),
                    *("--system=no", "--use-pid-file=no", "--exit-idle-time=-1"),
                    *("--log-target=stderr", "-L", protocol),
                ],
                env=self._server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(self._socket.exists, 10, f"PulseAudio, see {self.log}")
        for module in FALLBACKS:
            self._load(module)
        self.plug("speaker")
        self.plug("microphone")

    def _server_environment(self) -> dict[str, str]:
        home = self.directory / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        foreign = ("PULSE_", "DBUS_", "XDG_")
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(foreign)}
        own = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"), str(home))
        return kept | own

    def stop(self, *, crash: bool = False) -> None:
        """End the server, in order or as in a crash; `start` brings it back."""
        if self._server:
            self._server.send_signal(signal.SIGKILL if crash else signal.SIGTERM)
            self._server.send_signal(signal.SIGCONT)
            self._server.wait()
        for player in self._players:
            player.kill()
            player.wait()
        self._players.clear()
        while self._tapes:
            self._tapes.popitem()[1].close()

    def freeze(self) -> None:
        """The server hangs."""
        if self._server:
            self._server.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """The server goes on."""
        if self._server:
            self._server.send_signal(signal.SIGCONT)

    def plug(self, device: Device) -> None:
        """Bring the device, as the default one."""
        self._modules[device] = [self._load(module) for module in MODULES[device]]
        self._pactl(*DEFAULTS[device].split())
        self._tapes[device] = Tape(MONITORS[device], self.environment)

    def unplug(self, device: Device) -> None:
        """Take the device away: its streams go on with one that is deaf and dumb."""
        self._tapes.pop(device).close()
        self._pactl("unload-module", self._modules.pop(device)[0])

    def name_alsa_device(self, name: str, target: str) -> None:
        """Add a way to a source or sink that programs find by name when they look for devices the next time."""
        with self._alsa_configuration.open("a") as file:
            file.write(f'pcm.{name} {{ type pulse device "{target}" }}\n')

    def say(self, clip: Clip, *, sink: str = "micbus") -> Said:
        """Play the clip into the microphone, beginning now."""
        with tempfile.TemporaryFile() as file:
            file.write(np.ascontiguousarray(clip.samples, "<i2").tobytes())
            file.seek(0)
            asked_at = time.monotonic()
            # 200 ms: no gaps on a loaded machine, and it begins no later than with 20 ms.
            player = subprocess.Popen(
                [
                    *("pacat", "--playback", "--raw", "--device", sink, "--format=s16le"),
                    *("--channels=1", f"--rate={clip.rate_hz}", "--latency-msec=200"),
                ],
                env=self.environment,
                stdin=file,
                stderr=subprocess.DEVNULL,
            )
        self._players = [each for each in self._players if each.poll() is None] + [player]
        return Said(clip, asked_at)

    def heard(self, said: Said, *, timeout: float = 5, level: int = 200) -> Heard:
        """When the microphone heard it; waits for its begin."""
        loud = np.flatnonzero(np.abs(said.clip.samples.astype(np.int32)) > level)
        begin = self.microphone.wait_for_sound(said.asked_at, timeout, level)
        return Heard(begin, begin + float(loud[-1] - loud[0]) / said.clip.rate_hz)

    def echo(self, *, gain_db: float = -20, delay_ms: int = 60) -> str:
        """Let the microphone hear the speaker, this much later (10 ms or more); for `unload`."""
        module = self._load(
            "module-loopback source=speaker.monitor sink=micbus adjust_time=0 "
            f"source_dont_move=yes latency_msec={delay_ms}"
        )
        for stream in json.loads(self._pactl("-f", "json", "list", "sink-inputs")):
            if str(stream["owner_module"]) == module:
                self._pactl("set-sink-input-volume", str(stream["index"]), f"{gain_db}dB")
        return module

    def unload(self, module: str) -> None:
        """End what the module does."""
        self._pactl("unload-module", module)

    def _load(self, module: str) -> str:
        return self._pactl("load-module", *module.split()).strip()

    def _pactl(self, *arguments: str) -> str:
        done = subprocess.run(
            ["pactl", *arguments],
            env=self.environment,
            check=True,
            timeout=10,
            text=True,
            capture_output=True,
        )
        return done.stdout
