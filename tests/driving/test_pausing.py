"""A paused flow moves nobody and forgets nothing that happens meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from crm_store.session import Store
from tests.driving.test_claims import SlowChannel
from tests.driving.test_driving import WELCOME
from tests.driving.world import CrashingStore, World

TASK_FIRST = """
flow: task_first
label: Task first
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
steps:
  call:   {do: create_task, title: "Call", next: done}
  done:   {do: exit}
"""


async def test_people_who_enter_a_paused_flow_wait_at_its_door(world: World) -> None:
    await world.publish(TASK_FIRST)
    [ada] = await world.people(1)
    await world.pause("task_first")
    await world.event(ada, "Signed Up")
    await world.until_quiet("task_first")
    assert await world.rows("SELECT 1 FROM activity") == []
    assert await world.outcomes() == [("active", "call", None)]
    await world.resume("task_first")
    await world.until_quiet("task_first")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert len(await world.rows("SELECT 1 FROM activity")) == 1
    [(why,)] = await world.rows("SELECT entries->0->'why' FROM journal ORDER BY id LIMIT 1")
    assert (why["by"], why["event"]) == ("event", "Signed Up")


async def test_an_event_during_a_pause_counts_when_the_flow_goes_on(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.pause("welcome_test")
    world.now += timedelta(days=1)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "visit", None)]
    world.now += timedelta(days=6)
    await world.resume("welcome_test")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert len(world.channel.delivered) == 2
    assert await world.rows("SELECT 1 FROM activity") == []


async def test_an_event_after_the_deadline_of_a_paused_run_does_not_count(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    await world.pause("welcome_test")
    world.now += timedelta(days=4)
    await world.event(ada, "Visited Pricing")
    await world.until_quiet("welcome_test")
    await world.resume("welcome_test")
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 1
    assert len(await world.rows("SELECT 1 FROM activity")) == 1


async def test_an_event_that_does_not_fit_leaves_the_deadline_as_it_was(world: World) -> None:
    picky = WELCOME.replace(
        "event: Visited Pricing",
        'event: Visited Pricing\n    when: {"==": [{var: event.properties.plan}, big]}',
    )
    await world.publish(picky)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_test")
    [(before,)] = await world.rows("SELECT due_at FROM run")
    await world.pause("welcome_test")
    for plan in ("small", "smaller"):
        await world.event(ada, "Visited Pricing", plan=plan)
        await world.until_quiet("welcome_test")
    await world.resume("welcome_test")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "visit", None)]
    assert await world.rows("SELECT due_at, happening FROM run") == [(before, None)]


async def test_an_answer_during_a_pause_is_kept_for_later(store: Store) -> None:
    channel = SlowChannel()
    world = World(CrashingStore(store), channel)
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    under_way = asyncio.create_task(world.perform_all())
    await channel.taken.wait()
    await world.pause("welcome_test")
    channel.let_go.set()
    await under_way
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "hello", None)]
    assert await world.effects() == [("done", "done")]
    await world.resume("welcome_test")
    await world.until_quiet("welcome_test")
    assert await world.outcomes() == [("active", "visit", None)]
    assert len(channel.delivered) == 1


async def test_a_long_pause_does_not_make_one_failed_try_the_last(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.dispatch_all()
    await world.pause("welcome_test")
    world.now += timedelta(days=30)
    await world.resume("welcome_test")
    world.channel.spoil = lambda: "unreachable"
    await world.until_quiet("welcome_test")
    world.channel.spoil = lambda: None
    world.now += timedelta(hours=1)
    await world.until_quiet("welcome_test")
    assert len(world.channel.delivered) == 1


async def test_a_server_that_never_comes_back_is_given_up(world: World) -> None:
    await world.publish(WELCOME)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    world.channel.spoil = lambda: "unreachable"
    for _ in range(60):
        await world.until_quiet("welcome_test")
        world.now += timedelta(hours=2)
    assert await world.effects() == [("done", "gave_up")]
    assert [row[0] for row in await world.rows("SELECT state FROM message")] == ["refused"]
