"""Clocks and answers as rows, without Temporal: what a host is told, and what is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from temporalio.client import Client

from crm_store.clocks import ClockRow
from engine.errors import Conflict, Unavailable
from engine.services.clocks import end_clocks, set_clocks
from engine.services.pokes import NoPokes
from engine.services.sweeping import forget, sweep
from engine.services.work import MOST_TOLD
from engine.workflows import hosts
from engine.workflows.entity import Host
from engine.workflows.shared import ClockNews, HostInput
from tests.asked_here import AskedHere
from tests.driving.sales_world import team
from tests.driving.world import Crash, World
from tests.hosts.things import KIND, answer, make_table, open_thing, things

__all__ = ["things"]
pytestmark = pytest.mark.usefixtures("things")


class Temporal(NoPokes):
    """Takes what the sweep tells, unless it is away."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []
        self.away = False

    async def host(self, clocks: Sequence[ClockRow]) -> Sequence[ClockRow]:
        if self.away:
            return []
        self.taken += [(one.entity_id, one.revision) for one in clocks]
        return clocks


def told(world: World) -> list[ClockRow]:
    pokes = world.parts.pokes
    assert isinstance(pokes, AskedHere)
    return pokes.told


@pytest.fixture
async def world(world: World) -> World:
    await make_table(world.store.store)
    return world


async def swept(world: World, temporal: Temporal) -> list[int]:
    """Ids that one sweep told."""
    temporal.taken.clear()
    await sweep(world.store.store, temporal, world.now)
    return [id_ for id_, _ in temporal.taken]


async def test_a_clock_is_told_after_the_commit_and_not_without_it(world: World) -> None:
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=60)
        assert told(world) == []
    assert [(one.entity_id, one.due_at) for one in told(world)] == [
        (1, world.now + timedelta(seconds=60))
    ]
    with pytest.raises(ZeroDivisionError):
        async with world.work() as work:
            await open_thing(work, 2, in_seconds=60)
            raise ZeroDivisionError
    assert len(told(world)) == 1


async def test_the_same_time_again_tells_nobody(world: World) -> None:
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=60)
    async with world.work() as work:
        await set_clocks(work, KIND, {1: world.now + timedelta(seconds=60)})
    async with world.work() as work:
        await set_clocks(work, KIND, {1: None})
    assert [one.due_at is None for one in told(world)] == [False, True]
    assert told(world)[0].revision < told(world)[1].revision


async def test_an_ended_clock_is_told_last_and_once(world: World) -> None:
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=60)
    for _ in range(2):
        async with world.work() as work:
            await set_clocks(work, KIND, {1: world.now})
            await end_clocks(work, KIND, [1])
            await end_clocks(work, KIND, [1])
        if len(told(world)) == 2:
            break
    assert [one.ended for one in told(world)] == [False, True]


async def test_of_many_the_sweep_is_told(world: World) -> None:
    async with world.work() as work:
        for id_ in range(MOST_TOLD + 1):
            await open_thing(work, id_, in_seconds=60)
    assert told(world) == []
    assert len(await swept(world, Temporal())) == MOST_TOLD + 1


async def test_tending_too_early_changes_nothing_and_late_once(world: World) -> None:
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=60, times=2)
    assert await world.tend_due() == 0
    world.now += timedelta(minutes=1)
    assert await world.tend_due() == 1
    assert await world.rows("SELECT tended, open FROM thing") == [(1, True)]
    world.now += timedelta(minutes=1)
    await world.tend_due()
    assert await world.rows("SELECT tended, open FROM thing") == [(2, False)]
    assert await world.rows("SELECT 1 FROM clock") == []


async def test_the_sweep_finds_whoever_is_not_hosted_once(world: World) -> None:
    temporal = Temporal()
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=3600)
        await open_thing(work, 2, in_seconds=None)
    temporal.away = True
    assert await swept(world, temporal) == []
    temporal.away = False
    assert sorted(await swept(world, temporal)) == [1, 2]
    assert await swept(world, temporal) == []
    async with world.work() as work:
        await set_clocks(work, KIND, {2: world.now + timedelta(hours=5)})
    assert await swept(world, temporal) == [2]


async def test_the_sweep_tells_again_what_is_overdue_but_not_at_every_look(world: World) -> None:
    temporal = Temporal()
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=600)
    assert await swept(world, temporal) == [1]
    world.now += timedelta(seconds=620)
    assert await swept(world, temporal) == [], "a host may be a little late"
    world.now += timedelta(seconds=15)
    assert await swept(world, temporal) == [1]
    assert await swept(world, temporal) == []
    world.now += timedelta(minutes=2)
    assert await swept(world, temporal) == [1]


async def test_all_are_hosted_anew_where_temporal_is_new(world: World) -> None:
    temporal = Temporal()
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=3600)
    assert await swept(world, temporal) == [1]
    began = world.now
    assert await forget(world.store.store, began - timedelta(seconds=1)) == 0
    world.now += timedelta(seconds=5)
    assert await forget(world.store.store, began + timedelta(seconds=1)) == 1
    assert await swept(world, temporal) == [1]


async def test_an_answer_is_acted_on_once_however_often_it_comes(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=None)
    ask = world.parts.pokes.ask
    given = answer(ben, "one", said="yes")
    first = await ask(KIND, 1, given)
    assert (first.code, first.details) == ("accepted", {"by": ben, "said": "yes"})
    again = await asyncio.gather(*(ask(KIND, 1, given) for _ in range(4)))
    assert {one.code for one in again} == {"accepted"}
    assert await world.rows("SELECT accepted FROM thing") == [(1,)]
    with pytest.raises(Conflict, match="one"):
        await ask(KIND, 1, replace(given, verb="reject"))
    with pytest.raises(Conflict, match="one"):
        await ask(KIND, 1, replace(given, given={"said": "no"}))


async def test_who_gets_no_turn_to_answer_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "TURN_SECONDS", 0.01)
    busy = hosts.Hosts(cast(Client, object()), "queue", _asking=asyncio.Semaphore(0))
    with pytest.raises(Unavailable):
        await asyncio.wait_for(busy.ask(KIND, 1, "one"), 10)


async def test_a_late_answer_is_refused_and_kept(world: World) -> None:
    (ben,) = await team(world, "North", "ben")
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=None)
    assert (await world.parts.pokes.ask(KIND, 1, answer(ben, "one", "close"))).code == "accepted"
    assert (await world.parts.pokes.ask(KIND, 1, answer(ben, "two"))).code == "too_late"
    kept = await world.rows("SELECT verb, code, door FROM given_answer ORDER BY answer_id")
    assert kept == [("close", "accepted", "api"), ("approve", "too_late", "api")]
    assert await world.rows("SELECT 1 FROM clock") == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_crash_around_the_commit_neither_loses_nor_doubles(world: World, when: str) -> None:
    (ben,) = await team(world, "North", "ben")
    async with world.work() as work:
        await open_thing(work, 1, in_seconds=None)
    deaths = iter([None, when])
    world.store.dies = lambda: next(deaths, None)
    with pytest.raises(Crash):
        await world.parts.pokes.ask(KIND, 1, answer(ben, "one"))
    assert (await world.parts.pokes.ask(KIND, 1, answer(ben, "one"))).code == "accepted"
    assert await world.rows("SELECT accepted FROM thing") == [(1,)]


def test_a_host_believes_the_younger_news_in_whatever_order_they_come() -> None:
    host = Host(HostInput(KIND, 1))
    for news in (ClockNews(50.0, 3), ClockNews(None, 2, ended=True), ClockNews(9.0, 1)):
        host.poke(news)
    assert host._clock == ClockNews(50.0, 3)
    host.poke(ClockNews(None, 4, ended=True))
    assert host._clock.ended
