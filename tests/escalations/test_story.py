"""A case from a Friday evening to the week after Easter, counted by hand."""

from __future__ import annotations

import pytest

from crm_store.session import Store
from engine.services.escalations import pause_cases, resume_cases
from tests.escalations.office import Office, at

POLICY = """
escalation_policy: promise
levels:
  - {to: owner}
  - {to: "on_duty:first", after: 1h}
  - {to: manager, after: 4h, urgency: high}
acknowledged_for: 4h
wait: 8h
rotations:
  first:
    {turns: weekly, starts: 2026-03-30, zone: Europe/Berlin,
     members: [gil@example.com, dora@example.com]}
"""


@pytest.fixture
async def office(store: Store) -> Office:
    return await Office.furnished(store)


async def test_a_case_over_weekend_holidays_absence_and_pause(office: Office) -> None:
    await office.publish(POLICY)
    # Ben's manager is away on Tuesday and Wednesday, Dora acts for her; Gil is away on Tuesday
    await office.away("eve", "2026-03-30T22:00", "2026-04-01T22:00", "dora")
    await office.away("gil", "2026-03-31T05:00", "2026-03-31T20:00")

    # Friday 17:50 in Berlin, which is still on winter time: ten minutes of work are left
    office.world.now = at("2026-03-27T16:50")
    case = await office.open("promise")
    # the clock goes forward on Sunday, Monday is off by exception; on Tuesday 9:00 is 7:00 UTC, and
    # fifty minutes later the hour is full: it is Gil's week, he is away, Dora has the duty
    await office.until("2026-03-31T07:49")
    assert await office.log(case) == [("03-27 16:50", "told", "ben")]
    await office.until("2026-03-31T11:50")
    assert (await office.log(case))[1:] == [
        ("03-31 07:50", "told", "dora"),
        # four hours later it is the manager's turn, for whom Dora acts as well
        ("03-31 11:50", "told", "dora"),
    ]

    # Dora takes it up half an hour later, 14:20 in Berlin: of her four hours 3:40 are on Tuesday
    # and 0:20 on Wednesday, so it is open again at 9:20 and those of the last level hear of it
    await office.until("2026-03-31T12:20")
    await office.answer("dora", case, "acknowledge")
    await office.until("2026-04-01T07:19")
    assert await office.status(case) == "acknowledged"
    await office.until("2026-04-01T07:20")
    assert (await office.log(case))[3:] == [
        ("03-31 12:20", "taken", "dora"),
        ("04-01 07:20", "reopened", "dora"),
        ("04-01 07:20", "told_again", "dora"),
    ]

    # Of the eight hours of the end half an hour was spent before she took it up. An hour later the
    # customer is waited for, until Thursday noon; 6:30 are left: six of them on Thursday, and half
    # an hour on Tuesday, for Good Friday and Easter Monday are holidays
    await office.until("2026-04-01T08:20")
    async with office.world.work() as work:
        assert await pause_cases(work, "ticket", 7) == [case]
        assert await pause_cases(work, "ticket", 7) == []
    await office.until("2026-04-02T10:00")
    async with office.world.work() as work:
        assert await resume_cases(work, "ticket", 7) == [case]
    await office.until("2026-04-07T07:29")
    assert await office.status(case) == "open"
    await office.until("2026-04-07T07:30")
    assert await office.status(case) == "held"
    assert (await office.log(case))[6:] == [
        ("04-01 08:20", "paused", None),
        ("04-02 10:00", "resumed", None),
        ("04-07 07:30", "held", None),
    ]

    # everybody was told, Dora as an admin that nobody takes it up; it waits until somebody does
    await office.until("2026-05-07T08:00")
    await office.answer("ben", case, "resolve", comment="Called them.")
    assert (await office.log(case))[-1] == ("05-07 08:00", "ended", "ben")
    assert await office.told() == [
        ("ben", "Late"),
        ("dora", "Late"),
        ("dora", "Late"),
        ("dora", "Open again: Late"),
        ("dora", "Late"),
        ("dora", "Nobody takes it up: Late"),
    ]
    assert office.world.channel.counts()[("dora@example.com", "Late")] == 3
    assert await office.world.rows("SELECT 1 FROM clock") == []
