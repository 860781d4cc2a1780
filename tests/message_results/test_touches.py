"""The first moment of each thing that became of a message."""

from __future__ import annotations

import random
from datetime import timedelta

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.message_touches import Became, Touch, touch
from crm_store.models import Link, Message, MessageClick
from crm_store.session import Store
from engine.services.actor import SYSTEM, Actor
from engine.services.consent import grant, withdraw
from engine.services.messages import Prepared, prepare
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library

AT = NOW + timedelta(hours=1)


async def messages(session: AsyncSession, count: int = 1) -> list[int]:
    asks = await add_asks(session, await add_contacts(session, count))
    made = await prepare(
        session, asks, library=library(), sender_settings=SETTINGS, channel_name="smtp", now=NOW
    )
    await session.execute(update(Message).values(state="sent", sender_domain="cadenza.test"))
    return [one.message_id for one in made if isinstance(one, Prepared)]


async def test_the_first_moment_counts_in_whatever_order_it_is_told(store: Store) -> None:
    async with store.transaction() as session:
        (message,) = await messages(session)
        told = [
            Touch(message, what, AT + timedelta(minutes=n)) for what in Became for n in (2, 0, 5)
        ]
        random.Random(7).shuffle(told)
        for one in told:
            await touch(session, [one])
        await touch(session, told)
        row = (await session.execute(select(Message))).scalar_one()
        assert {getattr(row, f"{what}_at") for what in Became} == {AT}
        assert row.machine_opened_at is None


async def test_machines_are_kept_apart(store: Store) -> None:
    async with store.transaction() as session:
        (message,) = await messages(session)
        told = [
            Touch(message, Became.OPENED, AT, by_machine=True),
            Touch(message, Became.CLICKED, AT, by_machine=True, link="https://example.com/a"),
        ]
        assert await touch(session, told) == []
        row = (await session.execute(select(Message))).scalar_one()
        assert (row.machine_opened_at, row.opened_at, row.clicked_at) == (AT, None, None)
        click = (await session.execute(select(MessageClick))).scalar_one()
        assert (click.link, click.by_machine) == ("https://example.com/a", True)


async def test_who_stops_marketing_counts_for_the_last_message_they_got(store: Store) -> None:
    async with store.transaction() as session:
        (message,) = await messages(session)
        contact = await session.scalar(select(Message.contact_id))
        assert contact is not None
        await withdraw(session, SYSTEM, contact, source="link", now=AT, partitions=4)
        assert await session.scalar(select(Message.unsubscribed_at)) is None
        await grant(session, SYSTEM, contact, source="link", now=AT, partitions=4)
        await withdraw(
            session, Actor("subject", contact, "Ada"), contact, source="link", now=AT, partitions=4
        )
        row = (await session.execute(select(Message))).scalar_one()
        assert (row.id, row.unsubscribed_at) == (message, AT)


async def test_what_counts_against_the_sender_is_told_once(store: Store) -> None:
    async with store.transaction() as session:
        first, second, _ = await messages(session, 3)
        told = [
            Touch(first, Became.BLOCKED, AT),
            Touch(first, Became.BOUNCED, AT),
            Touch(second, Became.COMPLAINED, AT),
            Touch(999_999, Became.BOUNCED, AT),
        ]
        found = await touch(session, told)
        assert [(one.message_id, one.bounced, one.complained) for one in found] == [
            (first, True, False),
            (second, False, True),
        ]
        assert {(one.domain, one.day) for one in found} == {("cadenza.test", NOW.date())}
        assert await touch(session, told) == []


async def test_a_link_of_whatever_length_and_script_is_kept(store: Store) -> None:
    chance = random.Random(1)
    name = "".join(chr(chance.randrange(0x20000, 0x2A000)) for _ in range(1_900))
    async with store.transaction() as session:
        (message,) = await messages(session)
        long = f"https://example.com/{name}"
        await touch(session, [Touch(message, Became.CLICKED, AT, link=long)])
        assert (await session.scalars(select(MessageClick.link))).one() == long[:600]


async def test_a_link_with_something_personal_in_it_is_counted_by_its_site(store: Store) -> None:
    async with store.transaction() as session:
        first, second = await messages(session, 2)
        contact = await session.scalar(select(Message.contact_id).where(Message.id == first))
        own = Link(digest=b"1", url="https://example.com/of/ada?name=Ada", contact_id=contact)
        common = Link(digest=b"2", url="https://example.com/offer?id=1")
        session.add_all([own, common])
        await session.flush()
        for _ in range(2):
            await touch(
                session,
                [
                    Touch(first, Became.CLICKED, AT + timedelta(hours=1), link_id=own.id),
                    Touch(first, Became.CLICKED, AT, link_id=own.id),
                    Touch(second, Became.CLICKED, AT, link_id=common.id),
                    Touch(second, Became.CLICKED, AT, link_id=999_999),
                ],
            )
        rows = await session.execute(
            text("SELECT message_id, link, first_at FROM message_click ORDER BY message_id")
        )
        assert [tuple(row) for row in rows] == [
            (first, "https://example.com/…", AT),
            (second, "https://example.com/offer?id=1", AT),
        ]
