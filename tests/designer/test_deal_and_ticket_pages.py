"""Where links in notices lead: a deal and a ticket, to be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nicegui import ui
from sqlalchemy import text

from crm_store.session import Store
from designer.components.data_table import DataTable
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.deals.moving import move_deal
from engine.services.definitions.publishing import publish
from engine.services.pokes import NoPokes
from engine.services.tickets import Question, answer, note, take_in
from engine.services.work import working
from tests.designer.conftest import Visit

PATIENCE = 100
PIPELINE = """
pipeline: sales
stages:
  - key: talk
    label: Talking
    label_zh: 洽谈
    probability: 10
    on_enter: [{do: create_task, title: Find out who decides, assign: owner, due: 1d}]
  - {key: offer, label: Offer, probability: 50}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""


@pytest.fixture
async def deal(visit: Visit, seeded: Store) -> int:
    """Talked about for two days, and on offer since."""
    runtime = visit.runtime
    began = runtime.now() - timedelta(days=3)
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(PIPELINE, "sales.yaml"), now=began)
    fields = {
        "name": "Looms <b>for</b> the mill",
        "amount": {"minor": 1250000, "currency": "EUR"},
        "owner_id": 1,
        "contact_id": 1,
    }
    async with working(seeded, runtime.shared, NoPokes(), began) as work:
        made = await create_deal(work, SYSTEM, NewDeal(fields, "sales", "talk"))
    later = began + timedelta(days=2)
    async with working(seeded, runtime.shared, NoPokes(), later) as work:
        await move_deal(work, SYSTEM, made, "offer", via="api")
    return made


async def test_a_deal_shows_where_it_stands_its_way_and_what_is_to_be_done(
    visit: Visit, deal: int
) -> None:
    await visit.user.open(f"/deals/{deal}")
    await visit.user.should_see("Looms <b>for</b> the mill", retries=PATIENCE)
    await visit.user.should_see("€12,500.00")
    tables = {one._props["caption"]: one for one in visit.user.find(DataTable).elements}
    way = [[cell.text for cell in row.cells] for row in tables["Its way so far"].rows]
    assert [row[0] for row in way] == ["Offer", "Talking"]
    assert way[1][2] == "2 days"
    await visit.user.should_see("Find out who decides")


async def test_a_move_that_waits_leads_to_its_approval(
    visit: Visit, deal: int, seeded: Store
) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE deal_stay SET request_id = 42"))
    await visit.user.open(f"/deals/{deal}")
    await visit.user.should_see("waits for an approval", retries=PATIENCE)
    links = [one._props.get("href") for one in visit.user.find(ui.element).elements]
    assert "/inbox?approval=42" in links


async def test_a_ticket_shows_its_clocks_what_was_said_and_the_satisfaction(
    visit: Visit, seeded: Store
) -> None:
    runtime = visit.runtime
    began = runtime.now() - timedelta(hours=2)
    async with working(seeded, runtime.shared, NoPokes(), began) as work:
        taken = await take_in(work, SYSTEM, Question("It <i>fails</i>", "Since noon.", 1))
        await note(work, SYSTEM, taken.ticket_id, "Known trouble.")
        await answer(work, SYSTEM, taken.ticket_id, "We look at it.")
    async with seeded.transaction() as session:
        await session.execute(
            text(
                "UPDATE ticket SET satisfaction_asked_at = opened_at, satisfaction_score = 4,"
                " satisfaction_comment = 'Quick'"
            )
        )
    await visit.user.open(f"/tickets/{taken.ticket_id}")
    await visit.user.should_see("It <i>fails</i>", retries=PATIENCE)
    for said in ("Since noon.", "Known trouble.", "Among us", "We look at it.", "4 of 5", "Quick"):
        await visit.user.should_see(said)
    await visit.user.should_see("Ada Okafor")
    [promises] = visit.user.find(DataTable).elements
    assert [row.cells[0].text for row in promises.rows] == ["First answer", "Solution"]


async def test_what_is_not_there_is_said(visit: Visit) -> None:
    for address in ("/deals/999", "/tickets/999", "/deals/x", "/tickets/x"):
        await visit.user.open(address)
        await visit.user.should_see("This is not here", retries=PATIENCE)
