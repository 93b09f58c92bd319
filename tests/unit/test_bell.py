import threading

import anyio
import pytest

from jetson_voice.backends.bell import Bell

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_ring_from_a_thread_wakes_the_one_who_waits() -> None:
    with Bell.hung_up() as bell, anyio.fail_after(5):
        threading.Timer(0.05, bell.ring).start()
        await bell.rung()


async def test_a_ring_before_anybody_waits_is_not_lost() -> None:
    with Bell.hung_up() as bell, anyio.fail_after(5):
        bell.ring()
        await bell.rung()


async def test_any_number_of_rings_never_blocks_and_wakes_once() -> None:
    with Bell.hung_up() as bell, anyio.fail_after(5):
        for _ in range(100_000):
            bell.ring()
        await bell.rung()
        with anyio.move_on_after(0.05) as waiting:
            await bell.rung()
        assert waiting.cancelled_caught


async def test_a_wait_that_is_given_up_leaves_the_bell_in_order() -> None:
    with Bell.hung_up() as bell, anyio.fail_after(5):
        with anyio.move_on_after(0.01):
            await bell.rung()
        bell.ring()
        await bell.rung()


async def test_a_bell_that_was_taken_down_may_be_rung() -> None:
    with Bell.hung_up() as bell:
        pass
    bell.ring()
