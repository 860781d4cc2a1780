"""A paused node holds who stands on it and who arrives; nothing is sent, nothing is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.errors import NotAllowed, NotFound
from engine.machines.mending import GoTo, Order, Retry, Skip
from engine.services import node_pauses
from engine.services.actor import SYSTEM, Actor
from engine.services.node_pauses import NodePause
from engine.services.run_control import MendedPage, Which, mend_page
from tests.driving.test_driving import WELCOME
from tests.driving.world import World

THREE = """
flow: three
label: Three nodes
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  first:  {do: send_message, template: welcome, next: rest}
  rest:   {do: wait, for: P1D, next: second}
  second: {do: send_message, template: offer, next: done}
  done:   {do: exit}
"""


async def pause(world: World, flow: str, node: str) -> NodePause:
    async with world.store.store.transaction() as session:
        return await node_pauses.pause_node(
            session, SYSTEM, flow, node, plans=world.parts.plans, now=world.now
        )


async def resume(world: World, flow: str, node: str) -> NodePause:
    async with world.store.store.transaction() as session:
        return await node_pauses.resume_node(session, SYSTEM, flow, node, now=world.now)


async def sent(world: World) -> int:
    return len(world.channel.delivered)


async def test_people_arrive_at_a_paused_node_and_stay(world: World) -> None:
    await world.publish(THREE)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("three")
    await pause(world, "three", "second")
    world.now += timedelta(days=1)
    await world.until_quiet("three")
    assert await world.outcomes() == [("active", "second", None)]
    assert await sent(world) == 1
    world.now += timedelta(days=3)
    await world.until_quiet("three")
    assert (await resume(world, "three", "second")).waiting == 1
    await world.until_quiet("three")
    assert await sent(world) == 2
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_who_waits_on_the_node_is_due_where_it_goes_on(world: World) -> None:
    await world.publish(THREE)
    [ada, ben] = await world.people(2)
    await world.event(ada, "Signed Up")
    await world.until_quiet("three")
    await pause(world, "three", "rest")
    world.now += timedelta(hours=12)
    await world.event(ben, "Signed Up")
    await world.until_quiet("three")
    world.now += timedelta(hours=13)
    await world.until_quiet("three")
    assert await world.outcomes() == [("active", "rest", None)] * 2
    assert await sent(world) == 2
    await resume(world, "three", "rest")
    await world.until_quiet("three")
    # Ada's day was over during the pause; Ben's begins only now, when he comes in at the door
    assert await world.outcomes() == [("ended", "done", "done"), ("active", "rest", None)]
    world.now += timedelta(days=1)
    await world.until_quiet("three")
    assert await world.outcomes() == [("ended", "done", "done")] * 2
    assert await sent(world) == 4


async def test_a_paused_first_node_lets_nobody_in_further_than_its_door(world: World) -> None:
    await world.publish(THREE)
    [ada] = await world.people(1)
    await pause(world, "three", "first")
    await world.event(ada, "Signed Up")
    await world.until_quiet("three")
    assert await world.effects() == []
    await resume(world, "three", "first")
    await world.until_quiet("three")
    assert await sent(world) == 1


async def test_an_ask_that_is_pending_at_a_paused_node_waits(world: World) -> None:
    await world.publish(THREE)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    assert [state for state, _ in await world.effects()] == ["pending"]
    await pause(world, "three", "first")
    await world.until_quiet("three")
    assert await sent(world) == 0
    assert [state for state, _ in await world.effects()] == ["pending"]
    await resume(world, "three", "first")
    await world.until_quiet("three")
    assert await sent(world) == 1


async def test_an_event_during_the_pause_is_told_when_the_node_goes_on(world: World) -> None:
    await world.publish(WELCOME)
    [ada, ben] = await world.people(2)
    for one in (ada, ben):
        await world.event(one, "Signed Up")
    await world.until_quiet("welcome_test")
    await pause(world, "welcome_test", "visit")
    world.now += timedelta(days=1)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    # Ben's deadline passes during the pause, and his visit comes after it
    world.now += timedelta(days=9)
    await world.until_quiet("welcome_test")
    await world.event(ben, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "visit", None)] * 2
    await resume(world, "welcome_test", "visit")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 3
    assert len(await world.rows("SELECT 1 FROM activity")) == 1


async def test_nothing_that_waited_is_left_behind_when_pauses_and_drivers_meet(
    world: World,
) -> None:
    await world.publish(THREE)
    people = await world.people(6)
    for one in people:
        await world.event(one, "Signed Up")
    await world.until_quiet("three")
    world.now += timedelta(days=1)
    other = world.new_worker("two")

    async def switches() -> None:
        for _ in range(6):
            await pause(world, "three", "second")
            await asyncio.sleep(0)
            await resume(world, "three", "second")

    async def works() -> None:
        for _ in range(6):
            await world.advance_all("three", other)
            await world.perform_all(other)

    async with asyncio.timeout(60):
        await asyncio.gather(switches(), works())
    await world.until_quiet("three")
    assert await world.rows("SELECT 1 FROM run WHERE paused_due IS NOT NULL") == []
    assert set(world.channel.counts().values()) == {1}
    assert await sent(world) == 12


async def test_a_pause_waits_for_who_moves_just_now(world: World) -> None:
    await world.publish(THREE)
    async with world.store.store.transaction() as session:
        await session.execute(text("SELECT pg_advisory_xact_lock_shared(482671424357)"))
        pausing = asyncio.create_task(pause(world, "three", "second"))
        await asyncio.wait([pausing], timeout=0.3)
        assert not pausing.done()
    assert (await pausing).changed


async def mend(world: World, which: Which, order: Order) -> MendedPage:
    async with world.store.store.transaction() as session:
        return await mend_page(
            session,
            SYSTEM,
            which,
            order,
            plans=world.parts.plans,
            ledger=world.parts.ledger(world.now),
        )


async def test_a_person_may_be_led_past_a_paused_node_but_not_begin_it(world: World) -> None:
    await world.publish(THREE)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("three")
    await pause(world, "three", "second")
    active = Which("three", "active")
    assert (await mend(world, active, GoTo("second"))).mended == 1
    await world.until_quiet("three")
    assert await world.outcomes() == [("active", "second", None)]
    assert (await mend(world, active, Retry())).refused == {"its node is paused": 1}
    assert (await mend(world, active, Skip("sent"))).mended == 1
    assert await world.outcomes() == [("ended", "done", "done")]
    assert await sent(world) == 1


async def test_only_nodes_of_a_published_flow_are_paused_and_twice_is_once(world: World) -> None:
    await world.publish(THREE)
    with pytest.raises(NotFound, match="first, rest, second, done"):
        await pause(world, "three", "third")
    with pytest.raises(NotFound):
        await pause(world, "four", "first")
    assert (await pause(world, "three", "rest")).changed
    assert not (await pause(world, "three", "rest")).changed
    assert (await resume(world, "three", "rest")).changed
    assert not (await resume(world, "three", "rest")).changed
    async with world.store.store.transaction() as session:
        viewer = Actor("user", 1, "Cleo")
        with pytest.raises(NotAllowed):
            await node_pauses.resume_node(session, viewer, "three", "rest", now=world.now)
