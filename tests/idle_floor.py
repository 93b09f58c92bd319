"""The least that listening can cost: PyAudio in a child process, and an event loop that drops what it hears.

.venv/bin/python tests/idle_floor.py    # two minutes, alone on the machine; what it printed: docs/adr/0007
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from idle_cost import stop_tapes
from jetson_voice.bench.room import VirtualRoom

CHILD: Final = """
import sys, pyaudio
stream = pyaudio.PyAudio().open(16000, 1, pyaudio.paInt16, input=True, frames_per_buffer=16 * int(sys.argv[1]))
while True:
    sys.stdout.buffer.write(stream.read(1280, exception_on_overflow=False))
    sys.stdout.buffer.flush()
"""
SETTLING_SECONDS: Final = 5
SECONDS: Final = 20
COUNT: Final = 2
PERIODS_MS: Final = (80, 40)
"""What PortAudio asks the sound server for at a time; each block that is read has 80 ms."""


def main() -> None:
    with VirtualRoom() as room:
        stop_tapes(room)
        for period_ms in PERIODS_MS:
            print(f"{period_ms} ms at a time")
            command = [sys.executable, "-c", CHILD, str(period_ms)]
            with subprocess.Popen(
                command, env=room.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as child:
                try:
                    asyncio.run(read_only(child))
                finally:
                    child.kill()


async def read_only(child: subprocess.Popen[bytes]) -> None:
    """Read for a while, and print the shares of a core that it took."""
    assert child.stdout
    pipe = child.stdout.fileno()
    asyncio.get_running_loop().add_reader(pipe, os.read, pipe, 1 << 16)
    await asyncio.sleep(SETTLING_SECONDS)
    for _ in range(COUNT):
        before = cpu_seconds("self"), cpu_seconds(str(child.pid)), time.monotonic()
        await asyncio.sleep(SECONDS)
        seconds = time.monotonic() - before[2]
        loop, capture = cpu_seconds("self") - before[0], cpu_seconds(str(child.pid)) - before[1]
        print(f"the loop {loop / seconds:.2%}, PyAudio {capture / seconds:.2%}")


def cpu_seconds(process: str) -> float:
    """Of all threads of a process, to the nanosecond; "self" is this one."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


if __name__ == "__main__":
    main()
