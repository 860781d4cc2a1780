"""Stories about people who stand still and are helped on: a pause, a fault, another way round.

On a real database, with the drivers' work done by hand and a clock the story moves.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.machines.mending import GoTo, Order, Retry, Stop
from engine.services.actor import SYSTEM
from engine.services.run_control import Which, mend_page
from tests.driving.world import CrashingStore, RememberingChannel, World
from tests.stories.vocabulary import TEMPLATES

CART = (TEMPLATES / "flows" / "abandoned_cart.yaml").read_text("utf-8").replace("holdout: 10\n", "")
FAULT = "UPDATE run SET state = 'held', outcome = 'internal_fault', due_at = NULL RETURNING 1"


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


async def ada_left_a_cart(world: World) -> int:
    await world.publish(CART)
    [ada] = await world.people(1)
    await world.event(ada, "Checkout Started")
    await world.until_quiet("abandoned_cart")
    return ada


async def days_pass(world: World, days: int) -> None:
    """Morning and evening."""
    for _ in range(days * 2):
        world.now += timedelta(hours=12)
        await world.until_quiet("abandoned_cart")


async def decide(world: World, what: Order) -> None:
    async with world.store.store.transaction() as session:
        ledger = world.parts.ledger(world.now)
        which = Which("abandoned_cart")
        await mend_page(session, SYSTEM, which, what, plans=world.parts.plans, ledger=ledger)
    await world.until_quiet("abandoned_cart")


def subjects(world: World) -> list[str]:
    return [message.subject for message in world.channel.delivered]


async def test_a_paused_flow_says_nothing_and_goes_on_where_it_stood(world: World) -> None:
    await ada_left_a_cart(world)
    await world.pause("abandoned_cart")
    await days_pass(world, 2)
    assert subjects(world) == []
    await world.resume("abandoned_cart")
    await days_pass(world, 1)
    assert subjects(world) == ["Person 0, your cart is waiting"]


async def test_who_buys_during_a_pause_is_not_reminded_after_it(world: World) -> None:
    ada = await ada_left_a_cart(world)
    await world.pause("abandoned_cart")
    await days_pass(world, 1)
    await world.event(ada, "Order Completed")
    await world.until_quiet("abandoned_cart")
    await world.resume("abandoned_cart")
    await days_pass(world, 8)
    assert subjects(world) == []
    assert await world.outcomes() == [("ended", "think_it_over", "goal")]


async def test_a_run_that_was_held_by_a_fault_goes_on_when_it_is_tried_again(world: World) -> None:
    await ada_left_a_cart(world)
    await world.rows(FAULT)
    await days_pass(world, 1)
    assert subjects(world) == []
    await decide(world, Retry())
    await days_pass(world, 1)
    assert subjects(world) == ["Person 0, your cart is waiting"]


async def test_a_run_that_was_held_is_led_round_the_place_it_stood_at(world: World) -> None:
    await ada_left_a_cart(world)
    await world.rows(FAULT)
    await decide(world, GoTo("last_call"))
    assert subjects(world) == ["Shall we keep your cart?"]
    await days_pass(world, 5)
    assert [one[2] for one in await world.outcomes()] == ["not_bought"]


async def test_a_run_that_was_held_can_be_ended_by_hand(world: World) -> None:
    await ada_left_a_cart(world)
    await world.rows(FAULT)
    await decide(world, Stop())
    await days_pass(world, 8)
    assert subjects(world) == []
    assert [one[0] for one in await world.outcomes()] == ["ended"]
