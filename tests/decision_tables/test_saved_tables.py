"""Saved tables: who may change them, what is refused, and what they say of contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_store.models import Contact
from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, NotFound, Refused
from engine.rules import Catalogue
from engine.rules.tables import Code, check_table, compile_table, from_csv
from engine.services.actor import SYSTEM, Actor
from engine.services.decision_tables import (
    TableChangedMeanwhile,
    ask_table,
    check_document,
    create_table,
    decide_for,
    delete_table,
    edit_table,
    list_tables,
    save_csv,
    show_table,
    table_as_csv,
)

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
VIEWER = Actor("user", 7, "Cleo", "viewer")
READY = Path(__file__).parents[2] / "templates" / "tables"
CSV = """table,routing
label,Who gets a lead
when contact.country,then team: text,then hours: number
"SG, MY",apac,8
any,inbound,24
"""


async def test_a_table_is_saved_asked_and_given_back(store: Store) -> None:
    async with store.transaction() as session:
        people = [Contact(country="SG", email="ada@example.com"), Contact(country="DE")]
        session.add_all(people)
        await session.flush()
        ada, ben = (one.id for one in people)
        await save_csv(session, SYSTEM, CSV, NOW)
    async with store.transaction() as session:
        answer = await ask_table(session, VIEWER, "routing", ada, NOW, "Asia/Singapore")
        assert answer.decision.outputs == {"team": "apac", "hours": 8}
        assert answer.why[0]["en"] == 'because country is "SG", one of "SG", "MY"'
        decided = await decide_for(session, VIEWER, "routing", [ada, ben, 999], NOW, "UTC")
        assert {one: decision.outputs for one, decision in decided.items()} == {
            ada: {"team": "apac", "hours": 8},
            ben: {"team": "inbound", "hours": 24},
        }
        assert from_csv(await table_as_csv(session, VIEWER, "routing")) == from_csv(CSV)
        with pytest.raises(NotFound):
            await ask_table(session, VIEWER, "routing", 999, NOW, "UTC")


async def test_a_csv_of_the_same_name_changes_the_table(store: Store) -> None:
    async with store.transaction() as session:
        await save_csv(session, SYSTEM, CSV, NOW)
        record = await save_csv(session, SYSTEM, CSV.replace("24", "12"), NOW)
        assert record.revision == 2
        assert len(await list_tables(session, VIEWER)) == 1
        with pytest.raises(Conflict):
            await create_table(session, SYSTEM, from_csv(CSV).document(), NOW)
        with pytest.raises(Refused):
            await edit_table(
                session, SYSTEM, "routing", {**from_csv(CSV).document(), "table": "x"}, NOW
            )
        await delete_table(session, SYSTEM, "routing")
        assert await list_tables(session, VIEWER) == []


async def test_mistakes_are_told_by_row_and_column(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await save_csv(session, SYSTEM, CSV.replace("24", "soon"), NOW)
        assert [one.place for one in refused.value.problems] == ['row 2, column "hours"']
        warned = from_csv(CSV.replace("any,inbound,24\n", "")).document()
        assert [one.code for one in await check_document(session, VIEWER, warned)] == [Code.GAP]


async def test_who_may_only_look_changes_nothing(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(NotAllowed):
            await save_csv(session, VIEWER, CSV, NOW)


@pytest.mark.parametrize("file", sorted(READY.glob("*.csv")), ids=lambda file: file.stem)
def test_ready_tables_have_no_findings(file: Path) -> None:
    catalogue = Catalogue.standard()
    table = from_csv(file.read_text(encoding="utf-8"))
    assert table.name == file.stem
    assert check_table(compile_table(table, catalogue), catalogue) == []


async def test_what_another_has_saved_is_not_written_over(store: Store) -> None:
    async with store.transaction() as session:
        saved = await save_csv(session, SYSTEM, CSV, NOW)
        document, seen = {**saved.document, "label": "Leads"}, saved.revision
        await edit_table(session, SYSTEM, "routing", document, NOW, seen=seen)
        with pytest.raises(TableChangedMeanwhile):
            await edit_table(session, SYSTEM, "routing", document, NOW, seen=seen)
        assert (await show_table(session, VIEWER, "routing")).label == "Leads"
        with pytest.raises(NotFound):
            await show_table(session, VIEWER, "nowhere")
