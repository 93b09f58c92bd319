"""All of these, and the first of these."""

from __future__ import annotations

import anyio
import pytest

from jetson_voice.concurrency import first, together
from jetson_voice.protocols import StageError

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])]


async def after(seconds: float, result: str | None) -> str | None:
    await anyio.sleep(seconds)
    return result


async def test_the_winner_of_a_race_ends_the_other() -> None:
    with anyio.fail_after(5):
        assert await first(lambda: after(0, "quick"), lambda: after(3600, "slow")) == "quick"


async def test_a_branch_that_returns_nothing_still_ends_the_race() -> None:
    with anyio.fail_after(5):
        assert await first(lambda: after(0, None), lambda: after(3600, "slow")) is None


async def test_a_result_that_comes_home_while_being_cancelled_is_not_lost() -> None:
    async def stubborn() -> str:
        with anyio.CancelScope(shield=True):
            await anyio.sleep(0.05)
        return "heard"

    assert await first(lambda: after(0, None), stubborn) == "heard"


async def test_an_error_deep_in_nested_groups_comes_out_as_itself() -> None:
    async def fails() -> None:
        raise StageError("think", "no answer")

    async def nested() -> None:
        await together(fails, anyio.sleep_forever)

    async def deeper() -> None:
        await first(nested, anyio.sleep_forever)

    with pytest.raises(StageError, match="think: no answer"):
        await together(deeper, anyio.sleep_forever)


async def test_being_cancelled_from_outside_is_no_error() -> None:
    with anyio.move_on_after(0.01) as scope:
        await together(anyio.sleep_forever, anyio.sleep_forever)
    assert scope.cancelled_caught
