"""Calls of a burst: nobody waits in a quiet process, and nobody is spoiled by another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from crm_store.session import Store
from engine.services.bursts import Burst
from engine.services.hosts import given_row, keep_answers
from tests.driving.sales_world import team
from tests.driving.world import World
from tests.hosts.things import KIND, answer


class Calls:
    """Doubles numbers; 13 spoils whoever goes with it, and nobody takes 7 together with others."""

    def __init__(self) -> None:
        self.alone: list[int] = []
        self.batches: list[list[int]] = []

    async def one(self, number: int) -> int:
        self.alone.append(number)
        await asyncio.sleep(0)
        if number == 13:
            raise ValueError("unlucky")
        return 2 * number

    async def many(self, numbers: Sequence[int]) -> list[int | None]:
        self.batches.append(list(numbers))
        if 13 in numbers:
            raise ValueError("unlucky")
        return [None if number == 7 else 2 * number for number in numbers]


async def test_the_first_goes_alone_and_what_comes_meanwhile_together() -> None:
    calls = Calls()
    burst = Burst(calls.one, calls.many)
    assert await burst(1) == 2
    assert await asyncio.gather(*map(burst, range(10))) == [2 * n for n in range(10)]
    assert len(calls.batches) == 1
    assert 7 in calls.alone


async def test_one_that_fails_spoils_nobody_else() -> None:
    calls = Calls()
    burst = Burst(calls.one, calls.many)
    found = await asyncio.gather(*map(burst, (1, 2, 13, 4)), return_exceptions=True)
    assert [found[0], found[1], found[3]] == [2, 4, 8]
    assert isinstance(found[2], ValueError)


async def test_one_that_waits_for_long_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.services.bursts.PATIENCE_SECONDS", 0.01)
    calls, let_go = Calls(), asyncio.Event()

    async def stuck(number: int) -> int:
        if number == 1:
            await let_go.wait()
        return 2 * number

    burst = Burst(stuck, calls.many)
    first = asyncio.create_task(burst(1))
    await asyncio.sleep(0)
    assert list(await asyncio.gather(burst(2), burst(3))) == [4, 6]
    let_go.set()
    assert await first == 2


async def test_an_id_that_comes_twice_in_a_burst_is_kept_once(world: World, store: Store) -> None:
    (ben,) = await team(world, "North", "ben")
    rows = [given_row(KIND, 1, answer(ben, "one", verb)) for verb in ("approve", "reject")]
    kept = await keep_answers(store, rows, world.now)
    assert [one.verb for one in kept if one is not None] == ["approve", "approve"]
    again = await keep_answers(store, rows[1:], world.now)
    assert [one.verb for one in again if one is not None] == ["approve"]
