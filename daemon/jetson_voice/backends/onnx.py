"""onnxruntime: the models of one file each."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from jetson_voice.protocols import StartError


def session(file: Path, *, threads: int = 1, keeps_memory: bool = True) -> onnxruntime.InferenceSession:
    """A model on the CPU whose threads sleep when it is idle; StartError when the file is missing or damaged.

    What keeps its memory is faster, and keeps as much as its largest input ever took.
    """
    if not is_there(file):
        raise StartError(f"{file} is missing: fetch it with `jetson-voice models pull`")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = keeps_memory
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(file), sess_options=options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no other base in common
        raise StartError(f"{file} is damaged: {first_line(error)}; fetch it again") from error


def is_there(file: Path) -> bool:
    """Whether there is a file; StartError with the system's reason when it is there and cannot be read."""
    try:
        with file.open("rb"):
            return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise StartError(f"{file} cannot be read: {error.strerror}") from error


def first_line(error: BaseException) -> str:
    """What a library has to say, on one line."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
