"""Goals are counted once per run: inside, after the end, in the holdout, and late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from engine.services.events import record_event
from tests.driving.world import PARTITIONS, World

FLOW = """
flow: welcome_goal
label: Welcome
subject: contact
purpose: marketing
consent_note: asked at sign-up
trigger: {on: event, event: Signed Up}
entry: once
goal:
  event: Order Completed
  within: P30D
  revenue: {amount: event.properties.total, currency: event.properties.currency}
steps:
  settle: {do: wait, for: 3d, next: done}
  done:   {do: exit}
"""
EXITING = FLOW.replace("  within:", "  exits: true\n  within:")
HOLDOUT = FLOW.replace("entry: once", "entry: once\nholdout: 100")


async def enters(world: World, source: str) -> int:
    await world.publish(source)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_goal")
    world.now += timedelta(hours=1)
    return ada


async def buys(world: World, contact: int, **properties: Any) -> None:
    await world.event(contact, "Order Completed", **properties)
    await world.until_quiet("welcome_goal")


async def reached(world: World) -> list[tuple[Any, ...]]:
    rows = await world.rows(
        "SELECT run_id, reached_at, amount_minor, currency, base_minor FROM goal_reached"
        " ORDER BY run_id"
    )
    return [tuple(row) for row in rows]


async def test_a_goal_is_counted_once_with_its_time_and_revenue(world: World) -> None:
    ada = await enters(world, FLOW)
    at = world.now
    await buys(world, ada, total=29.9, currency="USD")
    world.now += timedelta(days=1)
    await buys(world, ada, total=500, currency="USD")
    [run] = await world.rows("SELECT id, state FROM run")
    assert run[1] == "active"
    assert await reached(world) == [(run[0], at, 2990, "USD", 2990)]


async def test_a_goal_after_the_end_of_the_run_counts_within_its_time(world: World) -> None:
    ada = await enters(world, FLOW)
    world.now += timedelta(days=4)
    await world.until_quiet("welcome_goal")
    assert await world.outcomes() == [("ended", "done", "done")]
    await buys(world, ada, total=10, currency="JPY")
    assert [row[2:4] for row in await reached(world)] == [(10, "JPY")]


async def test_a_goal_after_its_time_does_not_count(world: World) -> None:
    ada = await enters(world, FLOW)
    world.now += timedelta(days=30)
    await buys(world, ada)
    assert await reached(world) == []


async def test_the_holdout_reaches_goals_too(world: World) -> None:
    ada = await enters(world, HOLDOUT)
    await buys(world, ada, total=1, currency="USD")
    assert await world.outcomes() == [("ended", "settle", "holdout")]
    assert len(await reached(world)) == 1


async def late_order(world: World, contact: int, days_ago: int) -> None:
    async with world.store.store.transaction() as session:
        await record_event(
            session,
            source="test",
            message_id=f"late-{days_ago}",
            name="Order Completed",
            contact_id=contact,
            properties={},
            occurred_at=world.now - timedelta(days=days_ago),
            partitions=PARTITIONS,
        )
    await world.until_quiet("welcome_goal")


async def test_an_event_that_is_known_late_counts_by_when_it_happened(world: World) -> None:
    ada = await enters(world, FLOW)
    world.now += timedelta(days=60)
    await late_order(world, ada, days_ago=70)
    assert await reached(world) == []
    await late_order(world, ada, days_ago=50)
    assert [row[1] for row in await reached(world)] == [world.now - timedelta(days=50)]


async def test_who_reaches_a_goal_that_ends_the_run_leaves_at_once(world: World) -> None:
    ada = await enters(world, EXITING)
    await buys(world, ada)
    assert await world.outcomes() == [("ended", "settle", "goal")]
    [[entries]] = await world.rows("SELECT entries FROM journal ORDER BY id DESC LIMIT 1")
    assert (entries[-1]["what"], entries[-1]["why"]["event"]) == ("ended", "Order Completed")
    counts = await world.rows("SELECT node, exit, sum(count) FROM node_count GROUP BY 1, 2")
    assert {(row[0], row[1]): int(row[2]) for row in counts} == {
        ("settle", ""): 1,
        ("settle", "(goal)"): 1,
    }


async def test_a_held_run_leaves_by_its_goal(world: World) -> None:
    ada = await enters(world, EXITING)
    await world.rows("UPDATE run SET state = 'held', outcome = 'test' RETURNING 1")
    await buys(world, ada)
    assert await world.outcomes() == [("ended", "settle", "goal")]


async def test_a_goal_during_a_pause_counts_at_once_and_ends_the_run_afterwards(
    world: World,
) -> None:
    ada = await enters(world, EXITING)
    await world.pause("welcome_goal")
    await buys(world, ada)
    assert len(await reached(world)) == 1
    assert await world.outcomes() == [("active", "settle", None)]
    await world.resume("welcome_goal")
    await world.until_quiet("welcome_goal")
    assert await world.outcomes() == [("ended", "settle", "goal")]


async def test_only_events_that_the_rule_accepts_count(world: World) -> None:
    rule = 'when: {">=": [{var: event.properties.total}, 20]}'
    ada = await enters(world, FLOW.replace("  within:", f"  {rule}\n  within:"))
    await buys(world, ada, total=19)
    assert await reached(world) == []
    await buys(world, ada, total=20)
    assert len(await reached(world)) == 1


async def test_the_event_that_lets_somebody_in_is_not_its_own_goal(world: World) -> None:
    again = FLOW.replace("Signed Up", "Order Completed").replace("entry: once", "entry: always")
    await world.publish(again)
    [ada] = await world.people(1)
    await world.event(ada, "Order Completed")
    await world.until_quiet("welcome_goal")
    assert await reached(world) == []


async def test_two_runs_reached_by_one_event_have_its_revenue_once(world: World) -> None:
    ada = await enters(world, FLOW.replace("entry: once", "entry: always"))
    await world.event(ada, "Signed Up")
    await world.until_quiet("welcome_goal")
    world.now += timedelta(hours=1)
    await buys(world, ada, total=5, currency="USD")
    assert [row[2] for row in await reached(world)] == [None, 500]


async def test_the_total_of_the_order_that_the_event_names_is_the_revenue(world: World) -> None:
    amounts = "  revenue: {amount: event.properties.total, currency: event.properties.currency}"
    ada = await enters(world, FLOW.replace(amounts, "  revenue: order_total"))
    await world.rows(
        'INSERT INTO "order" (external_id, contact_id, placed_at, total_minor, currency)'
        " VALUES ('o-7', :ada, :now, 1234, 'USD') RETURNING 1",
        ada=ada,
        now=world.now,
    )
    await buys(world, ada, order_id="o-7")
    assert [row[2:] for row in await reached(world)] == [(1234, "USD", 1234)]


async def test_a_version_from_before_keeps_its_own_goal(world: World) -> None:
    ada = await enters(world, FLOW)
    await world.publish(FLOW.replace("event: Order Completed", "event: Meeting Booked"))
    await buys(world, ada)
    assert len(await reached(world)) == 1


async def test_nothing_is_asked_of_the_database_for_events_that_are_no_goal(world: World) -> None:
    ada = await enters(world, FLOW)
    asked: list[str] = []

    def listen(*arguments: Any) -> None:
        if "goal_reached" in arguments[2]:
            asked.append(arguments[2])

    engine = world.store.store.engine.sync_engine
    event.listen(engine, "before_cursor_execute", listen)
    await world.event(ada, "Page Viewed")
    await world.until_quiet("welcome_goal")
    assert asked == []
    await buys(world, ada)
    # one look for the batch, one line written
    assert len(asked) == 2


THANKS = """
flow: thanks
label: Thanks
subject: contact
purpose: service
trigger: {on: flow, flow: welcome_goal, when: goal}
entry: always
steps:
  done: {do: exit}
"""


async def test_reaching_a_goal_starts_flows_that_wait_for_it(world: World) -> None:
    ada = await enters(world, FLOW)
    await world.publish(THANKS)
    await buys(world, ada)
    found = await world.rows("SELECT f.name FROM run r JOIN flow f ON f.id = r.flow_id ORDER BY 1")
    assert [row[0] for row in found] == ["thanks", "welcome_goal"]
    [told] = await world.rows(
        "SELECT kind, source, properties->>'flow' FROM event WHERE name = 'Goal Reached'"
    )
    assert tuple(told) == ("flow", "cadenza", "welcome_goal")


async def test_the_goal_of_somebody_held_out_starts_nothing(world: World) -> None:
    ada = await enters(world, HOLDOUT)
    await world.publish(THANKS)
    await buys(world, ada)
    assert len(await reached(world)) == 1
    assert await world.rows("SELECT 1 FROM event WHERE name = 'Goal Reached'") == []


async def test_an_order_before_the_dispatcher_came_counts_and_ends_the_run(world: World) -> None:
    await world.publish(EXITING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    world.now += timedelta(seconds=20)
    at = world.now
    await world.event(ada, "Order Completed")
    world.now += timedelta(seconds=40)
    await world.until_quiet("welcome_goal")
    assert await world.outcomes() == [("ended", "settle", "goal")]
    assert [row[1] for row in await reached(world)] == [at]


async def test_an_order_between_the_event_and_the_entry_counts_in_a_later_batch(
    world: World,
) -> None:
    await world.publish(EXITING)
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    before, between = world.now - timedelta(seconds=1), world.now + timedelta(seconds=20)
    world.now += timedelta(minutes=1)
    await world.until_quiet("welcome_goal")
    for at in (before, between):
        async with world.store.store.transaction() as session:
            await record_event(
                session,
                source="test",
                message_id=f"order-{at}",
                name="Order Completed",
                contact_id=ada,
                properties={},
                occurred_at=at,
                partitions=PARTITIONS,
            )
        await world.until_quiet("welcome_goal")
    assert await world.outcomes() == [("ended", "settle", "goal")]
    assert [row[1] for row in await reached(world)] == [between]
