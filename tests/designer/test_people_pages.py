"""Our own people in the designer: lists, the line, absences, teams, handing work over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.models import User
from crm_store.session import Store
from designer.components.data_table import DataTable
from engine.services.actor import SYSTEM
from engine.services.handover import recent_handovers
from engine.services.organisation.absences import list_absences
from engine.services.people import ensure_roles
from engine.services.people_shelf import PeopleShelf
from tests.designer.conftest import Visit
from tests.designer.seeded_runs import NOW

PATIENCE = 100


@pytest.fixture
async def cleo(seeded: Store) -> int:
    """A sales representative who reports to Ben."""
    async with seeded.transaction() as session:
        await ensure_roles(session)
        ben = await session.scalar(text('SELECT id FROM "user" ORDER BY id LIMIT 1'))
        user = User(
            name="Cleo <b>Rep</b>",
            name_key="cleo",
            email="cleo@cadenza.test",
            email_key="cleo@cadenza.test",
            role="rep",
            manager_id=ben,
        )
        session.add(user)
        await session.flush()
        return int(user.id)


def click(visit: Visit, marker: str) -> None:
    visit.user.find(marker=marker).click()


def field(visit: Visit, marker: str) -> Any:
    (found,) = visit.user.find(marker=marker).elements
    return found


async def value(store: Store, sql: str) -> Any:
    async with store.transaction() as session:
        return await session.scalar(text(sql))


async def test_people_are_found_by_what_they_are(visit: Visit, cleo: int) -> None:
    await visit.user.open("/people")
    await visit.user.should_see(DataTable, retries=PATIENCE)
    (table,) = visit.user.find(DataTable).elements
    assert "Cleo <b>Rep</b>" in [row.cells[0].text for row in table.rows]
    field(visit, "search-people").value = "rep cleo"
    assert [row.cells[0].text for row in table.rows] == ["Cleo <b>Rep</b>"]
    field(visit, "search-people").value = "nobody"
    assert table.rows == ()


async def test_the_line_is_drawn_and_never_goes_round(visit: Visit, cleo: int) -> None:
    await visit.user.open("/people?tab=line")
    await visit.user.should_see("leads 1", retries=PATIENCE)
    await visit.user.open("/people/1")
    await visit.user.should_see("Nobody is above them.", retries=PATIENCE)
    field(visit, "manager").value = cleo
    click(visit, "confirm-manager")
    await visit.user.should_see("nobody would be above them", retries=PATIENCE)
    assert await value(visit.runtime.store, 'SELECT manager_id FROM "user" WHERE id = 1') is None


async def test_an_absence_is_entered_with_a_deputy_and_cancelled(
    visit: Visit, seeded: Store, cleo: int
) -> None:
    await visit.user.open(f"/people/{cleo}")
    await visit.user.should_see("None are entered.", retries=PATIENCE)
    today = NOW.date()
    field(visit, "absence-first").value = today.isoformat()
    field(visit, "absence-last").value = (today + timedelta(days=2)).isoformat()
    field(visit, "absence-deputy").value = 1
    click(visit, "confirm-absence")
    await visit.user.should_see("acts for them", retries=PATIENCE)
    async with seeded.transaction() as session:
        [absence] = await list_absences(session, SYSTEM, since=NOW)
    assert absence.ends_at - absence.starts_at == timedelta(days=3)
    assert (absence.user_id, absence.deputy_id) == (cleo, 1)
    await visit.user.open("/people?tab=absences")
    await visit.user.should_see("Away now", retries=PATIENCE)
    click(visit, "confirm-event_available")
    await visit.user.should_see("Everybody is there", retries=PATIENCE)


async def test_an_absence_that_ends_before_it_begins_is_refused_in_the_dialog(
    visit: Visit, cleo: int
) -> None:
    await visit.user.open(f"/people/{cleo}")
    await visit.user.should_see("None are entered.", retries=PATIENCE)
    field(visit, "absence-last").value = "2020-01-01"
    click(visit, "confirm-absence")
    await visit.user.should_see("an absence ends after it begins", retries=PATIENCE)
    field(visit, "absence-first").value = ""
    click(visit, "confirm-absence")
    await visit.user.should_see("Choose the days first.", retries=PATIENCE)


async def test_a_team_is_made_filled_and_not_removed_while_somebody_is_in_it(
    visit: Visit, cleo: int
) -> None:
    await visit.user.open("/people?tab=teams")
    await visit.user.should_see("No team yet", retries=PATIENCE)
    field(visit, "team-name").value = "North & South"
    field(visit, "team-head").value = 1
    click(visit, "confirm-team")
    await visit.user.should_not_see("No team yet", retries=PATIENCE)
    await visit.user.open("/teams/North%20%26%20South")
    await visit.user.should_see("Nobody is in it", retries=PATIENCE)
    field(visit, "team-members").value = [cleo]
    click(visit, "confirm-members")
    await visit.user.should_not_see("reaches nobody", retries=PATIENCE)
    click(visit, "confirm-delete")
    await visit.user.should_see("Move them to another one first", retries=PATIENCE)
    async with visit.runtime.store.transaction() as session:
        directory = await PeopleShelf().directory(session)
    assert directory.members("North & South") == (cleo,)


async def test_work_is_counted_before_it_is_handed_over(
    visit: Visit, seeded: Store, cleo: int
) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE contact SET owner_id = :id"), {"id": cleo})
    await visit.user.open(f"/people/{cleo}")
    await visit.user.should_see("Count it first", retries=PATIENCE)
    click(visit, "hand-look")
    await visit.user.should_see("Nothing was handed over", retries=PATIENCE)
    field(visit, "hand-to").value = ["ben@cadenza.test"]
    click(visit, "hand-look")
    await visit.user.should_see("Hand 8 over", retries=PATIENCE)
    field(visit, "hand-back").value = "2020-01-01"
    click(visit, "hand-start")
    await visit.user.should_see("give a day to come", retries=PATIENCE)
    field(visit, "hand-back").value = (NOW + timedelta(days=30)).date().isoformat()
    click(visit, "hand-start")
    await visit.user.should_see("Being handed over", retries=PATIENCE)
    async with seeded.transaction() as session:
        [found] = await recent_handovers(session, SYSTEM)
    assert found.from_id == cleo
    assert found.return_at is not None


async def test_a_representative_enters_their_own_absence_and_changes_nobody(
    visit: Visit, seeded: Store, cleo: int
) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE \"user\" SET role = 'rep' WHERE id = 1"))
    await visit.user.open("/people?tab=absences")
    await visit.user.should_see("Enter an absence", retries=PATIENCE)
    assert not field(visit, "absence-who").enabled
    await visit.user.open(f"/people/{cleo}")
    await visit.user.should_see("About them", retries=PATIENCE)
    for marker in ("edit-profile", "edit-manager", "add-absence", "hand-look"):
        await visit.user.should_not_see(marker=marker)
    await visit.user.open("/people/1")
    await visit.user.should_see(marker="add-absence", retries=PATIENCE)
    await visit.user.should_see(marker="hand-look")


async def test_strange_numbers_and_names_are_words(visit: Visit) -> None:
    for address in ("/people/99", "/people/x", "/teams/none", "/calendars/none"):
        await visit.user.open(address)
        await visit.user.should_see("This is not here", retries=PATIENCE)


async def test_a_calendar_shows_its_mistakes_and_is_saved(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/calendars/new")
    await visit.user.should_see("Hours of the week", retries=PATIENCE)
    field(visit, "calendar-name").value = "late_shift"
    for day in ("mon", "tue", "wed", "thu", "fri"):
        click(visit, f"remove-hours-{day}-0")
    await visit.user.should_see("nobody ever works")
    click(visit, "save-calendar")
    await visit.user.should_see("has a mistake", retries=PATIENCE)
    click(visit, "add-hours-mon")
    field(visit, "from-mon-0").value = "14:00"
    field(visit, "to-mon-0").value = ""
    await visit.user.should_see("no pair of times")
    field(visit, "to-mon-0").value = "22:00"
    await visit.user.should_not_see("nobody ever works")
    click(visit, "probe-go")
    await visit.user.should_see("5 working hours later is Mon")
    click(visit, "save-calendar")
    await visit.user.should_not_see("New calendar", retries=PATIENCE)
    kept = await value(seeded, "SELECT hours FROM calendar WHERE name = 'late_shift'")
    assert kept == {"mon": [["14:00", "22:00"]]}
    await visit.user.open("/calendars")
    await visit.user.should_see(DataTable, retries=PATIENCE)
    (table,) = visit.user.find(DataTable).elements
    assert any("Mon 14:00-22:00" in row.cells[1].text for row in table.rows)


async def test_a_day_has_several_hours_and_gives_them_to_the_others(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/calendars/new")
    await visit.user.should_see("Hours of the week", retries=PATIENCE)
    field(visit, "calendar-name").value = "with_lunch"
    field(visit, "to-mon-0").value = "12:30"
    click(visit, "add-hours-mon")
    assert (field(visit, "from-mon-1").value, field(visit, "to-mon-1").value) == ("13:30", "18:00")
    field(visit, "to-mon-1").value = "00:00"
    click(visit, "copy-monday")
    click(visit, "add-day")
    click(visit, "add-hours-single")
    await visit.user.should_see("hours without a day")
    field(visit, "single-day").value = "2030-12-24"
    await visit.user.should_not_see("hours without a day")
    click(visit, "save-calendar")
    await visit.user.should_not_see("New calendar", retries=PATIENCE)
    both = [["09:00", "12:30"], ["13:30", "24:00"]]
    kept = await value(seeded, "SELECT hours FROM calendar WHERE name = 'with_lunch'")
    assert kept == dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), both)
    single = await value(seeded, "SELECT exceptions FROM calendar WHERE name = 'with_lunch'")
    assert single == {"2030-12-24": [["09:00", "18:00"]]}
