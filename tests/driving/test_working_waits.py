"""Waits in working time, by calendars from the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.services.actor import SYSTEM
from engine.services.calendars.editing import NewCalendar, put_calendar
from tests.driving.sales_world import flow
from tests.driving.world import World

FRIDAY_NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
ONLY_MONDAYS = {"mon": [["10:00", "16:00"]]}


async def calendar(world: World, name: str, **more: object) -> None:
    async with world.store.store.transaction() as session:
        new = NewCalendar(name, **{"hours": ONLY_MONDAYS, **more})  # type: ignore[arg-type]
        await put_calendar(session, SYSTEM, new, world.now)


async def due_after(world: World, step: str, zone: str | None = None) -> datetime:
    await world.publish(flow("wait", step))
    (contact,) = await world.people(1, time_zone=zone)
    await world.event(contact, "Signed Up")
    await world.until_quiet("wait")
    ((due,),) = await world.rows("SELECT due_at FROM run")
    assert isinstance(due, datetime)
    return due


@pytest.mark.parametrize(
    ("settings", "due"),
    [
        ("for: 1d", "2026-03-09T12:00"),
        ("for: 8h", "2026-03-09T11:00"),
        ("for: 1h, calendar: mondays", "2026-03-09T11:00"),
        ("for: 2d, calendar: mondays", "2026-03-23T10:00"),
    ],
)
async def test_it_waits_for_working_time(world: World, settings: str, due: str) -> None:
    world.now = FRIDAY_NOON
    await calendar(world, "mondays")
    found = await due_after(world, f"{{do: wait, {settings}, in: working_time, next: done}}")
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)
    world.now = found
    await world.until_quiet("wait")
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_the_hours_are_those_where_the_contact_lives(world: World) -> None:
    world.now = FRIDAY_NOON  # 20:00 in Singapore
    step = "{do: wait_until, in: working_time, exits: {reached: done, missed: done}}"
    due = await due_after(world, step, "Asia/Singapore")
    assert due == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)


async def test_who_comes_while_somebody_works_goes_on(world: World) -> None:
    world.now = FRIDAY_NOON
    step = "{do: wait_until, in: working_time, exits: {reached: done, missed: done}}"
    await world.publish(flow("wait", step))
    (contact,) = await world.people(1)
    await world.event(contact, "Signed Up")
    await world.until_quiet("wait")
    assert await world.outcomes() == [("ended", "done", "done")]


async def test_a_changed_calendar_counts_for_those_who_come_later(world: World) -> None:
    world.now = FRIDAY_NOON
    await calendar(world, "mondays")
    await world.publish(
        flow("wait", "{do: wait, for: 1h, in: working_time, calendar: mondays, next: done}")
    )
    one, two = await world.people(2)
    await world.event(one, "Signed Up")
    await world.until_quiet("wait")
    await calendar(world, "mondays", hours={"tue": [["10:00", "16:00"]]})
    await world.event(two, "Signed Up")
    await world.until_quiet("wait")
    dues = [row[0] for row in await world.rows("SELECT due_at FROM run ORDER BY subject_id")]
    assert dues[1] - dues[0] == timedelta(days=1)


async def test_without_its_calendar_a_run_is_held_until_there_is_one(world: World) -> None:
    await calendar(world, "mondays")
    await world.publish(
        flow("wait", "{do: wait, for: 1h, in: working_time, calendar: mondays, next: done}")
    )
    await world.rows("DELETE FROM calendar WHERE name = 'mondays' RETURNING id")
    (contact,) = await world.people(1)
    await world.event(contact, "Signed Up")
    await world.until_quiet("wait")
    assert await world.outcomes() == [("held", "act", "no_calendar")]
