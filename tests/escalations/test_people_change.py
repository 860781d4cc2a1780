"""Cases are looked at when people, duties or hours change, and nobody else's are."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.looking_again import make_all_due
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.calendars.editing import NewCalendar, put_calendar
from engine.services.escalations.duty import cancel_override, override_duty
from engine.services.looking_again import people_changed
from engine.services.organisation.profiles import set_manager
from tests.escalations.office import Office

PROMISE = """
escalation_policy: promise
time: clock
levels: [{to: owner}, {to: manager, after: 1h, if_empty: hold}]
"""
DUTY = """
escalation_policy: night
time: clock
levels: [{to: "on_duty:first"}]
rotations:
  first: {turns: daily, starts: 2026-03-02, zone: UTC, members: [gil@example.com]}
"""
HOURS = {"mon": [["09:00", "12:00"]]}


@pytest.fixture
async def office(store: Store) -> Office:
    office = await Office.furnished(store)
    await office.publish(PROMISE)
    return office


async def due(office: Office, case: int) -> timedelta | None:
    """How long from now; None when nothing is due."""
    [[found]] = await office.world.rows("SELECT due_at FROM clock WHERE entity_id = :id", id=case)
    return None if found is None else found - office.world.now


async def test_a_case_in_hand_is_looked_at_once_a_day(office: Office) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "acknowledge")
    assert await due(office, case) == timedelta(days=1)


async def test_only_those_who_go_are_looked_for_and_not_before_they_go(office: Office) -> None:
    bens, gils = await office.open("promise", 1), await office.open("promise", 2)
    await office.answer("ben", bens, "acknowledge")
    await office.answer("gil", gils, "acknowledge")
    begins = office.world.now + timedelta(hours=5)
    await office.away("ben", begins.isoformat()[:19], "2026-12-01T00:00")
    assert await due(office, bens) == timedelta(hours=5)
    assert await due(office, gils) == timedelta(days=1)
    # Eve is asked for nothing
    await office.away("eve", office.world.now.isoformat()[:19], "2026-12-01T00:00")
    assert await due(office, bens) == timedelta(hours=5)


async def test_who_acts_for_somebody_is_looked_for_as_well(office: Office) -> None:
    case = await office.open("promise")
    await office.answer("ben", case, "acknowledge")
    now = office.world.now.isoformat()[:19]
    await office.away("ben", now, "2026-12-01T00:00", deputy="gil")
    await office.world.tend_due()
    assert await office.status(case) == "acknowledged"
    await office.away("gil", now, "2026-12-01T00:00")
    await office.world.tend_due()
    assert await office.status(case) == "open"


async def test_a_held_case_goes_on_in_the_moment_the_duty_is_swapped(office: Office) -> None:
    await office.publish(DUTY)
    await office.away("gil", "2026-01-01T00:00", "2026-12-01T00:00")
    case = await office.open("night")
    assert await office.status(case) == "held"
    eve, now = office.ids["eve"], office.world.now
    begins, ends = now + timedelta(hours=2), now + timedelta(hours=9)
    async with office.world.store.store.transaction() as session:
        later = await override_duty(session, SYSTEM, "night", "first", eve, begins, ends, now=now)
    assert await due(office, case) == timedelta(hours=2)
    async with office.world.store.store.transaction() as session:
        await cancel_override(session, SYSTEM, later, now)
        await override_duty(session, SYSTEM, "night", "first", eve, now, ends, now=now)
    await office.world.tend_due()
    assert (await office.log(case))[-1][1:] == ("told", "eve")


async def test_a_held_case_goes_on_when_somebody_is_above(office: Office) -> None:
    case = await office.open("promise", owner_id=office.ids["gil"])
    await office.until((office.world.now + timedelta(hours=2)).isoformat()[:19])
    assert await office.status(case) == "held"
    async with office.world.store.store.transaction() as session:
        gil, dora = office.ids["gil"], office.ids["dora"]
        await set_manager(session, SYSTEM, gil, dora, office.world.now)
    await office.world.tend_due()
    assert (await office.log(case))[-1][1:] == ("told", "dora")


async def test_a_clock_that_somebody_holds_is_waited_for_by_nobody(office: Office) -> None:
    """Else a look that comes while a case ends and takes others with it may be a deadlock."""
    held, free = await office.open("promise", 1), await office.open("promise", 2)
    for case in (held, free):
        await office.answer("ben", case, "acknowledge")
    ben, store = office.ids["ben"], office.world.store.store
    async with store.transaction() as other:
        locked = text("SELECT 1 FROM clock WHERE entity_id = :id FOR UPDATE")
        await other.execute(locked, {"id": held})
        async with asyncio.timeout(20), store.transaction() as session:
            await people_changed(session, office.world.now, [ben])
            # the other way round: nothing is waited for there either
            assert await make_all_due(session, office.world.now) == 1
    assert await due(office, free) == timedelta()
    assert await due(office, held) == timedelta(days=1)


async def test_a_calendar_that_is_changed_makes_everything_count_anew(office: Office) -> None:
    case = await office.open("promise")
    now = office.world.now
    async with office.world.store.store.transaction() as session:
        await put_calendar(session, SYSTEM, NewCalendar("night", HOURS), now)
    # nothing goes by a new one
    assert await due(office, case) == timedelta(hours=1)
    async with office.world.store.store.transaction() as session:
        await put_calendar(session, SYSTEM, NewCalendar("night", HOURS, zone="UTC"), now)
    assert await due(office, case) == timedelta()
    await office.world.tend_due()
    assert await due(office, case) == timedelta(hours=1)
