"""The editor of decision tables, as the person who keeps one meets it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crm_store.session import Store
from designer.tables import sheet
from engine.rules.tables import HitPolicy, OutputType, Table, from_document
from engine.services.actor import SYSTEM
from engine.services.decision_tables import create_table, edit_table
from tests.designer.conftest import Visit
from tests.designer.seeded_runs import NOW

# tenths of a second: a table is checked when somebody has stopped typing
PATIENCE = 100


def table(**changes: Any) -> dict[str, Any]:
    return {
        "table": "who_answers",
        "label": "Who answers",
        "hit": "first",
        "columns": ["contact.country", "contact.score"],
        "outputs": [{"name": "team", "type": "text"}],
        "rows": [
            {"when": ["NG", "any"], "then": ["africa"], "score": None, "note": ""},
            {"when": ["any", "any"], "then": ["inbound"], "score": None, "note": ""},
        ],
    } | changes


async def keep(store: Store, document: dict[str, Any]) -> None:
    async with store.transaction() as session:
        await create_table(session, SYSTEM, document, NOW)


def tell(visit: Visit, event: str, args: Any) -> None:
    """What the browser says of the grid: one listener hears all cells."""
    (place,) = visit.user.find(marker="table-grid").elements
    (grid,) = [one for one in place.descendants() if one.tag == "table"]
    with visit.user:
        for listener in list(grid._event_listeners.values()):
            if listener.type == event:
                grid._handle_event({"listener_id": listener.id, "args": args})


async def test_a_cell_is_changed_checked_and_saved(visit: Visit, seeded: Store) -> None:
    await keep(seeded, table())
    await visit.user.open("/tables/who_answers")
    await visit.user.should_see("Every row can be reached", retries=PATIENCE)
    tell(visit, "change", ["w:0:1", "abc"])
    await visit.user.should_see('"abc" is not a number', retries=PATIENCE)
    await visit.user.should_see("Not saved")
    tell(visit, "change", ["w:0:1", ">= 10"])
    await visit.user.should_not_see('"abc" is not a number', retries=PATIENCE)
    visit.user.find(marker="save-table").click()
    await visit.user.should_see("Saved", retries=PATIENCE)
    async with seeded.transaction() as session:
        found = (await session.execute(text("SELECT document, revision FROM decision_table"))).one()
    assert found.document["rows"][0]["when"] == ["NG", ">= 10"]
    assert found.revision == 2


async def test_a_row_that_nobody_reaches_is_told(visit: Visit, seeded: Store) -> None:
    rows = [*table()["rows"][::-1]]
    await keep(seeded, table(rows=rows))
    await visit.user.open("/tables/who_answers")
    await visit.user.should_see("It is never reached", retries=PATIENCE)
    tell(visit, "keydown", ["up", "1"])
    await visit.user.should_see("Every row can be reached", retries=PATIENCE)
    visit.user.find(marker="table-undo").click()
    await visit.user.should_see("It is never reached", retries=PATIENCE)


async def test_nobody_writes_over_what_another_has_saved(visit: Visit, seeded: Store) -> None:
    await keep(seeded, table())
    await visit.user.open("/tables/who_answers")
    await visit.user.should_see("Every row can be reached", retries=PATIENCE)
    async with seeded.transaction() as session:
        other = table(label="Who answers a lead")
        await edit_table(session, SYSTEM, "who_answers", other, NOW, seen=1)
    tell(visit, "change", ["n:0:0", "mine"])
    visit.user.find(marker="save-table").click()
    await visit.user.should_see("Somebody else has saved this table meanwhile", retries=PATIENCE)


async def test_a_ready_table_is_begun_with(visit: Visit) -> None:
    await visit.user.open("/tables")
    await visit.user.should_see("No decision tables yet")
    await visit.user.should_see("Begin with a ready one")
    await visit.user.open("/tables/new?from=lead_routing")
    await visit.user.should_see("answer_within_hours", retries=PATIENCE)


START = from_document(table())
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *(sheet.with_new_row, sheet.with_copied_row, sheet.without_row),
                *(sheet.without_column, sheet.without_output),
            ]
        ),
        st.integers(-1, 4),
    )
    | st.tuples(
        st.sampled_from([sheet.with_moved_row, sheet.with_moved_column, sheet.with_moved_output]),
        st.integers(-1, 4),
        st.integers(-1, 4),
    )
    | st.tuples(st.just(sheet.with_new_output))
    | st.tuples(
        st.just(sheet.with_new_column), st.sampled_from(["contact.city", "contact.country"])
    ),
    max_size=8,
)


@settings(max_examples=80, deadline=None)
@given(DEEDS)
def test_whatever_is_done_to_a_sheet_it_stays_a_table(deeds: list[Any]) -> None:
    found: Table = START
    for deed, *arguments in deeds:
        found = deed(found, *arguments)
    assert from_document(found.document()) == found


def test_what_is_no_name_is_not_taken() -> None:
    assert sheet.with_output(START, 0, "No Name", OutputType.TEXT) == START
    changed = sheet.with_output(START, 0, "owner", OutputType.NUMBER)
    assert changed.outputs[0].name == "owner"
    assert sheet.with_policy(START, HitPolicy.HIGHEST).rows[0].score == 0
    assert sheet.with_condition(START, 0, 0, " - ").rows[0].when[0] == "any"
    assert sheet.with_condition(START, 9, 0, "x") == START
