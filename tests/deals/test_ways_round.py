"""What the pipeline, an open approval and the calendar of months say holds by every way round."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.deal_rows import hold_deals
from crm_store.record_changes import hold_contacts
from engine.errors import Refused
from engine.escalations.urgency import Urgency
from engine.services import handover
from engine.services.actor import SYSTEM
from engine.services.approvals import Ask, InlineChain, open_request
from engine.services.deals import (
    AwaitingApproval,
    Moved,
    MoveRefused,
    WantedMove,
    move_deal,
    move_deals,
)
from engine.services.deals.beginning import deals_begun
from engine.services.deals.editing import NewDeal, create_deal, edit_deal
from engine.services.escalations import InlinePolicy, OpenCase, open_case
from engine.services.handover import Plan
from engine.steps.words import Words
from tests.deals.house import BEN, CLEO, House, actor
from tests.deals.test_imported import CLOCKED, imported

T = Words("Look", "看")
CHAIN = (
    "approval_chain: c\ncalendar: none\n"
    "levels:\n  - {key: one, approvers: [{user: mia@example.com}]}\n"
)
GUARDED = """
pipeline: sales
stages:
  - {key: talk, probability: 10}
  - {key: demo, probability: 30}
  - {key: offer, probability: 50}
  - {key: last, probability: 70}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: talk, to: demo}
  - {from: demo, to: offer, who: ["role:sales_manager"]}
  - {from: demo, to: last, approval: c}
  - {from: talk, to: won, approval: c}
  - {from: [talk, demo, offer, last], to: lost}
"""
FREE = """
pipeline: sales
stages:
  - {key: talk}
  - {key: offer}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""
STANDS = "SELECT s.key, d.amount_minor FROM deal d JOIN stage s ON s.id = d.stage_id"
MONEY = {"amount": {"minor": 500, "currency": "EUR"}}


async def contact(house: House) -> int:
    made: int = await house.one("INSERT INTO contact (first_name) VALUES ('Ada') RETURNING id")
    return made


async def case(house: House, deal: int, key: str, policy: str) -> None:
    inline = InlinePolicy(policy, {"time": "clock", "levels": [{"to": "owner"}], "wait": "1d"})
    async with house.work() as work:
        await open_case(
            work, OpenCase(inline, "deal", deal, T, T, Urgency.NORMAL, key, owner_id=BEN)
        )


async def open_cases(house: House) -> list[str]:
    found = await house.rows("SELECT policy FROM escalation_case WHERE ended_at IS NULL ORDER BY 1")
    return [row[0] for row in found]


async def test_what_an_open_approval_locks_is_not_changed_with_a_move(bare: House) -> None:
    await bare.publish(FREE)
    deal = await bare.deal(amount_minor=100, currency="EUR")
    chain = {
        "calendar": "none",
        "levels": [{"key": "one", "approvers": [{"user": "mia@example.com"}]}],
    }
    async with bare.work() as work:
        ask = Ask(
            InlineChain(chain),
            "thing",
            1,
            None,
            T,
            key="k",
            record=("deal", deal),
            editable_fields=("expected_close_on",),
        )
        await open_request(work, ask)
    async with bare.work() as work:
        given = {**MONEY, "owner_id": CLEO, "expected_close_on": "2026-04-01"}
        answer = await move_deal(work, actor(BEN), deal, "offer", fields=given, via="api")
    assert isinstance(answer, MoveRefused)
    assert [(one.place, one.code) for one in answer.problems] == [
        ("/fields/amount", "locked"),
        ("/fields/owner_id", "locked"),
    ]
    assert await bare.rows(STANDS) == [("talk", 100)]
    async with bare.work() as work:
        # why a deal is lost is no field of what is being approved
        answer = await move_deal(work, actor(BEN), deal, "lost", lost_reason="gone", via="api")
    assert isinstance(answer, Moved)


async def test_a_waiting_move_asked_with_other_fields_is_asked_anew(bare: House) -> None:
    await bare.publish(CHAIN)
    await bare.publish(GUARDED)
    deal = await bare.deal()
    requests = []
    for fields in ({}, MONEY, MONEY):
        bare.later(minutes=1)
        async with bare.work() as work:
            answer = await move_deal(work, actor(BEN), deal, "won", fields=fields, via="api")
        assert isinstance(answer, AwaitingApproval)
        requests.append((answer.request_id, answer.already))
    (first, _), (second, new), (third, again) = requests
    assert (first != second, new) == (True, False)
    assert (second == third, again) == (True, True)
    assert await bare.one("SELECT pending->'fields' FROM deal_stay") == MONEY
    assert await bare.one("SELECT count(*) FROM approval_request WHERE ended_at IS NULL") == 1


async def test_a_deal_that_is_lost_and_then_won_was_won_on_the_later_day(bare: House) -> None:
    await bare.publish(FREE)
    deal = await bare.deal()
    for stage in ("lost", "won"):
        bare.later(days=40)
        async with bare.work() as work:
            await move_deal(work, actor(BEN), deal, stage, via="api")
    assert await bare.one("SELECT closed_at FROM deal") == bare.now


async def test_a_file_that_wins_a_lost_deal_wins_it_now(bare: House, tmp_path: Path) -> None:
    await bare.publish(CLOCKED)
    for stage in ("lost", "won"):
        bare.later(days=40)
        row = f"a,Looms,{stage},2025-01-10,5\n"
        await imported(bare, tmp_path, "id,name,stage,opened,amount\n" + row)
    assert await bare.one("SELECT closed_at FROM deal") == bare.now


@pytest.mark.parametrize("stage", ["offer", "last", "won", "lost"])
async def test_no_deal_is_made_where_it_could_not_be_moved(bare: House, stage: str) -> None:
    await bare.publish(CHAIN)
    await bare.publish(GUARDED)
    with pytest.raises(Refused) as refused:
        async with bare.work() as work:
            await create_deal(work, actor(BEN), NewDeal({"name": "X"}, "sales", stage))
    assert [(one.place, one.code) for one in refused.value.problems] == [("/stage", "no_beginning")]
    assert await bare.one("SELECT count(*) FROM deal") == 0


async def test_a_deal_is_made_on_a_stage_people_may_move_it_to(bare: House) -> None:
    await bare.publish(CHAIN)
    await bare.publish(GUARDED)
    async with bare.work() as work:
        await create_deal(work, actor(BEN), NewDeal({"name": "X"}, "sales", "demo"))
    assert await bare.rows(STANDS) == [("demo", None)]


async def test_a_deal_that_is_made_as_won_is_told(bare: House) -> None:
    await bare.publish(FREE)
    ada = await contact(bare)
    async with bare.work() as work:
        new = NewDeal({"name": "X", "contact_id": ada}, "sales", "won")
        await create_deal(work, actor(BEN), new)
    assert await bare.rows("SELECT name FROM event ORDER BY name") == [
        ("Deal Stage Changed",),
        ("Deal Won",),
    ]


async def test_publishing_that_moves_deals_ends_what_waits_about_their_stage(bare: House) -> None:
    await bare.publish(CHAIN)
    await bare.publish(GUARDED)
    deal = await bare.deal(stage="demo")
    async with bare.work() as work:
        assert isinstance(
            await move_deal(work, actor(BEN), deal, "last", via="api"), AwaitingApproval
        )
    await case(bare, deal, f"deal:{deal}:1:enter", "stuck")
    await bare.publish(FREE + "moved: {demo: talk}\n")
    assert await bare.rows("SELECT ended_at IS NULL FROM approval_request") == [(False,)]
    assert await bare.rows("SELECT pending, request_id FROM deal_stay") in ([], [(None, None)])
    assert await open_cases(bare) == []


async def test_leaving_a_stage_resolves_what_the_pipeline_escalated_and_nothing_else(
    bare: House,
) -> None:
    await bare.publish(FREE)
    deal = await bare.deal()
    await case(bare, deal, f"deal:{deal}:1:enter", "stuck")
    await case(bare, deal, "complaint:7", "complaint")
    async with bare.work() as work:
        await move_deal(work, actor(BEN), deal, "won", via="api")
    assert await open_cases(bare) == ["complaint"]


async def test_a_file_that_moves_a_deal_resolves_what_was_escalated(
    bare: House, tmp_path: Path
) -> None:
    await bare.publish(CLOCKED)
    head = "id,name,stage,opened,amount\n"
    await imported(bare, tmp_path, head + "a,Looms,talk,2025-01-10,5\n")
    deal = await bare.one("SELECT id FROM deal")
    await case(bare, deal, f"deal:{deal}:1:alert0", "stuck")
    await imported(bare, tmp_path, head + "a,Looms,won,2025-01-10,5\n")
    assert await open_cases(bare) == []


async def test_an_external_id_that_another_deal_has_is_refused_in_its_place(bare: House) -> None:
    await bare.publish(FREE)
    await bare.deal()
    await bare.run("UPDATE deal SET external_id = 'e1'")
    deal = await bare.deal()
    with pytest.raises(Refused) as refused:
        async with bare.work() as work:
            await edit_deal(work, actor(BEN), deal, {"external_id": "e1"})
    assert [(p.place, p.code) for p in refused.value.problems] == [("/fields/external_id", "taken")]
    async with bare.work() as work:
        answer = await move_deal(
            work, actor(BEN), deal, "offer", fields={"external_id": "e1"}, via="api"
        )
    assert isinstance(answer, MoveRefused)
    assert [one.code for one in answer.problems] == ["not_with_a_move"]


async def test_a_flow_does_not_wait_for_a_decision_about_the_move(bare: House) -> None:
    await bare.publish(CHAIN)
    await bare.publish(GUARDED)
    ada = await contact(bare)
    deal = await bare.deal(contact_id=ada)
    async with bare.work() as work:
        await move_deal(work, actor(BEN), deal, "won", via="api")
    held, decided = asyncio.Event(), asyncio.Event()

    async def flow() -> object:
        async with bare.work() as work:
            await hold_contacts(work.session, [ada])
            held.set()
            await decided.wait()
            wanted = [WantedMove(deal, "lost", lost_reason="gone")]
            return (await move_deals(work, SYSTEM, wanted, via="flow"))[deal]

    async def decide() -> object:
        async with bare.work() as work:
            await work.session.execute(text("SELECT 1 FROM approval_request FOR UPDATE"))
            await held.wait()
            decided.set()
            return await hold_deals(work.session, [deal])

    answer, found = await asyncio.gather(flow(), decide())
    assert isinstance(answer, MoveRefused)
    assert [(one.place, one.code) for one in answer.problems] == [("/to", "being_decided")]
    assert isinstance(found, dict)


async def test_clocks_of_deals_that_are_handed_over_are_looked_at_anew(bare: House) -> None:
    await bare.publish(CLOCKED)
    deal = await bare.deal()
    async with bare.work() as work:
        await deals_begun(work, [deal], "board")
    bare.later(hours=1)
    async with bare.work() as work:
        await handover.start(work, SYSTEM, Plan(BEN, {"deal": {"to": ["cleo@example.com"]}}))
    again = True
    while again:
        async with bare.work() as work:
            again = (await handover.carry_on(work)).again
    assert await bare.rows("SELECT owner_id FROM deal") == [(CLEO,)]
    clock = "SELECT due_at, hosted_at FROM clock WHERE kind = 'deal'"
    assert await bare.rows(clock) == [(bare.now, None)]


async def test_clocks_begun_by_publishing_are_looked_at_before_the_zone_can_matter(
    bare: House,
) -> None:
    await bare.run("UPDATE calendar SET zone = NULL")
    await bare.publish(CLOCKED.replace("  - {key: won", "  - {key: old}\n  - {key: won"))
    deal = await bare.deal(stage="old")
    async with bare.work() as work:
        await deals_begun(work, [deal], "board")
    await bare.publish(CLOCKED + "moved: {old: talk}\n")
    # one working day from eight by UTC ends at nine the next day there, as late as ever in the west
    due = await bare.one("SELECT due_at FROM clock WHERE kind = 'deal'")
    assert due < datetime(2026, 3, 2, 9, tzinfo=UTC)
