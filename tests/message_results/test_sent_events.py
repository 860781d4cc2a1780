"""A message that was sent is an event of its contact, and counts for its sender domain."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.messages import write_answers
from crm_store.models import Message
from crm_store.partitions import partition_of
from crm_store.session import Store
from engine.services.messages import Prepared, prepare
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library

PARTITIONS = 7


async def handed_over(session: AsyncSession, count: int) -> list[int]:
    asks = await add_asks(session, await add_contacts(session, count))
    made = await prepare(
        session, asks, library=library(), sender_settings=SETTINGS, channel_name="smtp", now=NOW
    )
    return [one.message_id for one in made if isinstance(one, Prepared)]


async def test_it_is_an_event_once_and_waits_where_its_contact_belongs(store: Store) -> None:
    async with store.transaction() as session:
        await session.execute(
            text("SELECT setval(pg_get_serial_sequence('contact', 'id'), :at)"),
            {"at": random.Random(5).randrange(1 << 33)},
        )
        first, second, put_off = ids = await handed_over(session, 3)
        answers = [(first, "sent", None), (second, "sent", None), (put_off, "put_off", "slow")]
        contacts = {
            row[0]: row[1]
            for row in await session.execute(text("SELECT id, contact_id FROM message"))
        }
        said = {contacts[first]: {"caused_by": {"flows": {"welcome": 1}}}}
        later = NOW + timedelta(seconds=3)
        told = await write_answers(session, answers, later, PARTITIONS, said)
        assert await write_answers(session, answers, later, PARTITIONS, said) == frozenset()
        assert told == {partition_of(contacts[one], PARTITIONS) for one in ids[:2]}
        found = await session.execute(
            text(
                "SELECT e.contact_id, p.partition, e.occurred_at,"
                " (e.properties->>'message_id')::bigint, e.properties->'caused_by'"
                " FROM event e JOIN event_pending p ON p.event_id = e.id ORDER BY e.id"
            )
        )
        assert [tuple(row) for row in found] == [
            (
                contacts[one],
                partition_of(contacts[one], PARTITIONS),
                NOW,
                one,
                said.get(contacts[one], {}).get("caused_by"),
            )
            for one in (first, second)
        ]


async def test_where_nobody_listens_it_waits_for_nobody(store: Store) -> None:
    async with store.transaction() as session:
        (one,) = await handed_over(session, 1)
        assert await write_answers(session, [(one, "sent", None)], NOW) == frozenset()
        assert await session.scalar(text("SELECT count(*) FROM event_pending")) == 0
        assert await session.scalar(text("SELECT name FROM event")) == "Message Sent"


async def test_it_counts_for_its_domain_on_the_day_it_was_handed_over(store: Store) -> None:
    async with store.transaction() as session:
        ids = await handed_over(session, 3)
        yesterday = NOW - timedelta(days=1)
        await session.execute(
            update(Message).where(Message.id == ids[0]).values(handed_over_at=yesterday)
        )
        await write_answers(session, [(one, "sent", None) for one in ids], NOW)
        found = await session.execute(
            text("SELECT domain, day, sum(sent) FROM sender_day GROUP BY 1, 2 ORDER BY 2")
        )
        assert [tuple(row) for row in found] == [
            ("cadenza.test", yesterday.date(), 1),
            ("cadenza.test", NOW.date(), 2),
        ]
