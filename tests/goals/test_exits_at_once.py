"""Exit rules hold at once, whichever door a change comes through."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.changes.announcing import Announcer
from engine.services.derived_facts import import_rates, settle_base_currency
from engine.services.events import Batch, Intake, Reader
from engine.services.imports import ImportOrder, import_file
from tests.driving.world import PARTITIONS, CrashingStore, RememberingChannel
from tests.segments.segment_world import SegmentWorld

FLOW = """
flow: leaving
label: Leaving
subject: contact
purpose: service
trigger: {on: event, event: Signed Up}
exit_when: RULE
steps:
  wait: {do: wait, for: 30d, next: done}
  done: {do: exit}
"""
CUSTOMER = '{"==": [{var: contact.lifecycle_stage}, customer]}'
WRITER = """
flow: writer
label: Writer
subject: contact
purpose: service
trigger: {on: event, event: Bought}
steps:
  mark: {do: update_record, set: {lifecycle_stage: customer}, next: done}
  done: {do: exit}
"""


@pytest.fixture
def world(store: Store) -> SegmentWorld:
    return SegmentWorld(CrashingStore(store), RememberingChannel())


async def waits(world: SegmentWorld, rule: str) -> int:
    await world.publish(FLOW.replace("RULE", rule))
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("leaving")
    assert await world.outcomes() == [("active", "wait", None)]
    return ada


async def left(world: SegmentWorld) -> bool:
    await world.until_quiet("leaving")
    return (await world.outcomes())[0] == ("ended", "wait", "exit_rule")


async def test_a_change_through_the_api(world: SegmentWorld) -> None:
    await waits(world, CUSTOMER)
    call = {
        "type": "identify",
        "userId": "ada",
        "messageId": "i1",
        "traits": {"email": "person0@example.com", "lifecycleStage": "customer"},
    }
    items, refused = Reader("website", world.now, 32_000).batch({"batch": [call]})
    assert not refused
    await Intake(world.store.store, PARTITIONS).accept(Batch(tuple(items)), world.now)
    assert await left(world)


async def test_a_change_by_a_service_that_announces(world: SegmentWorld) -> None:
    """What every screen of the designer that changes a contact does."""
    ada = await waits(world, CUSTOMER)
    async with world.store.store.transaction() as session:
        await session.execute(
            text("UPDATE contact SET lifecycle_stage = 'customer' WHERE id = :id"), {"id": ada}
        )
        told = await Announcer(world.parts.plans, PARTITIONS).announce(session, world.now)
    assert told
    assert await left(world)


async def imports(world: SegmentWorld, path: Path, kind: str, lines: str, **more: Any) -> None:
    path.write_text(lines, "utf-8")
    order = ImportOrder(path, kind, ask=PARTITIONS, **more)
    await import_file(world.store.store, SYSTEM, order, lambda: world.now)


async def test_an_import_that_starts_nothing(world: SegmentWorld, tmp_path: Path) -> None:
    await waits(world, CUSTOMER)
    other = await world.rows("INSERT INTO contact (first_name) VALUES ('Cleo') RETURNING id")
    assert other
    await imports(
        world,
        tmp_path / "people.csv",
        "contacts",
        "email,lifecycle_stage\nperson0@example.com,customer\nnew@example.com,customer\n",
    )
    names = await world.rows("SELECT name FROM event WHERE name <> 'Signed Up'")
    assert [row[0] for row in names] == ["Facts Changed"]
    assert await left(world)


async def test_an_import_with_events(world: SegmentWorld, tmp_path: Path) -> None:
    await waits(world, CUSTOMER)
    await imports(
        world,
        tmp_path / "people.csv",
        "contacts",
        "email,lifecycle_stage\nperson0@example.com,customer\n",
        fire=PARTITIONS,
    )
    assert await left(world)


async def test_an_import_that_concerns_no_exit_rule_asks_nobody(
    world: SegmentWorld, tmp_path: Path
) -> None:
    await waits(world, CUSTOMER)
    await imports(
        world,
        tmp_path / "people.csv",
        "contacts",
        "email,city\nnew@example.com,Oslo\n",
    )
    assert await world.rows("SELECT 1 FROM event WHERE name = 'Facts Changed'") == []


async def test_a_step_of_another_flow(world: SegmentWorld) -> None:
    ada = await waits(world, CUSTOMER)
    await world.publish(WRITER)
    await world.event(ada, "Bought")
    await world.until_quiet("leaving", "writer")
    assert await left(world)


async def test_an_exchange_rate(world: SegmentWorld, tmp_path: Path) -> None:
    rule = '{">=": [{var: contact.total_spent}, {money: [50000, USD]}]}'
    await settle_base_currency(world.store.store, "USD")
    ada = await waits(world, rule)
    day = date(2026, 3, 1)
    await world.rows(
        'INSERT INTO "order" (contact_id, placed_at, total_minor, currency)'
        " VALUES (:ada, :at, 50000, 'EUR') RETURNING 1",
        ada=ada,
        at=world.now,
    )
    await world.event(ada, "Looked")
    assert not await left(world)
    file = tmp_path / "rates.csv"
    file.write_text(f"day,currency,rate\n{day},EUR,1.25\n", "utf-8")
    await import_rates(world.store.store, SYSTEM, file, "USD", world.now, partitions=PARTITIONS)
    assert await left(world)


async def test_a_segment_left_because_time_passed(world: SegmentWorld) -> None:
    await world.counted("keen", {"done": ["Signed Up", ">=", 1, ["in_last", 6, "hours"]]})
    await waits(world, '{"!": [{member_of: [keen]}]}')
    await world.recount()
    world.now += timedelta(hours=7)
    await world.recount()
    assert await left(world)


async def test_a_segment_entered(world: SegmentWorld) -> None:
    await world.counted(
        "silent", {"!": [{"done": ["Signed Up", ">=", 1, ["in_last", 6, "hours"]]}]}
    )
    await waits(world, "{member_of: [silent]}")
    await world.recount()
    world.now += timedelta(hours=7)
    await world.recount()
    assert await left(world)


async def test_a_goal_reached_by_leaving_a_segment(world: SegmentWorld) -> None:
    await world.counted("keen", {"done": ["Signed Up", ">=", 1, ["in_last", 6, "hours"]]})
    goal = (
        'goal: {event: Segment Left, when: {"==": [{var: event.properties.segment}, keen]}, '
        "exits: true}"
    )
    await world.publish(FLOW.replace("exit_when: RULE", goal))
    [ada] = await world.people(1)
    await world.event(ada, "Signed Up")
    await world.until_quiet("leaving")
    await world.recount()
    world.now += timedelta(hours=7)
    await world.recount()
    await world.until_quiet("leaving")
    assert await world.outcomes() == [("ended", "wait", "goal")]
