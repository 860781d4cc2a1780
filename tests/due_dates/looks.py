"""Flows that watch dates, and looks at them without Temporal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text

from engine.activities.parts import Parts
from engine.services.due_dates.firing import FiredNow, fire_schedule
from engine.services.due_dates.sweeping import Swept, sweep_page
from tests.driving.world import SIZES, World

PAGE = 3

BIRTHDAY = """
flow: birthday
purpose: service
trigger: {on: date, field: birthday, yearly: true, at: "09:00"}
steps:
  call: {do: create_task, title: "Call {{ contact.first_name }}", assign: {to: owner}, next: done}
  done: {do: exit}
"""


def date_flow(trigger: str) -> str:
    return BIRTHDAY.replace('field: birthday, yearly: true, at: "09:00"', trigger)


async def sweep(world: World, flow: str = "birthday", parts: Parts | None = None) -> Swept:
    """One page."""
    parts = parts or world.parts
    async with parts.store.transaction() as session:
        flow_id = (await parts.plans.book(session)).id_of(flow)
        assert flow_id is not None
        return await sweep_page(
            session,
            parts.plans,
            flow_id=flow_id,
            limit=PAGE,
            advance_shards=SIZES.advance_shards,
            now=world.now,
            default_zone="UTC",
        )


async def look(world: World, flow: str = "birthday", parts: Parts | None = None) -> int:
    """A whole look; how many entered."""
    entered = 0
    while not (page := await sweep(world, flow, parts)).done:
        entered += page.entered
    return entered + page.entered


async def fire(world: World, flow: str = "weekly", parts: Parts | None = None) -> FiredNow:
    parts = parts or world.parts
    async with parts.store.transaction() as session:
        flow_id = (await parts.plans.book(session)).id_of(flow)
        assert flow_id is not None
        return await fire_schedule(session, parts.plans, flow_id=flow_id, now=world.now)


async def entries(world: World) -> list[tuple[int, str]]:
    """(contact, entry key) of every run, oldest first."""
    found = await world.rows("SELECT subject_id, entry_key FROM run ORDER BY id")
    return [(row[0], row[1]) for row in found]


async def begin(world: World, source: str, when: datetime) -> None:
    """Publish a flow at that time, when everybody has been known for long.

    The database's own clock writes these instants, and knows nothing of the time of a test.
    """
    world.now = when
    await world.publish(source)
    async with world.store.store.transaction() as session:
        await session.execute(text("UPDATE contact SET created_at = '2020-01-01'"))
        await session.execute(text("UPDATE flow_version SET published_at = :now"), {"now": when})
        await session.execute(text("UPDATE flow SET updated_at = :now"), {"now": when})


async def edit(world: World, contact_id: int, **values: Any) -> None:
    """Change a contact, at the world's time."""
    sets = ", ".join(f"{name} = :{name}" for name in values)
    async with world.store.store.transaction() as session:
        last = await session.scalar(text("SELECT coalesce(max(id), 0) FROM field_change"))
        change = text(f"UPDATE contact SET {sets} WHERE id = :id")
        await session.execute(change, {"id": contact_id, **values})
        await session.execute(
            text("UPDATE field_change SET changed_at = :now WHERE id > :last"),
            {"now": world.now, "last": last},
        )


def at(text_: str) -> datetime:
    return datetime.fromisoformat(f"{text_}+00:00")
