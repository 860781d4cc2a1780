"""A run that waits for a date follows it, because the change of the record wakes it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from tests.driving.world import World
from tests.due_dates.looks import at

WAITING = """
flow: waiting
purpose: service
trigger: {on: event, event: Signed Up}
steps:
  wait:
    do: wait_until
    date: birthday
    yearly: true
    at: "09:00"
    exits: {reached: call, missed: done}
  call: {do: create_task, title: "Call {{ contact.first_name }}", assign: {to: owner}, next: done}
  done: {do: exit}
"""


async def change(world: World, contact_id: int, assignments: str) -> None:
    async with world.store.store.transaction() as session:
        statement = text(f"UPDATE contact SET {assignments} WHERE id = :id")
        await session.execute(statement, {"id": contact_id})
        await world.parts.announcer.announce(session, world.now)


async def due(world: World) -> object:
    await world.until_quiet("waiting")
    return (await world.rows("SELECT due_at FROM run"))[0][0]


async def test_an_edit_of_the_date_the_zone_or_the_calendar_moves_the_wait(world: World) -> None:
    await world.publish(WAITING)
    [ada] = await world.people(1, birthday=date(1986, 9, 18), time_zone="Asia/Singapore")
    await world.event(ada, "Signed Up")
    assert await due(world) == at("2026-09-18T01:00")
    await change(world, ada, "birthday_calendar = 'lunar'")
    assert await due(world) == at("2026-09-25T01:00")
    await change(world, ada, "time_zone = 'Europe/Berlin'")
    assert await due(world) == at("2026-09-25T07:00")
    await change(world, ada, "birthday_calendar = 'gregorian', birthday = '1990-03-09'")
    assert await due(world) == at("2026-03-09T08:00")
    await change(world, ada, "first_name = 'Ada'")
    assert await due(world) == at("2026-03-09T08:00")
    world.now = at("2026-03-09T08:00")
    await world.until_quiet("waiting")
    assert await world.outcomes() == [("ended", "done", "done")]
    assert len(await world.rows("SELECT 1 FROM activity")) == 1
