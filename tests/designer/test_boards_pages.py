"""Dashboards and the calendar of sending, as people see them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.dashboards.asked import OWN, asked_by
from designer.dashboards.month import month_of, shown_days
from tests.designer.conftest import Visit

TODAY = date(2026, 3, 2)
LOOKED_AT = """
    UPDATE message SET opened_at = now() - interval '20 hours', sender_domain = 'shop.example',
           handed_over_at = '{day} 08:00Z'
"""


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


@pytest.mark.parametrize(
    ("given", "view", "period", "first"),
    [
        ({}, "campaigns", "30", date(2026, 2, 1)),
        ({"view": "volume", "period": "7"}, "volume", "7", date(2026, 2, 24)),
        ({"view": "<b>", "period": "-1"}, "campaigns", "30", date(2026, 2, 1)),
        ({"from": "2026-01-05", "to": "2026-01-09"}, "campaigns", OWN, date(2026, 1, 5)),
        ({"from": "2026-01-09", "to": "2026-01-05"}, "campaigns", "30", date(2026, 2, 1)),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "campaigns", "30", date(2026, 2, 1)),
    ],
)
def test_the_address_says_what_is_shown(
    given: dict[str, str], view: str, period: str, first: date
) -> None:
    asked = asked_by(given, TODAY, "UTC")
    assert (asked.view, asked.period, asked.stretch.first) == (view, period, first)


def test_a_month_is_shown_in_whole_weeks() -> None:
    assert shown_days(date(2026, 11, 1)) == (date(2026, 10, 26), date(2026, 12, 6))
    assert month_of("2026-13", TODAY) == date(2026, 3, 1)
    assert month_of("2026-05", TODAY) == date(2026, 5, 1)


async def test_every_dashboard_is_shown_with_numbers(visit: Visit, seeded: Store) -> None:
    day = visit.runtime.now().date()
    async with seeded.transaction() as session:
        await session.execute(text(LOOKED_AT.format(day=day)))
        await session.execute(
            text(
                "INSERT INTO message_click SELECT id, '<b>https://x.example/a</b>', false, now()"
                " FROM message LIMIT 1"
            )
        )
    await visit.user.open("/dashboards")
    await visit.user.should_see("Campaign funnel")
    await visit.user.should_see("Nobody reports deliveries by this channel")
    await visit.user.open("/dashboards?view=cohorts&flow=win_back")
    await visit.user.should_see("People by week of entering")
    await visit.user.open("/dashboards?view=messages")
    await visit.user.should_see("Sent by day")
    assert "<b>https://x.example/a</b>" in texts(visit)
    await visit.user.open("/dashboards?view=volume")
    await visit.user.should_see("Messages by day and channel")


async def test_empty_times_and_unknown_flows_say_so(visit: Visit) -> None:
    long_ago = "from=2001-01-01&to=2001-02-01"
    for view, said in (
        ("campaigns", "Nobody entered a flow in this time"),
        ("messages", "Nothing was sent in this time"),
        ("volume", "Nothing was sent in this time"),
        ("service", "No ticket was opened in this time"),
        ("cohorts", "Choose a flow"),
    ):
        await visit.user.open(f"/dashboards?view={view}&{long_ago}")
        await visit.user.should_see(said)
    await visit.user.open("/dashboards?flow=nobody")
    await visit.user.should_see("This is not here")


async def test_the_calendar_shows_what_went_and_what_comes(visit: Visit, seeded: Store) -> None:
    now = visit.runtime.now()
    async with seeded.transaction() as session:
        await session.execute(text(LOOKED_AT.format(day=now.date())))
        await session.execute(
            text("UPDATE run SET due_at = :at, node = 'visited' WHERE state = 'active'"),
            {"at": now},
        )
    await visit.user.open("/send-calendar")
    await visit.user.should_see("More than one marketing message on a day")
    visit.user.find(marker=f"day-{now.date().isoformat()}").click()
    await visit.user.should_see(marker="day-shown")
    assert "Win back quiet customers" in texts(visit)
    await visit.user.open("/send-calendar?month=2001-02")
    await visit.user.should_see("No messages in this month")
