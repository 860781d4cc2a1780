"""Whoever moves runs waits for one who is just pausing, and the other way round."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import pytest

from crm_store.pauses import hold_pauses
from crm_store.session import Store
from engine.machines.mending import Retry
from engine.services import run_control
from engine.services.actor import SYSTEM
from engine.services.run_control import Which
from tests.driving.house import House, furnished
from tests.driving.test_approvals import APPROVE
from tests.driving.test_claims import SlowChannel
from tests.driving.test_driving import WELCOME
from tests.driving.test_escalations import ESCALATE
from tests.driving.world import CrashingStore, World

MOMENT = 0.2


@pytest.fixture
async def house(store: Store) -> House:
    return await furnished(store)


async def waits_for_a_pause(world: World, doing: Awaitable[object]) -> None:
    async with world.store.store.transaction() as session:
        await hold_pauses(session)
        under_way = asyncio.ensure_future(doing)
        done, _ = await asyncio.wait([under_way], timeout=MOMENT)
        assert not done
    await asyncio.wait_for(under_way, 10)


async def test_a_decision(house: House) -> None:
    await house.begin(APPROVE.replace("FROM", "manager"))
    [request] = await house.requests()
    await waits_for_a_pause(house.world, house.decide("eve", request.id, "approve"))
    assert await house.outcomes() == ["approved"]


async def test_an_acknowledgement(house: House) -> None:
    await house.begin(ESCALATE)
    [case] = await house.cases()
    await waits_for_a_pause(house.world, house.acknowledge("ben", case.id))
    assert await house.outcomes() == ["taken"]


async def test_mending(world: World) -> None:
    await world.publish(WELCOME)

    async def mend() -> None:
        async with world.store.store.transaction() as session:
            plans, ledger = world.parts.plans, world.parts.ledger(world.now)
            which = Which("welcome_test")
            await run_control.mend_page(session, SYSTEM, which, Retry(), plans=plans, ledger=ledger)

    await waits_for_a_pause(world, mend())


async def test_claiming(world: World) -> None:
    await waits_for_a_pause(world, world.perform(0))


async def test_recording(store: Store) -> None:
    channel = SlowChannel()
    world = World(CrashingStore(store), channel)
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    under_way = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    async with world.store.store.transaction() as session:
        await hold_pauses(session)
        channel.let_go.set()
        done, _ = await asyncio.wait([under_way], timeout=MOMENT)
        assert not done
        found = await world.rows("SELECT state FROM effect")
        assert [row[0] for row in found] == ["handing_over"]
    await asyncio.wait_for(under_way, 10)
    assert await world.effects() == [("done", "done")]


async def test_settling(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    world.channel.spoil = lambda: "unclear_taken"
    await world.dispatch_all()
    await world.perform_all()
    world.now += 2 * world.parts.sizes.lease
    await waits_for_a_pause(world, world.settle_all())
    assert await world.effects() == [("done", "done")]
