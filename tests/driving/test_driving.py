"""Events, due times and answers move people through a flow, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.session import Store
from tests.driving.world import CrashingStore, RememberingChannel, World

WELCOME = """
flow: welcome_test
label: Welcome
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  hello:  {do: send_message, template: welcome, next: visit}
  visit:
    do: wait_for
    event: Visited Pricing
    timeout: P3D
    exits: {happened: offer, timed_out: call}
  offer:  {do: send_message, template: offer, next: done}
  call:   {do: create_task, title: "Call {{ contact.first_name }}", due: P1D, next: done}
  done:   {do: exit}
"""


@pytest.fixture
def world(store: Store) -> World:
    return World(CrashingStore(store), RememberingChannel())


async def outcomes(world: World) -> list[tuple[str, str, str | None]]:
    found = await world.rows("SELECT state, node, outcome FROM run ORDER BY id")
    return [tuple(row) for row in found]


async def test_an_event_brings_the_first_message(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    assert [message.to for message in world.channel.delivered] == ["person0@example.com"]
    assert (await outcomes(world)) == [("active", "visit", None)]


async def test_entering_twice_is_refused(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 1


async def test_the_awaited_event_brings_the_second_message(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    world.now += timedelta(days=1)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 2
    assert (await outcomes(world)) == [("ended", "done", "done")]


async def test_after_the_timeout_a_person_is_asked_to_call(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    world.now += timedelta(days=3, seconds=1)
    await world.until_quiet("welcome_test")
    tasks = await world.rows("SELECT subject, contact_id FROM activity")
    assert [tuple(task) for task in tasks] == [("Call Person 0", ada)]
    assert (await outcomes(world)) == [("ended", "done", "done")]


async def test_an_event_after_the_deadline_does_not_undo_the_timeout(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    world.now += timedelta(days=4)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 1


async def test_without_consent_nothing_is_sent(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.rows("UPDATE consent SET granted = false RETURNING 1")
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    assert world.channel.delivered == []
    assert (await outcomes(world))[0][:2] == ("active", "visit")


async def test_a_paused_flow_holds_people_where_they_are(world: World) -> None:
    from engine.services import flows
    from engine.services.actor import SYSTEM

    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    async with world.store.store.transaction() as session:
        await flows.pause(session, SYSTEM, "welcome_test", world.now)
    world.now += timedelta(days=5)
    await world.until_quiet("welcome_test")
    assert (await outcomes(world))[0][:2] == ("active", "visit")
    async with world.store.store.transaction() as session:
        await flows.resume(session, SYSTEM, "welcome_test", world.now)
    await world.until_quiet("welcome_test")
    assert (await outcomes(world))[0][0] == "ended"


async def test_a_server_that_is_down_loses_nothing(world: World) -> None:
    await world.publish(WELCOME)
    people = await world.people(5)
    for contact in people:
        await world.event(contact, "Signed Up")
    world.channel.spoil = lambda: "unreachable"
    await world.until_quiet("welcome_test")
    assert world.channel.delivered == []
    world.channel.spoil = lambda: None
    world.now += timedelta(hours=1)
    await world.until_quiet("welcome_test")
    assert sorted(world.channel.counts().values()) == [1] * 5


async def test_numbers_on_the_canvas_are_the_visits(world: World) -> None:
    await world.publish(WELCOME)
    for contact in await world.people(4):
        await world.event(contact, "Signed Up")
    await world.until_quiet("welcome_test")
    counts = {
        (row[0], row[1]): row[2]
        for row in await world.rows(
            "SELECT node, exit, sum(count) FROM node_count GROUP BY node, exit"
        )
    }
    assert counts == {("hello", ""): 4, ("hello", "sent"): 4, ("visit", ""): 4}
