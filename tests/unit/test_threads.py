"""What the package makes of numpy: no thread that waits at full speed beside whisper."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PRODUCT = """
import os
import jetson_voice
import numpy as np
ones = np.ones((600, 600))
ones @ ones
print(len(os.listdir("/proc/self/task")))
"""


@pytest.mark.parametrize(("chosen", "threads"), [(None, 1), ("2", 2)])
def test_numpy_computes_in_one_thread_unless_told_otherwise(chosen: str | None, threads: int) -> None:
    variables = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if chosen:
        variables["OPENBLAS_NUM_THREADS"] = chosen
    done = subprocess.run([sys.executable, "-c", PRODUCT], check=True, capture_output=True, text=True, env=variables)
    assert int(done.stdout) == min(threads, len(os.sched_getaffinity(0)))
