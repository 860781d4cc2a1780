"""Whoever reached the goal while they could not move leaves by whatever moves them first."""

from __future__ import annotations

import pytest

from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.services.actor import SYSTEM
from engine.services.run_control import Which, mend_page
from tests.driving.test_mending import FLOW, HELD, hold
from tests.driving.world import World

EXITING = FLOW.replace("entry:", "goal: {event: Order Completed, exits: true}\nentry:")


async def sends_first(world: World) -> int:
    """A contact whose first mail is asked for."""
    await world.publish(EXITING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    return ada


async def orders_in_a_pause(world: World, contact: int) -> None:
    await world.pause("mended")
    await world.event(contact, "Order Completed")
    await world.dispatch_all()
    await world.resume("mended")


async def order(world: World, what: Order, which: Which) -> int:
    async with world.store.store.transaction() as session:
        plans, ledger = world.parts.plans, world.parts.ledger(world.now)
        return (await mend_page(session, SYSTEM, which, what, plans=plans, ledger=ledger)).mended


@pytest.mark.parametrize("what", [Retry(), Skip("passed"), GoTo("offer"), Stop()])
async def test_who_is_mended_leaves_by_the_goal(world: World, what: Order) -> None:
    ada = await sends_first(world)
    await world.perform_all()
    await hold(world)
    await orders_in_a_pause(world, ada)
    await world.rows("UPDATE run SET happening = NULL RETURNING 1")
    assert await order(world, what, HELD) == 1
    await world.until_quiet("mended")
    assert [outcome for _, _, outcome in await world.outcomes()] == ["goal"]
    assert len(world.channel.delivered) == 1


async def test_who_is_answered_leaves_by_the_goal(world: World) -> None:
    ada = await sends_first(world)
    await orders_in_a_pause(world, ada)
    await world.rows("UPDATE run SET happening = NULL, due_at = NULL RETURNING 1")
    await world.perform_all()
    assert await world.outcomes() == [("ended", "hello", "goal")]
    assert len(world.channel.delivered) == 1
