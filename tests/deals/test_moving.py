"""Moving deals: what is allowed, what is refused and why, and what is written down."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.errors import NotAllowed, NotFound
from engine.services.actor import SYSTEM, Actor
from engine.services.deals import Moved, MoveRefused, WantedMove, move_deal, move_deals
from tests.deals.house import BEN, CLEO, MIA, House, actor

MONEY = {"amount": {"minor": 500_000, "currency": "EUR"}}


async def test_a_move_is_written_with_its_fields_and_its_history(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        first = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
    assert first == Moved(deal, "talk", "offer")
    house.later(days=1, hours=2)
    async with house.work() as work:
        assert await move_deal(work, actor(BEN), deal, "won", via="api") == Moved(
            deal, "offer", "won"
        )
    found = await house.rows(
        "SELECT f.key, s.key, v.via, v.moved_by_id, v.working_seconds, v.left_at - v.entered_at"
        " FROM stage_visit v JOIN stage s ON s.id = v.stage_id"
        " LEFT JOIN stage f ON f.id = v.from_stage_id ORDER BY v.id"
    )
    # a working day and two hours, of which the night is no part
    assert found == [
        ("talk", "offer", "board", BEN, 10 * 3600, timedelta(days=1, hours=2)),
        ("offer", "won", "api", BEN, None, None),
    ]
    assert await house.rows(
        "SELECT s.key, amount_minor, currency, closed_at, d.forecast_category FROM deal d"
        " JOIN stage s ON s.id = d.stage_id"
    ) == [("won", 500_000, "EUR", house.now, "closed")]
    assert await house.rows("SELECT * FROM deal_stay") == []
    assert await house.rows("SELECT * FROM clock") == []


async def test_everything_against_a_move_is_said_at_once_with_its_place(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        answer = await move_deal(
            work,
            actor(BEN),
            deal,
            "offer",
            fields={"amount": 5, "expected_close_on": "soon", "colour": "red"},
            via="api",
        )
    assert isinstance(answer, MoveRefused)
    assert answer.stage == "talk"
    assert [(one.place, one.code) for one in answer.problems] == [
        ("/fields/amount", "wrong_type"),
        ("/fields/expected_close_on", "not_a_date"),
        ("/fields/colour", "unknown_field"),
    ]
    async with house.work() as work:
        answer = await move_deal(work, actor(BEN), deal, "offer", via="api")
        lost = await move_deal(work, actor(BEN), deal, "lost", via="api")
    assert isinstance(answer, MoveRefused)
    assert isinstance(lost, MoveRefused)
    assert [str(one) for one in answer.problems] == [
        "/fields/amount: Offer needs the amount; fill it in."
    ]
    assert [one.place for one in lost.problems] == ["/lost_reason"]


async def test_a_way_that_is_not_there_and_one_for_others_are_refused(house: House) -> None:
    deal = await house.deal(stage="offer", amount_minor=1, currency="EUR")
    async with house.work() as work:
        back = await move_deal(work, actor(BEN), deal, "talk", via="board")
        others = await move_deal(work, actor(CLEO), deal, "won", via="board")
        nowhere = await move_deal(work, actor(BEN), deal, "wno", via="board")
    assert isinstance(back, MoveRefused)
    assert isinstance(others, MoveRefused)
    assert isinstance(nowhere, MoveRefused)
    assert back.problems[0].message == (
        "Deals on Offer cannot go to Talking; from there they go to Lost, Won."
    )
    assert [(one.place, one.code, one.message) for one in others.problems] == [
        ("", "not_theirs", "Only its owner or a sales manager may move this deal to Won.")
    ]
    assert 'did you mean "won"?' in nowhere.problems[0].message
    async with house.work() as work:
        assert await move_deal(work, actor(MIA), deal, "won", via="board") == Moved(
            deal, "offer", "won"
        )


async def test_who_stands_in_for_the_owner_may_do_what_the_owner_may(house: House) -> None:
    deal = await house.deal(stage="offer", amount_minor=1, currency="EUR")
    await house.run(
        "INSERT INTO absence (user_id, starts_at, ends_at, deputy_id)"
        " VALUES (:ben, :now, CAST(:now AS timestamptz) + interval '1 day', :cleo)",
        ben=BEN,
        cleo=CLEO,
        now=house.now,
    )
    async with house.work() as work:
        assert isinstance(await move_deal(work, actor(CLEO), deal, "won", via="board"), Moved)


async def test_the_same_move_twice_is_made_once(house: House) -> None:
    deal = await house.deal()
    for already in (False, True):
        async with house.work() as work:
            answer = await move_deal(work, actor(BEN), deal, "offer", fields=MONEY, via="board")
        assert isinstance(answer, Moved)
        assert answer.already is already
    assert await house.one("SELECT count(*) FROM stage_visit") == 1


async def test_of_two_moves_at_once_one_wins_and_the_other_hears_where_it_stands(
    house: House,
) -> None:
    deal = await house.deal(amount_minor=1, currency="EUR")

    async def move(to: str, reason: str | None) -> object:
        async with house.work() as work:
            return await move_deal(
                work, actor(BEN), deal, to, lost_reason=reason, from_stage="talk", via="board"
            )

    answers = await asyncio.gather(move("offer", None), move("lost", "too dear"))
    moved = [one for one in answers if isinstance(one, Moved)]
    refused = [one for one in answers if isinstance(one, MoveRefused)]
    assert len(moved) == len(refused) == 1
    assert refused[0].stage == moved[0].stage
    assert [(one.place, one.code) for one in refused[0].problems] == [("/from", "moved_meanwhile")]


async def test_many_are_answered_one_by_one(house: House) -> None:
    good, poor = await house.deal(), await house.deal()
    async with house.work() as work:
        answers = await move_deals(
            work,
            actor(BEN),
            [WantedMove(good, "offer", MONEY), WantedMove(poor, "offer"), WantedMove(999, "offer")],
            via="api",
        )
    assert answers[good] == Moved(good, "talk", "offer")
    assert isinstance(answers[poor], MoveRefused)
    assert 999 not in answers


async def test_a_pipeline_without_a_definition_allows_every_move(house: House) -> None:
    await house.run("UPDATE pipeline SET definition_version_id = NULL")
    deal = await house.deal(stage="won")
    async with house.work() as work:
        assert isinstance(await move_deal(work, actor(CLEO), deal, "talk", via="board"), Moved)
    assert await house.rows("SELECT closed_at FROM deal") == [(None,)]
    assert await house.rows("SELECT * FROM clock") == []


async def test_nobody_moves_what_is_not_there_or_not_theirs_to_edit(house: House) -> None:
    deal = await house.deal()
    async with house.work() as work:
        with pytest.raises(NotFound):
            await move_deal(work, SYSTEM, 999, "offer", via="api")
        with pytest.raises(NotAllowed):
            await move_deal(work, Actor("user", 9, "Vic", "viewer"), deal, "offer", via="api")


async def test_moves_are_told_to_flows_and_closing_has_an_event_of_its_own(house: House) -> None:
    ada = await house.one(
        "INSERT INTO contact (email, email_key, name_key) VALUES ('a@b.c', 'a@b.c', 'ada')"
        " RETURNING id"
    )
    deal = await house.deal(contact_id=ada, stage="offer", amount_minor=900, currency="EUR")
    async with house.work() as work:
        await move_deal(work, actor(BEN), deal, "won", via="board")
        assert work.after.partitions
    found = await house.rows("SELECT name, contact_id, properties FROM event ORDER BY name")
    assert [(name, contact) for name, contact, _ in found] == [
        ("Deal Stage Changed", ada),
        ("Deal Won", ada),
    ]
    assert found[1][2] == {
        "deal_id": deal,
        "deal": "Looms",
        "pipeline": "sales",
        "from_stage": "offer",
        "stage": "won",
        "stage_kind": "won",
        "amount_minor": 900,
        "currency": "EUR",
        "owner_id": BEN,
        "via": "board",
    }
    assert await house.one("SELECT count(*) FROM event_pending") == 2
