"""Caps, quiet hours and priorities on a real database, and under many workers at once."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from crm_store.models import Contact, Effect, Message
from crm_store.session import Store
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.messages import (
    Answer,
    NotSent,
    Prepared,
    SendAsk,
    SendResult,
    Verdict,
    record,
)
from tests.messages.people import NOW, add_contacts
from tests.sending.asking import asked, let, prepared, said

GOES = ("goes", None)
TOMORROW = datetime(2026, 3, 3, tzinfo=UTC)


async def test_a_second_message_waits_for_the_next_local_day(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        ids = await add_contacts(session, 1, time_zone="Asia/Singapore")
        first, second = await asked(session, "news", [*ids, *ids])
        assert said(*await prepared(session, [first])) == GOES
        midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)
        assert said(*await prepared(session, [second])) == ("cap_per_day", midnight)
        waits = (await session.execute(text("SELECT reason, until, read FROM deferral"))).one()
        assert (waits[0], waits[1]) == ("cap_per_day", midnight)
        assert waits[2] == {"most": 1, "per": "day", "counted": 1, "zone": "Asia/Singapore"}
        assert said(*await prepared(session, [second], midnight)) == GOES


async def test_two_messages_of_one_group_are_counted_too(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 2, per: week}]")
        ids = await add_contacts(session, 1)
        outcomes = await prepared(session, await asked(session, "news", ids * 3))
        monday = datetime(2026, 3, 9, tzinfo=UTC)
        assert [said(one) for one in outcomes] == [GOES, GOES, ("cap_per_week", monday)]


@pytest.mark.parametrize(
    ("answer", "second"),
    [
        (Answer.ACCEPTED, "cap_per_day"),
        (Answer.UNCLEAR, "cap_per_day"),
        (Answer.UNREACHABLE, "goes"),
        (Answer.REFUSED, "goes"),
    ],
)
async def test_what_was_handed_over_counts_and_what_was_refused_does_not(
    store: Store, answer: Answer, second: str
) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        one, other = await asked(session, "news", await add_contacts(session, 1) * 2)
        (first,) = await prepared(session, [one])
        assert isinstance(first, Prepared)
        await record(session, [SendResult(first.message_id, one.effect_id, answer)], NOW)
        assert said(*await prepared(session, [other]))[0] == second


async def test_service_messages_neither_wait_nor_count_unless_it_is_said(store: Store) -> None:
    async with store.transaction() as session:
        await let(
            session, "caps: [{most: 1, per: day}]\nquiet_hours: [{from: '08:00', until: '10:00'}]"
        )
        ids = await add_contacts(session, 1)
        service = await asked(session, "receipts", ids * 2, purpose="service")
        assert [said(one) for one in await prepared(session, service)] == [GOES, GOES]
        news = await asked(session, "news", ids)
        after = NOW + timedelta(hours=1)
        assert said(*await prepared(session, news)) == ("quiet_hours", after)
        assert said(*await prepared(session, news, after)) == GOES
        await let(session, "caps: [{most: 4, per: day, purpose: any}]")
        more = await asked(session, "more", ids * 2, purpose="service")
        assert [said(one)[0] for one in await prepared(session, more, after)] == [
            "goes",
            "cap_per_day",
        ]


async def test_a_country_gives_the_zone_where_none_is_known(store: Store) -> None:
    """Nine in the morning in London is five in the afternoon in China and four in New York."""
    async with store.transaction() as session:
        await let(session, "quiet_hours: [{from: '21:00', until: '08:00'}]")
        here, china, york, mars = await add_contacts(session, 4)
        for id_, country in ((china, "CN"), (york, "US"), (mars, "XX")):
            await session.execute(update(Contact).where(Contact.id == id_).values(country=country))
        outcomes = await prepared(session, await asked(session, "news", [here, china, york, mars]))
        morning = datetime(2026, 3, 2, 13, tzinfo=UTC)
        assert [said(one) for one in outcomes] == [GOES, GOES, ("quiet_hours", morning), GOES]


async def test_a_message_that_waited_is_asked_about_again(store: Store) -> None:
    """Consent may be gone by then."""
    async with store.transaction() as session:
        await let(session, "quiet_hours: [{from: '08:00', until: '10:00'}]")
        ids = await add_contacts(session, 1)
        asks = await asked(session, "news", ids)
        assert said(*await prepared(session, asks))[0] == "quiet_hours"
        await consent.withdraw(session, SYSTEM, ids[0], source="x", now=NOW, partitions=1)
        (later,) = await prepared(session, asks, NOW + timedelta(hours=2))
        assert isinstance(later, NotSent)
        assert (later.verdict, later.code) == (Verdict.WITHHELD, "consent_withdrawn")


async def test_nobody_waits_for_ever(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]\nlongest_wait: 36h")
        ids = await add_contacts(session, 1)
        now, late = NOW, (await asked(session, "late", ids))[0]
        for day in range(2):
            goes = await asked(session, f"news-{day}", ids)
            assert said(*await prepared(session, goes, now)) == GOES
            (outcome,) = await prepared(session, [late], now)
            if day == 0:
                assert said(outcome) == ("cap_per_day", TOMORROW)
                now = TOMORROW
        assert isinstance(outcome, NotSent)
        assert (outcome.verdict, outcome.code) == (Verdict.WITHHELD, "waited_too_long")
        assert outcome.message_id is not None


async def test_what_would_have_to_wait_for_too_long_is_not_kept_waiting(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: month}]")
        outcomes = await prepared(
            session, await asked(session, "n", await add_contacts(session, 1) * 2)
        )
        assert said(outcomes[1]) == ("no_time_in_reach", None)


async def test_the_more_important_flow_takes_the_room(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        ids = await add_contacts(session, 2)
        news, sale = await asked(session, "news", ids), await asked(session, "sale", ids)
        priorities = {news[0].flow_id: 5, sale[0].flow_id: 8}
        # together in a group: the later and more important one goes
        outcomes = await prepared(session, [news[0], sale[0]], NOW, priorities)
        assert [said(one)[0] for one in outcomes] == ["cap_per_day", "goes"]
        # apart: the sale is pending, due in the afternoon of the same day
        await session.execute(
            update(Effect)
            .where(Effect.id == sale[1].effect_id)
            .values(not_before=NOW + timedelta(hours=5))
        )
        assert said(*await prepared(session, [news[1]], NOW, priorities)) == ("outranked", TOMORROW)
        assert said(*await prepared(session, [sale[1]], NOW, priorities)) == GOES


async def test_a_rival_of_another_day_or_paused_takes_no_room(store: Store) -> None:
    async with store.transaction() as session:
        await let(session, "caps: [{most: 1, per: day}]")
        ids = await add_contacts(session, 2)
        news, sale = await asked(session, "news", ids), await asked(session, "sale", ids)
        priorities = {news[0].flow_id: 5, sale[0].flow_id: 8}
        await session.execute(
            update(Effect).where(Effect.flow_id == sale[0].flow_id).values(not_before=TOMORROW)
        )
        assert said(*await prepared(session, [news[0]], NOW, priorities)) == GOES
        await session.execute(
            update(Effect).where(Effect.flow_id == sale[0].flow_id).values(not_before=NOW)
        )
        await session.execute(text("UPDATE flow SET state = 'paused' WHERE name = 'sale'"))
        assert said(*await prepared(session, [news[1]], NOW, priorities)) == GOES


async def test_a_policy_may_say_what_is_more_important(store: Store) -> None:
    async with store.transaction() as session:
        await let(
            session,
            "caps: [{most: 1, per: day, purpose: any}]\n"
            "priorities: [{purpose: service, priority: 9}]",
        )
        ids = await add_contacts(session, 1)
        news = await asked(session, "news", ids)
        receipt = await asked(session, "receipt", ids, purpose="service")
        priorities = {news[0].flow_id: 5, receipt[0].flow_id: 5}
        assert said(*await prepared(session, news, NOW, priorities))[0] == "outranked"
        assert said(*await prepared(session, receipt, NOW, priorities)) == GOES


async def test_no_cap_is_broken_however_many_workers_there_are(store: Store) -> None:
    """Eight workers take groups in any order; some are refused and some not answered."""
    caps = "caps: [{most: 3, per: day}, {most: 4, per: week}]"
    async with store.transaction() as session:
        await let(session, caps)
        ids = await add_contacts(session, 5)
        asks = [ask for flow in range(12) for ask in await asked(session, f"flow-{flow}", ids)]
    chance = random.Random(11)
    chance.shuffle(asks)
    answers = [Answer.ACCEPTED, Answer.ACCEPTED, Answer.UNCLEAR, Answer.REFUSED]

    async def work(mine: list[SendAsk]) -> None:
        for start in range(0, len(mine), 3):
            async with store.transaction() as session:
                group = await prepared(session, mine[start : start + 3])
            results = [
                SendResult(one.message_id, one.ask.effect_id, chance.choice(answers))
                for one in group
                if isinstance(one, Prepared)
            ]
            async with store.transaction() as session:
                await record(session, results, NOW)

    await asyncio.gather(*(work(asks[worker::8]) for worker in range(8)))
    async with store.transaction() as session:
        rows = await session.execute(
            text(
                "SELECT count(*) FILTER (WHERE state <> 'refused') FROM message GROUP BY contact_id"
            )
        )
        counts = list(rows.scalars())
        deferred = await session.scalar(text("SELECT count(*) FROM deferral"))
        total = len((await session.execute(text("SELECT id FROM message"))).all())
    assert counts == [3] * 5
    assert deferred == len(asks) - total


async def test_another_policy_counts_from_the_next_group_on(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 1)
        asks = await asked(session, "news", ids * 2)
        await let(session, "caps: [{most: 1, per: day}]")
        assert [said(one)[0] for one in await prepared(session, asks)] == ["goes", "cap_per_day"]
        await let(session, "caps: [{most: 2, per: day}]")
        assert said(*await prepared(session, asks[1:])) == GOES
        kept = (await session.execute(text("SELECT topic, medium FROM message"))).all()
        assert set(kept) == {(None, None)}


async def test_messages_know_what_they_are_about(store: Store) -> None:
    async with store.transaction() as session:
        (one,) = await prepared(session, await asked(session, "n", await add_contacts(session, 1)))
        assert isinstance(one, Prepared)
        assert (await session.get_one(Message, one.message_id)).topic is None


async def test_who_wants_one_a_day_gets_one_a_day(store: Store) -> None:
    """What people chose on the page of their preferences is a cap of their own."""
    async with store.transaction() as session:
        ada, cleo = await add_contacts(session, 2)
        await session.execute(
            text(
                "INSERT INTO contact_preference (contact_id, frequency, topics, updated_at)"
                " VALUES (:id, 'daily', '{}', now())"
            ),
            {"id": ada},
        )
        asks = await asked(session, "news", [ada, ada, cleo, cleo])
        receipt = await asked(session, "receipt", [ada], purpose="service")
        outcomes = await prepared(session, [*asks, *receipt])
    assert [said(one) for one in outcomes] == [GOES, ("wished_per_day", TOMORROW), GOES, GOES, GOES]
