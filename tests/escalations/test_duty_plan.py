"""A week of duty: turns, swaps and absences laid over each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.session import Store
from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.escalations import duty
from engine.services.escalations.duty_plan import PlannedDuty, duty_plan
from engine.services.organisation.absences import AbsenceGiven, add_absence
from tests.escalations.office import Office, at

DUTY = """
escalation_policy: night
time: clock
levels: [{to: "on_duty:first"}]
rotations:
  first: {turns: daily, starts: 2026-03-02, zone: UTC, members: [gil@example.com, ben@example.com]}
"""
BEGINS, ENDS = at("2026-03-02T00:00"), at("2026-03-05T00:00")


@pytest.fixture
async def office(store: Store) -> Office:
    office = await Office.furnished(store)
    await office.publish(DUTY)
    return office


async def planned(office: Office) -> PlannedDuty:
    async with office.world.work() as work:
        [plan] = await duty_plan(work.session, SYSTEM, BEGINS, ENDS)
    return plan


async def test_a_plan_has_no_gaps_and_hands_over_at_the_handoff(office: Office) -> None:
    plan = await planned(office)
    assert (plan.policy, plan.rotation, plan.zone) == ("night", "first", "UTC")
    found = plan.stretches
    assert (found[0].starts_at, found[-1].ends_at) == (BEGINS, ENDS)
    assert [one.ends_at for one in found[:-1]] == [one.starts_at for one in found[1:]]
    assert [one.name for one in found] == ["Ben", "Gil", "Ben", "Gil"]
    assert found[1].starts_at == at("2026-03-02T09:00")


async def test_swaps_and_absences_change_the_plan(office: Office) -> None:
    ids = office.ids
    swap = at("2026-03-02T12:00"), at("2026-03-02T18:00")
    async with office.world.work() as work:
        await duty.override_duty(
            work.session, SYSTEM, "night", "first", ids["eve"], *swap, now=BEGINS
        )
        away = AbsenceGiven(ids["ben"], at("2026-03-03T09:00"), at("2026-03-03T20:00"))
        await add_absence(work.session, SYSTEM, away, BEGINS)
    found = (await planned(office)).stretches
    told = [(one.name, one.swapped) for one in found]
    assert told[:4] == [("Ben", False), ("Gil", False), ("Eve", True), ("Gil", False)]
    # Ben is away when his turn comes: Gil goes on until he is back
    assert (found[3].ends_at, found[4].name) == (at("2026-03-03T20:00"), "Ben")


async def test_a_plan_of_years_is_refused(office: Office) -> None:
    async with office.world.work() as work:
        with pytest.raises(Refused):
            await duty_plan(work.session, SYSTEM, BEGINS, BEGINS + timedelta(days=400))
        with pytest.raises(Refused):
            await duty_plan(work.session, SYSTEM, ENDS, BEGINS)
