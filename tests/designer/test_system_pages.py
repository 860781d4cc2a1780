"""Health, channels, who is not written to, and fields of one's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.system.health import Seen, part_rows, queue_rows
from designer.visitor import Visitor
from engine.services.vitals import Database, Machine, Queue, Queues
from tests.designer.conftest import Visit, opened
from tests.designer.seeded_runs import NOW

READER = Visitor(None, None, "en", None, "UTC")


def texts(visit: Visit) -> set[str]:
    tables = visit.user.find(kind=DataTable).elements
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


@pytest.mark.parametrize(
    ("lag", "said"),
    [(timedelta(seconds=3), "Fine"), (timedelta(minutes=3), "Slow"), (timedelta(hours=1), "Stuck")],
)
def test_the_lag_says_how_a_queue_is(lag: timedelta, said: str) -> None:
    found = Queues([Queue("runs", 5, lag)], 0, 0, Database(17, 0, 1, 100, timedelta()), NOW)
    [row] = queue_rows(found, READER)
    assert [row.cells[1].text, row.cells[3].text] == ["5", said]


def test_what_it_stands_on_says_what_to_do() -> None:
    database = Database(17, 10 * 1024**2, 99, 100, timedelta(seconds=9))
    missing = ("temporal", "drivers")
    machine = Machine(False, "default", None, 10 * 1024**2, 1024**3, "null", missing)
    rows = part_rows(Seen(Queues([], 0, 0, database, NOW), machine, ()), READER)
    assert [row.cells[1].tone for row in rows] == [*("bad", "warn", "bad", "bad", "accent")]
    said = " ".join(cell.text for row in rows for cell in row.cells)
    assert "raise max_connections" in said
    assert "set both by NTP" in said
    assert "Make room." in said
    assert "cadenza worker" in said


async def test_an_admin_sees_queues_and_what_they_stand_on(visit: Visit, seeded: Store) -> None:
    async with seeded.transaction() as session:
        await session.execute(
            text("UPDATE run SET due_at = :at WHERE state = 'active'"),
            {"at": visit.runtime.now() - timedelta(hours=2)},
        )
    await visit.user.open("/system")
    await visit.user.should_see("Something stands still: look at what is red.")
    assert {"Runs", "Stuck", "Not connected"} <= texts(visit)


async def test_others_do_not_see_the_system(seeded: Store) -> None:
    async with opened(seeded) as visit:
        await visit.sign_in("vera@cadenza.test")
        await visit.user.open("/system")
        await visit.user.should_see("You may not see this")
        await visit.user.open("/suppression")
        await visit.user.should_see("The list is empty")
        await visit.user.should_not_see(marker="suppress-add")
        await visit.user.open("/fields")
        await visit.user.should_not_see(marker="field-add")


async def test_a_channel_is_paused_and_its_test_is_refused_in_words(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/channels")
    await visit.user.should_see("The usual channel")
    visit.user.find(marker="channel-test-default").click()
    await visit.user.should_see("A few words are really sent.")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("This process hands no messages over.")
    visit.user.find(marker="do-pause_circle").click()
    visit.user.find(marker="confirm-pause_circle").click()
    await visit.user.should_see(marker="do-play_circle", retries=30)
    async with seeded.transaction() as session:
        assert await session.scalar(text("SELECT enabled FROM channel")) is False


async def test_addresses_are_put_on_the_list_found_and_taken_off(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/suppression")
    visit.user.find(marker="suppress-add").click()
    visit.user.find(marker="form-addresses").type("nobody\n")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("is neither an address nor a domain.")
    field = visit.user.find(marker="form-addresses").elements.pop()
    assert isinstance(field, ui.textarea)
    field.value = "Zoe@Example.test\nexample.org"
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("zoe@example.test")
    await visit.user.should_see("everybody at this domain")
    await visit.user.open("/suppression?q=ZOE")
    await visit.user.should_not_see("everybody at this domain")
    visit.user.find(marker="allow-zoe@example.test").click()
    visit.user.find(marker="allow-submit").click()
    await visit.user.should_see("Nothing like this is on the list")
    async with seeded.transaction() as session:
        verbs = await session.scalars(
            text("SELECT verb FROM audit WHERE subject_kind = 'suppression' ORDER BY id")
        )
        assert list(verbs) == ["suppress", "allow"]


async def test_a_field_is_added_called_something_else_and_retired(
    visit: Visit, seeded: Store
) -> None:
    await visit.user.open("/fields")
    await visit.user.should_see("No fields of your own yet")
    visit.user.find(marker="field-add").click()
    visit.user.find(marker="form-label").type("Shoe size")
    visit.user.find(marker="form-key").type("Shoe Size")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("A key is small letters")
    visit.user.find(marker="form-key").clear().type("shoe_size")
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("contact.custom.shoe_size · Text", retries=30)
    visit.user.find(marker="edit-shoe_size").click()
    edited = max(visit.user.find(marker="form-label").elements, key=lambda one: one.id)
    assert isinstance(edited, ui.input)
    edited.value = "Size of shoes"
    visit.user.find(marker="form-submit").click()
    await visit.user.should_see("Size of shoes", retries=30)
    visit.user.find(marker="retire-shoe_size").click()
    visit.user.find(marker="retire-submit").click()
    await visit.user.should_see("Retired", retries=30)
    async with seeded.transaction() as session:
        options = await session.scalar(text("SELECT options FROM custom_field"))
    assert options == {"retired": True}
