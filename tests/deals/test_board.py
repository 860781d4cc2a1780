"""The board's questions: sums, pages of cards, what changed, how clocks stand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.deal_rows import pipeline_stages
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import Actor
from engine.services.deals import AwaitingApproval, Moved, move_deal
from engine.services.deals.activities import NewActivity, activities_of, add_activity, set_task_done
from engine.services.deals.beginning import deals_begun
from engine.services.deals.board import (
    BoardFilter,
    Sorting,
    accounts_called,
    board_news,
    cards_of,
    first_cards,
    more_cards,
    read_board,
    stuck_deals,
    usual_lost_reasons,
)
from engine.services.deals.filling import StaysBehind, fill_and_move
from engine.services.deals.reading import show_deal
from tests.deals.house import BEN, CLEO, MIA, House, actor
from tests.deals.test_approved_moves import CHAIN, PIPELINE

CLOCKED = """
pipeline: sales
stages:
  - key: talk
    probability: 10
    rot_after: 7d
    sla:
      - {after: 4h, then: [{do: notify}]}
      - {after: 1d, then: [{do: notify}]}
  - {key: won, kind: won}
  - {key: lost, kind: lost}
"""
ALL = BoardFilter()
NOBODY = Actor("key", 7, "site")


async def test_columns_sum_up_what_the_filter_finds(house: House) -> None:
    for minor in (100_00, 300_00):
        await house.deal(amount_minor=minor, currency="USD")
    await house.deal(owner_id=CLEO, stage="offer", amount_minor=10_00, currency="USD")
    await house.deal(stage="offer")
    async with house.work() as work:
        board = await read_board(work, actor(BEN), "sales", ALL)
        mine = await read_board(work, actor(BEN), "sales", BoardFilter(owner_id=BEN))
    sums = [(c.stage.key, c.deals, c.base_minor, c.weighted_minor) for c in board.columns]
    assert sums == [
        ("talk", 2, 40_000, 4_000),
        ("offer", 2, 1_000, 500),
        ("won", 0, 0, 0),
        ("lost", 0, 0, 0),
    ]
    assert [c.deals for c in mine.columns] == [2, 1, 0, 0]
    assert board.ways is not None
    assert board.ways["talk"] == {"offer", "lost"}


async def test_pages_show_every_card_once_and_in_order(house: House) -> None:
    for number in range(25):
        at = house.now - timedelta(hours=number % 7)
        await house.deal(name=f"D{number}", at=at, amount_minor=number % 5, currency="EUR")
    sortings: tuple[Sorting, ...] = ("newest", "oldest", "amount", "close")
    for sorting in sortings:
        async with house.work() as work:
            board = await read_board(work, actor(BEN), "sales", ALL)
            talk = board.columns[0].stage
            cards = (await first_cards(work, actor(BEN), board, ALL, sorting))["talk"]
            while True:
                mark = (cards[-1].rank, cards[-1].id)
                more = await more_cards(work, actor(BEN), talk, ALL, sorting, after=mark, limit=2)
                if not more:
                    break
                cards += more
        order = [(card.rank, card.id) for card in cards]
        assert order == sorted(order)
        assert len({card.id for card in cards}) == 25


async def test_a_filter_reads_signs_as_they_are_written(house: House) -> None:
    await house.deal(name="100% wool")
    await house.deal(name="1000 looms")
    async with house.work() as work:
        board = await read_board(work, actor(BEN), "sales", BoardFilter(text="100%"))
    assert board.columns[0].deals == 1


async def test_news_tell_what_left_the_filter_too(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        await deals_begun(work, [deal], "board")
    await house.run("UPDATE deal SET updated_at = opened_at")
    house.later(minutes=5)
    async with house.work() as work:
        board = await read_board(work, actor(BEN), "sales", ALL)
        nothing = await board_news(work, actor(BEN), board.pipeline, ALL, "newest")
        await move_deal(work, actor(BEN), deal, "offer", fields={"amount": _money(5)}, via="board")
    async with house.work() as work:
        wanted = BoardFilter(owner_id=CLEO)
        news = await board_news(work, actor(BEN), board.pipeline, wanted, "newest")
    assert nothing.changed == ()
    assert [(card.id, card.stage, card.matches) for card in news.changed] == [
        (deal, "offer", False)
    ]


async def test_clocks_are_told_as_they_stand_now_though_nobody_looked(bare: House) -> None:
    await bare.publish(CLOCKED)
    deal = await bare.deal()
    async with bare.work() as work:
        await deals_begun(work, [deal], "board")
    seen = []
    for span in ({}, {"hours": 5}, {"days": 1}, {"days": 8}):
        bare.later(**span)
        async with bare.work() as work:
            [card] = await cards_of(work, actor(BEN), [deal], ALL, "newest")
        seen.append(card.clock.state)
    assert seen == ["on_time", "warned", "late", "late"]
    assert [one.is_over for one in card.clock.alerts] == [True, True]
    assert card.clock.rots_at is not None
    assert card.clock.rots_at < bare.now


async def test_a_note_keeps_a_deal_from_rotting(bare: House) -> None:
    await bare.publish(CLOCKED.replace("rot_after: 7d", "rot_after: 2h").replace("4h", "9d"))
    deal = await bare.deal()
    async with bare.work() as work:
        await deals_begun(work, [deal], "board")
    bare.later(hours=3)
    async with bare.work() as work:
        [silent] = await cards_of(work, actor(BEN), [deal], ALL, "newest")
        await add_activity(work, actor(BEN), deal, NewActivity("note", "They will call back"))
    async with bare.work() as work:
        [heard] = await cards_of(work, actor(BEN), [deal], ALL, "newest")
    assert (silent.clock.state, heard.clock.state) == ("rotting", "on_time")


async def test_held_up_are_those_without_an_owner_past_their_date_or_waiting(bare: House) -> None:
    await bare.publish(CHAIN)
    await bare.publish(PIPELINE)
    fine, alone, waits = [await bare.deal(name=name) for name in ("fine", "alone", "waits")]
    async with bare.work() as work:
        await deals_begun(work, [fine, alone, waits], "board")
    await bare.run("UPDATE deal SET owner_id = NULL WHERE id = :id", id=alone)
    async with bare.work() as work:
        answer = await move_deal(
            work, actor(BEN), waits, "offer", fields={"amount": _money(9)}, via="board"
        )
    assert isinstance(answer, AwaitingApproval)
    async with bare.work() as work:
        found = await stuck_deals(work, actor(BEN), BoardFilter(stuck=True))
        board = await read_board(work, actor(BEN), "sales", BoardFilter(stuck=True))
    assert [(card.name, card.to_stage, card.clock.state) for card in found] == [
        ("alone", None, "on_time"),
        ("waits", "offer", "waiting"),
    ]
    assert board.columns[0].deals == 2


async def test_what_a_move_lacks_is_written_with_it_or_not_at_all(house: House) -> None:
    await house.run("INSERT INTO account (id, name, name_key) VALUES (9, 'Mill', 'mill')")
    deal = await house.deal()
    with pytest.raises(StaysBehind) as refused:
        async with house.work() as work:
            await fill_and_move(
                work, actor(BEN), deal, "offer", fields={"account_id": 9}, via="board"
            )
    assert [one.place for one in refused.value.answer.problems] == ["/fields/amount"]
    assert await house.rows("SELECT account_id FROM deal") == [(None,)]
    async with house.work() as work:
        given = {"account_id": 9, "amount": _money(7)}
        answer = await fill_and_move(work, actor(BEN), deal, "offer", fields=given, via="board")
    assert answer == Moved(deal, "talk", "offer")
    assert await house.rows("SELECT account_id, amount_minor FROM deal") == [(9, 7)]


async def test_refusals_are_said_in_the_readers_language(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        answer = await move_deal(work, actor(BEN), deal, "won", via="board", language="zh")
        seen = await show_deal(work, actor(BEN), deal, "zh")
    assert "“洽谈”的商机不能移至“Won”" in str(answer)
    [offer, _lost] = seen.moves
    assert offer.problems[0].message == "“报价”要求填写金额。"


async def test_tasks_are_done_and_undone_and_written_down(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        task = await add_activity(
            work, actor(BEN), deal, NewActivity("task", "Call", owner_id=MIA, due_at=house.now)
        )
        await add_activity(work, actor(BEN), deal, NewActivity("call", "Talked"))
        await set_task_done(work, actor(BEN), deal, task, done=True)
    async with house.store.transaction() as session:
        found = await activities_of(session, actor(BEN), deal)
    assert [(one.subject, one.done_at is None) for one in found] == [
        ("Talked", True),
        ("Call", False),
    ]
    async with house.work() as work:
        await set_task_done(work, actor(BEN), deal, task, done=False)
        with pytest.raises(NotFound):
            await set_task_done(work, actor(BEN), deal + 1, task, done=True)
    kinds = await house.rows("SELECT verb, count(*) FROM audit GROUP BY 1 ORDER BY 1")
    assert ("edit", 2) in kinds
    assert ("create", 2) in kinds


async def test_nonsense_is_refused_with_its_place(house: House) -> None:
    deal = await house.deal()
    with pytest.raises(Refused) as refused:
        async with house.work() as work:
            await add_activity(work, actor(BEN), deal, NewActivity("dance", " ", owner_id=99))
    assert [one.place for one in refused.value.problems] == ["/kind", "/subject", "/owner_id"]


async def test_whoever_may_not_read_deals_sees_no_board(house: House) -> None:
    async with house.work() as work:
        for asked in (
            read_board(work, NOBODY, "sales", ALL),
            stuck_deals(work, NOBODY, ALL),
            cards_of(work, NOBODY, [1], ALL, "newest"),
            accounts_called(work.session, NOBODY, "a"),
            usual_lost_reasons(work.session, NOBODY, 1),
            add_activity(work, NOBODY, 1, NewActivity("note", "x")),
        ):
            with pytest.raises(NotAllowed):
                await asked
        with pytest.raises(NotFound):
            await read_board(work, actor(BEN), "nothing", ALL)
        assert await pipeline_stages(work.session)


def _money(minor: int) -> dict[str, object]:
    return {"minor": minor, "currency": "USD"}
