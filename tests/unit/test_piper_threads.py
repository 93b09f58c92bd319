"""How many threads a voice takes."""

from __future__ import annotations

import pytest

from jetson_voice.backends.piper import threads_of


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (4, 2), (6, 3), (12, 6)])
def test_a_voice_takes_half_of_the_cores_and_both_where_there_are_two(cores: int, threads: int) -> None:
    assert threads_of(cores) == threads
