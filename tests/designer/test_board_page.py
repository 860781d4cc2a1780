"""The board, a deal and a pipeline as people work on them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm_store.deal_rows import pipeline_stages
from crm_store.session import Store
from designer.components.data_table import DataTable
from designer.components.deal_board import DealBoard
from engine.definitions import read_definition
from engine.services.actor import SYSTEM
from engine.services.deals.editing import NewDeal, create_deal
from engine.services.definitions.publishing import publish
from engine.services.pokes import NoPokes
from engine.services.work import working
from tests.designer.conftest import Visit

PATIENCE = 100
PIPELINE = """
pipeline: sales
label: Sales
stages:
  - {key: talk, label: Talking, label_zh: 洽谈, probability: 10}
  - {key: offer, label: Offer, label_zh: 报价, probability: 50, needs: [amount]}
  - {key: won, label: Won, kind: won}
  - {key: lost, label: Lost, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: offer, to: [won]}
  - {from: [talk, offer], to: lost}
""".replace("[won]", "won")


@pytest.fixture
async def deals(visit: Visit, seeded: Store) -> list[int]:
    runtime = visit.runtime
    began = runtime.now() - timedelta(days=1)
    async with seeded.transaction() as session:
        await publish(session, SYSTEM, read_definition(PIPELINE, "sales.yaml"), now=began)
    made = []
    async with working(seeded, runtime.shared, NoPokes(), began) as work:
        for name in ("Looms <b>x</b>", "Wheels"):
            fields = {"name": name, "owner_id": 1}
            made.append(await create_deal(work, SYSTEM, NewDeal(fields, "sales")))
    return made


def board(visit: Visit) -> DealBoard:
    [found] = visit.user.find(DealBoard).elements
    return found


def sent(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the browser is told from now on."""
    told: list[tuple[Any, ...]] = []
    element = board(visit)
    monkeypatch.setattr(
        element, "run_method", lambda name, *arguments, **_: told.append((name, *arguments))
    )
    return told


async def opened(visit: Visit, query: str = "") -> None:
    await visit.user.open(f"/board?pipeline=sales{query}")
    await visit.user.should_see("open deal", retries=PATIENCE)


async def test_the_board_shows_a_column_a_stage_and_texts_as_they_are(
    visit: Visit, deals: list[int]
) -> None:
    await opened(visit)
    shown = board(visit).board
    assert [column[:4] for column in shown.columns] == [
        ["talk", "Talking", "open", 2],
        ["offer", "Offer", "open", 0],
        ["won", "Won", "won", 0],
        ["lost", "Lost", "lost", 0],
    ]
    assert {card[2] for card in shown.cards[0]} == {"Looms <b>x</b>", "Wheels"}
    assert shown.ways == [["lost", "offer"], ["lost", "won"], [], []]
    await opened(visit, "&text=wheel")
    assert [card[2] for card in board(visit).board.cards[0]] == ["Wheels"]


async def test_a_refused_move_asks_for_what_it_lacks_and_is_made(
    visit: Visit, deals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(visit)
    told = sent(visit, monkeypatch)
    visit.user.find(DealBoard).trigger("move", [deals[0], "talk", "offer", False])
    await visit.user.should_see("Offer needs a little more", retries=PATIENCE)
    await visit.user.should_see("Offer needs the amount; fill it in.")
    assert ("putBack", deals[0]) in told
    visit.user.find(marker="amount").type("12,500.505")
    visit.user.find(marker="fill-and-move").click()
    await visit.user.should_see("is finer than", retries=PATIENCE)
    visit.user.find(marker="amount").clear().type("12,500.50")
    visit.user.find(marker="fill-and-move").click()
    await said(told, "Moved to Offer.")
    [put] = [one for one in told if one[0] == "putCards"][-1:]
    [[stage, card]] = put[2]
    assert (stage, card[0], card[4]) == ("offer", deals[0], "US$12,500")


async def test_a_stage_that_no_way_leads_to_is_refused_in_words(
    visit: Visit, deals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(visit)
    told = sent(visit, monkeypatch)
    visit.user.find(DealBoard).trigger("move", [deals[0], "talk", "won", False])
    await visit.user.should_see("Deals on Talking cannot go to Won", retries=PATIENCE)
    visit.user.find(marker="instead-lost").click()
    await visit.user.should_see("Why is it lost?", retries=PATIENCE)
    visit.user.find(marker="lost_reason").type("Price")
    visit.user.find(marker="fill-and-move").click()
    await said(told, "Moved to Lost.")


async def test_a_deal_that_others_moved_is_shown_where_it_stands(
    visit: Visit, deals: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(visit)
    told = sent(visit, monkeypatch)
    visit.user.find(DealBoard).trigger("move", [deals[0], "offer", "won", False])
    await said(told, "Somebody moved the deal meanwhile.")
    assert [one[2][0][0] for one in told if one[0] == "putCards"] == ["talk"]


async def test_a_viewer_moves_nothing(
    visit: Visit, deals: list[int], monkeypatch: pytest.MonkeyPatch, seeded: Store
) -> None:
    async with seeded.transaction() as session:
        await session.execute(text("UPDATE \"user\" SET role = 'viewer' WHERE id = 1"))
    await opened(visit)
    assert board(visit)._props["movable"] is False
    await visit.user.should_not_see("New deal")
    told = sent(visit, monkeypatch)
    visit.user.find(DealBoard).trigger("move", [deals[0], "talk", "lost", False])
    await visit.user.open(f"/deals/{deals[0]}")
    await visit.user.should_see("Talking", retries=PATIENCE)
    await visit.user.should_not_see("Change")
    assert told == []


async def test_a_deal_is_changed_and_moved_on_its_page(visit: Visit, deals: list[int]) -> None:
    await visit.user.open(f"/deals/{deals[1]}")
    await visit.user.should_see("Wheels", retries=PATIENCE)
    visit.user.find(marker="edit-deal").click()
    await visit.user.should_see("Change the deal", retries=PATIENCE)
    visit.user.find(marker="amount").type("900")
    visit.user.find(marker="save-deal").click()
    await visit.user.should_see("US$900.00", retries=PATIENCE)
    visit.user.find(marker="add-activity").click()
    await visit.user.should_see("What is it about?", retries=PATIENCE)
    visit.user.find(marker="act-subject").type("Ask for the plan")
    visit.user.find(marker="act-save").click()
    await visit.user.should_see("Ask for the plan", retries=PATIENCE)
    visit.user.find(marker="to-offer").click()
    await visit.user.should_see("Moved to Offer.", retries=PATIENCE)


async def test_a_deal_is_made(visit: Visit, deals: list[int]) -> None:
    await opened(visit)
    visit.user.find(marker="new-deal").click()
    await visit.user.should_see("Make the deal", retries=PATIENCE)
    visit.user.find(marker="make-deal").click()
    await visit.user.should_see("Give the deal a name.", retries=PATIENCE)
    visit.user.find(marker="name").type("Spindles")
    visit.user.find(marker="make-deal").click()
    await visit.user.should_see("3 open deals", retries=PATIENCE)


async def test_what_is_held_up_is_listed_with_its_reason(
    visit: Visit, deals: list[int], seeded: Store
) -> None:
    await visit.user.open("/stuck")
    await visit.user.should_see("Nothing is held up", retries=PATIENCE)
    async with seeded.transaction() as session:
        await session.execute(
            text("UPDATE deal SET owner_id = NULL WHERE id = :id"), {"id": deals[0]}
        )
    await visit.user.open("/stuck?pipeline=sales")
    await visit.user.should_see("Everybody's", retries=PATIENCE)
    [table] = visit.user.find(DataTable).elements
    assert [[row.cells[0].text, row.cells[5].text] for row in table.rows] == [
        ["Looms <b>x</b>", "nobody has it"]
    ]


async def test_a_pipeline_is_drawn_changed_and_published(
    visit: Visit, deals: list[int], seeded: Store
) -> None:
    await visit.user.open("/pipelines")
    await visit.user.should_see("New pipeline", retries=PATIENCE)
    await visit.user.open("/pipelines/sales")
    await visit.user.should_see("Talking", retries=PATIENCE)
    visit.user.find(marker="add-stage").click()
    await visit.user.should_see("Stage 5", retries=PATIENCE)
    visit.user.find(marker="remove").click()
    await visit.user.should_not_see("Stage 5", retries=PATIENCE)
    visit.user.find(marker="undo").click()
    await visit.user.should_see("Stage 5", retries=PATIENCE)
    visit.user.find(marker="publish").click()
    for _ in range(PATIENCE):
        async with seeded.transaction() as session:
            stages = [one.key for one in await pipeline_stages(session) if one.pipeline == "sales"]
        if len(stages) == 5:
            break
        await asyncio.sleep(0.02)
    assert stages == ["talk", "offer", "stage_5", "won", "lost"]


async def said(told: list[tuple[Any, ...]], words: str) -> None:
    for _ in range(PATIENCE):
        if any(one[0] == "say" and one[1] == words for one in told):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(told)
