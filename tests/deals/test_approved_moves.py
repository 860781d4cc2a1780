"""Moves that wait for an approval: asked for, recalled, judged again, made or dropped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Refused
from engine.services.actor import SYSTEM
from engine.services.deals import AwaitingApproval, Moved, MoveRefused, move_deal
from engine.services.deals.beginning import deals_begun
from engine.services.deals.editing import edit_deal
from engine.services.deals.reading import requests_of
from engine.services.deals.tending import tend_deal
from engine.services.erasing.erase import erase_contact
from engine.services.tenders import ANSWERS
from engine.services.tending import Answer, Answered, ClockKind
from tests.deals.house import BEN, CLEO, MIA, House, actor

CHAIN = """
approval_chain: big
levels:
  - {key: head, approvers: [{role: sales_manager}]}
"""
PIPELINE = """
pipeline: sales
stages:
  - {key: talk, probability: 10, sla: [{after: 4h, then: [{do: notify}]}]}
  - {key: offer, probability: 50, needs: [amount]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
transitions:
  - {from: talk, to: offer, approval: big}
  - {from: [talk, offer], to: lost}
  - {from: offer, to: won}
"""
MONEY = {"amount": {"minor": 500_000, "currency": "EUR"}}
STANDS = "SELECT s.key, d.amount_minor FROM deal d JOIN stage s ON s.id = d.stage_id"


@pytest.fixture
async def asked(bare: House) -> tuple[House, int, int]:
    """A deal whose move to the offer was asked for by Ben two hours after it began."""
    await bare.publish(CHAIN)
    await bare.publish(PIPELINE)
    deal = await bare.deal()
    async with bare.work() as work:
        await deals_begun(work, [deal], "board")
    bare.later(hours=2)
    async with bare.work() as work:
        answer = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert isinstance(answer, AwaitingApproval)
    assert (answer.stage, answer.to_stage, answer.already) == ("talk", "offer", False)
    return bare, deal, answer.request_id


async def answer(house: House, request: int, verb: str, by: int = MIA) -> Answered:
    async with house.work() as work:
        given = Answer(by, verb, {}, "designer", f"{verb}-{by}")
        return await ANSWERS[ClockKind.APPROVAL](work, request, given)


async def test_an_approved_move_is_made_with_what_was_asked_for(
    asked: tuple[House, int, int],
) -> None:
    house, deal, request = asked
    assert await house.rows(STANDS) == [("talk", None)]
    assert (await answer(house, request, "approve")).code == "accepted"
    assert await house.rows(STANDS) == [("offer", 500_000)]
    assert await house.rows("SELECT via, moved_by_id FROM stage_visit WHERE left_at IS NULL") == [
        ("approval", BEN)
    ]
    async with house.work() as work:
        assert isinstance(await move_deal(work, actor(BEN), deal, "won", via="board"), Moved)


async def test_all_approvals_of_a_deal_are_told_decided_ones_too(
    asked: tuple[House, int, int],
) -> None:
    house, deal, first = asked
    await answer(house, first, "reject")
    house.later(hours=1)
    async with house.work() as work:
        again = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert isinstance(again, AwaitingApproval)
    async with house.work() as work:
        seen = await requests_of(work, actor(BEN), deal)
        assert await requests_of(work, actor(BEN), deal + 1) == []
    assert [(one.id, one.status) for one in seen] == [
        (again.request_id, "open"),
        (first, "rejected"),
    ]
    assert seen[1].ended_at is not None


async def test_asking_twice_is_one_request_and_the_record_is_locked(
    asked: tuple[House, int, int],
) -> None:
    house, deal, request = asked
    async with house.work() as work:
        again = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert again == AwaitingApproval(deal, "talk", "offer", request, already=True)
    async with house.work() as work:
        with pytest.raises(Refused) as refused:
            await edit_deal(work, actor(BEN), deal, {"name": "Other"})
    assert [(one.place, one.code) for one in refused.value.problems] == [("/fields/name", "locked")]


async def test_clocks_rest_while_it_waits_and_go_on_with_what_was_left(
    asked: tuple[House, int, int],
) -> None:
    house, deal, request = asked
    assert await house.rows("SELECT due_at FROM clock WHERE kind = 'deal'") == [(None,)]
    house.later(days=3)
    async with house.work() as work:
        assert (await tend_deal(work, deal)).due is None
    assert (await answer(house, request, "reject")).code == "accepted"
    assert await house.rows(STANDS) == [("talk", None)]
    # two of four hours were spent before
    due = await house.one("SELECT due_at FROM clock WHERE kind = 'deal'")
    assert due == house.now + timedelta(hours=2)


async def test_moved_by_hand_meanwhile_the_request_is_recalled(
    asked: tuple[House, int, int],
) -> None:
    house, deal, request = asked
    async with house.work() as work:
        assert isinstance(
            await move_deal(work, actor(BEN), deal, "lost", lost_reason="gone", via="board"), Moved
        )
    assert (await answer(house, request, "approve")).code != "accepted"
    assert await house.rows(STANDS) == [("lost", None)]


async def test_an_approved_move_is_judged_again(asked: tuple[House, int, int]) -> None:
    house, deal, request = asked
    await house.publish(PIPELINE.replace("needs: [amount]", "needs: [amount, contact]"))
    assert (await answer(house, request, "approve")).code == "accepted"
    assert await house.rows(STANDS) == [("talk", None)]
    assert await house.rows(
        "SELECT user_id, title FROM notice WHERE subject_kind = 'deal' AND subject_id = :d", d=deal
    ) == [(BEN, "Looms was approved and could not be moved")]


async def test_what_the_stage_needs_is_asked_before_anybody_is(
    asked: tuple[House, int, int],
) -> None:
    house, _, _ = asked
    other = await house.deal(name="Mills")
    async with house.work() as work:
        refused = await move_deal(work, actor(CLEO), other, "offer", via="board")
    assert isinstance(refused, MoveRefused)
    assert await house.one("SELECT count(*) FROM approval_request") == 1


async def test_erasing_the_contact_lets_the_deal_go_on_and_keeps_no_word_of_them(
    bare: House,
) -> None:
    house = bare
    await house.publish(CHAIN)
    await house.publish(PIPELINE)
    ada = await house.one("INSERT INTO contact (first_name) VALUES ('Adaquilla') RETURNING id")
    deal = await house.deal(contact_id=ada, name="Looms for Adaquilla")
    async with house.work() as work:
        await deals_begun(work, [deal], "board")
    house.later(hours=2)
    async with house.work() as work:
        asked = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert isinstance(asked, AwaitingApproval)
    await house.run(
        "INSERT INTO given_answer (answer_id, kind, entity_id, verb, given, door, asked_at)"
        " VALUES ('a', 'approval', :id, 'comment', '{\"comment\": \"Ask Adaquilla\"}', 'api', :at)",
        id=asked.request_id,
        at=house.now,
    )
    await house.run(
        "INSERT INTO notice (user_id, kind, title, body, provider_key, state, subject_kind,"
        " subject_id, created_at) VALUES (:ben, 'deal', 'Looms', 'Call Adaquilla', 'p', 'sent',"
        " 'deal', :deal, :at)",
        ben=BEN,
        deal=deal,
        at=house.now,
    )
    async with house.store.transaction() as session:
        await erase_contact(session, SYSTEM, ada, now=house.now, zone="UTC")
    assert await house.rows("SELECT title, body FROM notice") == []
    assert await house.rows("SELECT given FROM given_answer") == [({},)]
    assert await house.rows("SELECT pending, request_id FROM deal_stay") == [(None, None)]
    due = await house.one("SELECT due_at FROM clock WHERE kind = 'deal' AND hosted_at IS NULL")
    assert due <= house.now
    async with house.work() as work:
        tended = await tend_deal(work, deal)
    # two of four hours were spent before
    assert tended.due == house.now + timedelta(hours=2)
    async with house.work() as work:
        again = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert isinstance(again, AwaitingApproval)
    assert again.request_id != asked.request_id
