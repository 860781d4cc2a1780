"""Lists, pages and deeds for contacts, accounts and tickets, imports and merging."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.importing.draft import ImportDraft
from designer.records.export import EXPORTS
from designer.records.grid import RecordGrid
from engine.services.records import Selection
from engine.services.views.grids import GridPage, grid_page, usual
from tests.designer.conftest import Visit
from tests.designer.test_pages import wait_for

PATIENCE = 100


def grid(visit: Visit) -> RecordGrid:
    return next(iter(visit.user.find(RecordGrid).elements))


def names(visit: Visit) -> list[str]:
    return [row.cells[0].text for row in grid(visit).rows]


async def test_an_address_says_how_the_list_is_seen(visit: Visit) -> None:
    await visit.user.open(
        '/contacts?list={"conditions":[["lifecycle_stage","any",["lead"]]],"columns":["name","tags"]}'
    )
    await visit.user.should_see("Stage: Lead", retries=PATIENCE)
    await wait_for(lambda: names(visit) == ["Cleo Marchetti"])
    assert [head[0] for head in grid(visit)._props["headings"]] == ["Name", "Tags"]


async def test_a_list_that_takes_long_is_a_page_at_once_and_its_rows_follow(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = asyncio.Event()

    async def slow(*args: Any, **named: Any) -> GridPage:
        await found.wait()
        return await grid_page(*args, **named)

    monkeypatch.setattr("designer.records.room.grid_page", slow)
    await visit.user.open("/contacts")
    await visit.user.should_see("Looking through the whole list…", retries=PATIENCE)
    assert names(visit) == []
    found.set()
    await visit.user.should_see("1-8 of 8", retries=PATIENCE)
    assert len(names(visit)) == 8


async def test_a_heading_puts_the_list_into_order_and_back(visit: Visit) -> None:
    await visit.user.open("/contacts")
    await visit.user.should_see("1-8 of 8", retries=PATIENCE)
    before = names(visit)
    visit.user.find(RecordGrid).trigger("order", [0, False])
    await wait_for(lambda: names(visit) == before[::-1])
    # whatever else a browser may send is ignored
    for hostile in ([99, False], ["x", 1], None, [0], {"a": 1}):
        visit.user.find(RecordGrid).trigger("order", hostile)


async def test_a_deed_for_many_says_how_many_and_does_it(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/contacts")
    await visit.user.should_see("1-8 of 8", retries=PATIENCE)
    visit.user.find(RecordGrid).trigger("choose", [[1, 2, 999], True])
    await visit.user.should_see("2 chosen", retries=PATIENCE)
    visit.user.find(marker="bulk-AddTags").click()
    await visit.user.should_see(marker="bulk-tags", retries=PATIENCE)
    next(iter(visit.user.find(kind=ui.select, marker="bulk-tags").elements)).set_value(
        ["newsletter"]
    )
    visit.user.find(marker="bulk-go").click()
    await visit.user.should_see("This concerns 2 contacts.", retries=PATIENCE)
    visit.user.find(marker="bulk-go").click()
    await visit.user.should_see("were so already", retries=PATIENCE)
    async with seeded.transaction() as session:
        tagged = await session.scalars(
            text("SELECT contact_id FROM contact_tag WHERE tag = 'newsletter' ORDER BY 1")
        )
        assert {1, 2} <= set(tagged)


async def test_a_field_is_changed_in_its_place_and_taken_back(visit: Visit, seeded: Store) -> None:
    await visit.user.open("/contacts/1")
    await visit.user.should_see(marker="edit-job_title", retries=PATIENCE)
    visit.user.find(marker="edit-job_title").click()
    await visit.user.should_see(marker="field-value", retries=PATIENCE)
    visit.user.find(marker="field-value").type("Weaver")
    visit.user.find(marker="save-field").click()
    await visit.user.should_see("Job title is changed.", retries=PATIENCE)
    visit.user.find(marker="undo-field").click()
    await visit.user.should_not_see("Weaver", retries=PATIENCE)
    async with seeded.transaction() as session:
        kept = await session.scalar(text("SELECT job_title FROM contact WHERE id = 1"))
        changes = await session.scalar(
            text("SELECT count(*) FROM field_change WHERE contact_id = 1 AND field = 'job_title'")
        )
    assert (kept, changes) == (None, 2)


async def test_one_line_of_time_is_narrowed_by_kinds(visit: Visit) -> None:
    await visit.user.open("/contacts/1")
    await visit.user.should_see("Entered the flow Win back quiet customers", retries=PATIENCE)
    visit.user.find(marker="life-order").click()
    await visit.user.should_not_see("Entered the flow", retries=PATIENCE)
    await visit.user.should_see("Order ", retries=PATIENCE)


async def test_an_account_shows_its_people_and_lists_that_are_empty_teach(visit: Visit) -> None:
    await visit.user.open("/accounts/1")
    await visit.user.should_see("There is no deal with this account.", retries=PATIENCE)
    await visit.user.open("/tickets")
    await visit.user.should_see("No tickets yet", retries=PATIENCE)
    await visit.user.open("/accounts/999")
    await visit.user.should_see("This is not here", retries=PATIENCE)


async def test_two_contacts_are_compared_before_they_become_one(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/merge?keep=3&lose=1")
    await visit.user.should_see("Runs that go on", retries=PATIENCE)
    gone: list[str] = []
    visit.user.navigate.to = gone.append  # type: ignore[method-assign, assignment]
    visit.user.find(marker="merge-go").click()
    await visit.user.should_see(marker="confirm-merge", retries=PATIENCE)
    visit.user.find(marker="confirm-merge").click()
    await wait_for(lambda: gone == ["/contacts/3"])
    async with seeded.transaction() as session:
        found = await session.scalars(text("SELECT kept_id FROM merged_contact WHERE lost_id = 1"))
        assert list(found) == [3]


async def test_whoever_may_not_merge_is_told(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE \"user\" SET role = 'viewer'"))
    await visit.user.open("/merge")
    await visit.user.should_see("You may not see this", retries=PATIENCE)
    await visit.user.open("/imports")
    await visit.user.should_see("You may not see this", retries=PATIENCE)
    await visit.user.open("/contacts")
    await visit.user.should_see(DataTable, retries=PATIENCE)
    await visit.user.should_not_see("Import")


async def test_an_export_is_fetched_once_and_by_nobody_else(visit: Visit) -> None:
    now = visit.runtime.now()
    selection = Selection(usual("contact"), (1,))
    theirs = EXPORTS.ask(999, selection, "contacts", now)
    assert (await visit.http.get(theirs)).status_code == 404
    mine = EXPORTS.ask(1, selection, "contacts", now)
    answer = await visit.http.get(mine)
    assert answer.headers["content-disposition"] == 'attachment; filename="contacts.csv"'
    assert "ada@example.test" in answer.text
    assert (await visit.http.get(mine)).status_code == 404


async def test_a_file_goes_the_whole_way_into_the_store(
    visit: Visit, seeded: Store, tmp_path: Path
) -> None:
    await visit.user.open("/imports")
    await visit.user.should_see("Nothing was imported yet.", retries=PATIENCE)
    upload = next(iter(visit.user.find(ui.upload).elements))
    content = b"Email,Vorname,Birth date\nada@example.test,Ada,1990-13-01\nnew@example.test,Nu,\n"
    await upload.handle_uploads([ui.upload.SmallFileUpload("people.csv", "text/csv", content)])
    await visit.user.should_see(
        "A record that is there already is found by: E-mail", retries=PATIENCE
    )
    visit.user.find(marker="import-preview").click()
    await visit.user.should_see("New: 1", retries=PATIENCE)
    await visit.user.should_see("Not taken: 1")
    visit.user.find(marker="import-go").click()
    await visit.user.should_see("people.csv is imported", retries=PATIENCE)
    async with seeded.transaction() as session:
        found = await session.scalar(
            text("SELECT first_name FROM contact WHERE email = 'new@example.test'")
        )
    assert found == "Nu"


def test_a_file_of_another_kind_is_refused() -> None:
    draft = ImportDraft("contacts")
    with pytest.raises(Exception, match="CSV or an Excel"):
        draft.place_for("../../evil.exe")
    assert draft.place_for("C:\\x\\people.CSV").name == "lines.csv"
    draft.clear()
