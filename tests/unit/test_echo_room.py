"""The room that is made of numbers."""

from __future__ import annotations

import numpy as np

from echo_room import EchoPath, Walls, convolved


def test_a_room_answers_piece_by_piece_as_it_does_to_all_at_once() -> None:
    path = EchoPath()
    sound = path.direct(np.random.default_rng(1).normal(size=16_000) * 3000)
    walls = Walls(path.response)
    pieces = np.concatenate([walls.echo(piece) for piece in sound.reshape(-1, 1000)])
    np.testing.assert_allclose(pieces, convolved(sound, path.response), atol=1e-6)
    np.testing.assert_allclose(pieces, path.echo(np.random.default_rng(1).normal(size=16_000) * 3000), atol=1e-6)
