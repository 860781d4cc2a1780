"""Fields edited by hand, many records changed alike, and lists handed out as files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import Conflict, NotAllowed, Refused
from engine.services.pokes import NoPokes
from engine.services.records import (
    AddTags,
    BulkOrder,
    GiveTo,
    RemoveTags,
    Selection,
    SetField,
    bulk,
    carry_out_page,
    check_order,
    edit_contact,
    edit_tags,
    may_order,
)
from engine.services.records.exporting import csv_of_selection
from engine.services.records.letting_in import rule_of
from engine.services.views.grids import Moment, grid_fields, read_state, usual
from engine.services.work import working
from tests.browser.serve import FixedRuntime
from tests.records.conftest import BEN, PEOPLE, REP, VERA

AT = Moment(datetime(2026, 3, 2, tzinfo=UTC), "UTC")


@pytest.fixture
def runtime(people: Store) -> FixedRuntime:
    return FixedRuntime(people, mailbox=None)


def at_work(runtime: FixedRuntime) -> Any:
    return working(runtime.store, runtime.shared, NoPokes(), AT.now)


async def all_of(runtime: FixedRuntime, selection: Selection, order: BulkOrder) -> list[int]:
    """How many each piece changed."""
    pieces, after = [], 0
    while True:
        async with at_work(runtime) as work:
            page = await carry_out_page(work, BEN, selection, order, AT, after=after)
        pieces.append(page.changed)
        if page.last is None:
            return pieces
        after = page.last


async def one(store: Store, question: str) -> Any:
    async with store.transaction() as session:
        return (await session.execute(text(question))).scalar()


async def test_a_field_is_edited_with_history_and_audit(runtime: FixedRuntime) -> None:
    async with at_work(runtime) as work:
        changed = await edit_contact(work, REP, 1, {"city": " Singapore ", "first_name": "Ada"})
    assert changed == {"city": (None, "Singapore"), "first_name": ("Person 1", "Ada")}
    store = runtime.store
    assert await one(store, "SELECT name_key FROM contact WHERE id = 1") == "ada"
    assert await one(store, "SELECT count(*) FROM field_change WHERE contact_id = 1") == 2
    assert await one(store, "SELECT after ->> 'city' FROM audit WHERE verb = 'edit'") == "Singapore"


async def test_all_mistakes_of_an_edit_come_at_once_and_nothing_is_written(
    runtime: FixedRuntime,
) -> None:
    wrong = {"country": "Atlantis", "lifecycle_stage": "", "no_such": 1, "owner_id": 99}
    with pytest.raises(Refused) as refused:
        async with at_work(runtime) as work:
            await edit_contact(work, REP, 1, wrong)
    places = {problem.place for problem in refused.value.problems}
    assert places == {"/country", "/lifecycle_stage", "/no_such", "/owner_id"}
    assert await one(runtime.store, "SELECT count(*) FROM field_change") == 0


async def test_an_address_that_somebody_has_is_no_way_to_take_it(runtime: FixedRuntime) -> None:
    with pytest.raises(Conflict, match="merge"):
        async with at_work(runtime) as work:
            await edit_contact(work, REP, 1, {"email": "P2@Example.com"})


async def test_a_viewer_changes_nothing(runtime: FixedRuntime) -> None:
    selection = Selection(usual("contact"), (1,))
    for deed in (
        lambda work: edit_contact(work, VERA, 1, {"city": "X"}),
        lambda work: edit_tags(work, VERA, 1, add=["x"], remove=[]),
        lambda work: carry_out_page(work, VERA, selection, GiveTo(1), AT),
    ):
        with pytest.raises(NotAllowed):
            async with at_work(runtime) as work:
                await deed(work)
    assert not may_order(VERA, "contact", GiveTo)
    assert not may_order(BEN, "ticket", SetField)


async def test_everybody_that_a_list_holds_is_changed_though_the_change_takes_them_off_it(
    runtime: FixedRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 7)
    async with runtime.store.transaction() as session:
        fields = await grid_fields(session, BEN, "contact")
    document = {"conditions": [["owner_id", "any", [None]]]}
    selection = Selection(read_state("contact", document, fields))
    pieces = await all_of(runtime, selection, GiveTo(1))
    assert sum(pieces) == PEOPLE // 4
    assert len(pieces) > 3
    assert await one(runtime.store, "SELECT count(*) FROM contact WHERE owner_id IS NULL") == 0
    audited = "SELECT sum(jsonb_array_length(after -> 'records')) FROM audit"
    assert await one(runtime.store, f"{audited} WHERE verb = 'edit_many'") == PEOPLE // 4


async def test_who_has_it_already_is_not_changed_again(runtime: FixedRuntime) -> None:
    picked = Selection(usual("contact"), (1, 2, 9, 11, 12))
    assert await all_of(runtime, picked, AddTags(("vip",))) == [2]
    assert await all_of(runtime, picked, AddTags(("vip", "new"))) == [5]
    assert await all_of(runtime, picked, RemoveTags(("new",))) == [5]
    assert await all_of(runtime, picked, SetField("country", "Germany")) == [4]
    assert await all_of(runtime, picked, SetField("country", None)) == [5]


async def test_an_order_that_cannot_be_done_is_refused_before_any_of_it(
    runtime: FixedRuntime,
) -> None:
    picked = Selection(usual("contact"), (1,))
    for order in (GiveTo(99), AddTags(("",)), SetField("email", "x@y.zz"), SetField("x", 1)):
        with pytest.raises(Refused):
            async with at_work(runtime) as work:
                await check_order(work, BEN, picked, order)


def test_a_flow_asks_for_those_who_were_picked_or_for_the_rule_of_the_list() -> None:
    state = usual("contact")
    assert rule_of(Selection(state, (3, 1))) == {"in": [{"var": "contact.id"}, [1, 3]]}
    assert rule_of(Selection(state)) is True
    with pytest.raises(Refused, match="list"):
        rule_of(Selection(state, tuple(range(1, 1_002))))


async def test_a_file_has_what_the_list_shows_and_no_formula(runtime: FixedRuntime) -> None:
    async with at_work(runtime) as work:
        await edit_contact(work, BEN, 2, {"first_name": "=1+1"})
    lines = csv_of_selection(
        runtime.store.transaction, BEN, Selection(usual("contact"), (2, 1)), AT
    )
    found = "".join([piece async for piece in lines]).splitlines()
    assert found[0].startswith("id,first_name,last_name,email,lifecycle_stage,account_id")
    assert found[1].startswith("1,Person 1,,p1@example.com,lead,Mill")
    assert found[2].startswith("2,'=1+1,")
    assert (
        await one(runtime.store, "SELECT after ->> 'records' FROM audit WHERE verb = 'export'")
        == "2"
    )
