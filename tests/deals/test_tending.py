"""Clocks of open deals: alerts, rot, moves by themselves, and actions of stages."""

from __future__ import annotations

from datetime import timedelta

from engine.services.deals import Moved, move_deal
from engine.services.deals.beginning import deals_begun
from engine.services.deals.editing import edit_deal
from engine.services.deals.tending import tend_deal
from engine.services.tending import Tended
from tests.deals.house import BEN, MIA, House, actor

CLOCKED = """
pipeline: sales
stages:
  - key: talk
    label: Talking
    label_zh: 洽谈
    probability: 10
    rot_after: 7d
    sla:
      - {after: 4h, then: [{do: notify, to: owner, title: "Call about {{ deal.name }}"}]}
      - {after: 1d, then: [{do: notify, to: manager}]}
    on_enter:
      - {do: create_task, title: "Qualify {{ deal.name }}", due: 1d}
      - {do: start_flow, flow: nurture}
    on_exit:
      - {do: update_deal, set: {forecast_category: best_case}}
  - key: offer
    probability: 50
    needs: [amount]
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: talk, to: offer}
  - {from: talk, to: offer, automatic: {when: {">": [{"in_base": {"var": "deal.amount"}}, 1000]}}}
  - {from: [talk, offer], to: lost}
  - {from: offer, to: lost, automatic: {after: 2d, lost_reason: Nobody answered}}
  - {from: offer, to: won}
"""
TOLD = "SELECT user_id, title FROM notice ORDER BY id"


async def begun(house: House, **columns: object) -> int:
    deal = await house.deal(**columns)
    async with house.work() as work:
        await deals_begun(work, [deal], "api")
    return deal


async def tend(house: House, deal: int) -> Tended:
    async with house.work() as work:
        return await tend_deal(work, deal)


async def clocked(bare: House) -> House:
    await bare.run(
        "INSERT INTO flow (name, label, purpose, state, draft_source)"
        " VALUES ('nurture', 'N', 'service', 'draft', '')"
    )
    await bare.publish(CLOCKED)
    return bare


async def test_each_alert_comes_once_in_working_time_and_to_whom_it_concerns(bare: House) -> None:
    house = await clocked(bare)
    start, deal = house.now, await begun(house)
    assert await house.one("SELECT due_at FROM clock") == house.now
    house.now = start + timedelta(hours=3, minutes=59)
    assert (await tend(house, deal)).due == start + timedelta(hours=4)
    house.now = start + timedelta(hours=4)
    # an automatic move by a rule is looked at every hour; it does not delay an alert
    assert (await tend(house, deal)).due == start + timedelta(hours=5)
    assert (await tend(house, deal)).due == start + timedelta(hours=5)
    house.now = start + timedelta(days=1, hours=1)
    await tend(house, deal)
    assert await house.rows(TOLD) == [
        (BEN, "Call about Looms"),
        (MIA, "Looms has been on Talking for 1 day"),
    ]


async def test_silence_is_told_once_until_somebody_does_something(bare: House) -> None:
    house = await clocked(bare)
    deal = await begun(house)
    house.later(days=7)
    await tend(house, deal)
    await tend(house, deal)
    rotten = "SELECT count(*) FROM notice WHERE title LIKE 'Nothing has happened%'"
    assert await house.one(rotten) == 1
    await house.run(
        "INSERT INTO activity (kind, subject, deal_id, created_at) VALUES ('call', 'x', :d, :at)",
        d=deal,
        at=house.now,
    )
    house.later(days=6, hours=23)
    await tend(house, deal)
    assert await house.one(rotten) == 1
    house.later(hours=1)
    await tend(house, deal)
    assert await house.one(rotten) == 2


async def test_a_task_that_is_not_done_is_no_sign_of_life_and_an_edit_is(bare: House) -> None:
    house = await clocked(bare)
    deal = await begun(house)
    house.later(days=6)
    await house.run(
        "INSERT INTO activity (kind, subject, deal_id, created_at) VALUES ('task', 'x', :d, :at)",
        d=deal,
        at=house.now,
    )
    async with house.work() as work:
        await edit_deal(work, actor(BEN), deal, {"name": "Big looms"})
    house.later(days=2)
    await tend(house, deal)
    assert await house.one("SELECT count(*) FROM notice WHERE title LIKE 'Nothing%'") == 0
    house.later(days=5)
    await tend(house, deal)
    assert await house.one("SELECT count(*) FROM notice WHERE title LIKE 'Nothing%'") == 1


async def test_entering_makes_a_task_and_what_cannot_be_done_is_written_down(bare: House) -> None:
    house = await clocked(bare)
    deal = await begun(house)
    assert await house.rows("SELECT subject, owner_id, deal_id, due_at FROM activity") == [
        # a day is a working day, and this one has just begun
        ("Qualify Looms", BEN, deal, house.now + timedelta(hours=8))
    ]
    assert await house.rows("SELECT subject_id, after, why FROM audit WHERE verb = 'skip'") == [
        (str(deal), {"action": "start_flow nurture"}, "no_contact")
    ]
    async with house.work() as work:
        await move_deal(
            work,
            actor(BEN),
            deal,
            "offer",
            fields={"amount": {"minor": 5, "currency": "USD"}},
            via="board",
        )
    assert await house.one("SELECT forecast_category FROM deal") == "best_case"


async def test_a_rule_moves_the_deal_once_it_holds_and_time_moves_it_on(bare: House) -> None:
    house = await clocked(bare)
    deal = await begun(house)
    assert (await tend(house, deal)).due == house.now + timedelta(hours=1)
    house.later(minutes=20)
    async with house.work() as work:
        money = {"amount": {"minor": 2_000, "currency": "USD"}}
        await edit_deal(work, actor(BEN), deal, money)
    assert await house.one("SELECT due_at FROM clock") == house.now
    moved_at = house.now
    tended = await tend(house, deal)
    assert tended.due == moved_at + timedelta(days=2)
    house.now = moved_at + timedelta(days=2)
    assert (await tend(house, deal)).ended
    assert await house.rows(
        "SELECT s.key, d.lost_reason FROM deal d JOIN stage s ON s.id = stage_id"
    ) == [("lost", "Nobody answered")]
    via = "SELECT via, working_seconds FROM stage_visit ORDER BY id"
    assert await house.rows(via) == [("api", 1200), ("clock", 16 * 3600), ("clock", None)]
    assert await house.rows("SELECT * FROM clock") == []


async def test_a_closed_deal_and_one_that_is_gone_have_no_clock(bare: House) -> None:
    house = await clocked(bare)
    deal = await begun(house)
    async with house.work() as work:
        assert isinstance(await move_deal(work, actor(BEN), deal, "lost", via="board"), Moved)
    assert (await tend(house, deal)).ended
    assert (await tend(house, 999)).ended
