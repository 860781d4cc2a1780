"""A wish that is written down while mail to the same person is being prepared."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from crm_store import preferences
from crm_store.consents import lock_contact
from crm_store.session import Store
from engine.services.actor import SYSTEM
from engine.services.messages import SendAsk
from engine.services.sending.suppressions import suppress, suppress_list
from tests.messages.people import NOW, add_contacts
from tests.sending.asking import asked, prepared, said


async def waits_for_a_lock(store: Store, count: int) -> None:
    """Come back when so many transactions of this database wait for another one's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with store.transaction() as session:
                if (await session.execute(waiting)).scalar_one() >= count:
                    return
            await asyncio.sleep(0.02)


async def prepare_one(store: Store, ask: SendAsk) -> str:
    async with store.transaction() as session:
        return said(*await prepared(session, [ask]))[0]


async def test_at_most_one_a_day_holds_for_mail_that_waited_for_the_choice(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        asks = await asked(session, "news", [ada, ada])
    async with store.transaction() as session:
        await lock_contact(session, ada)
        wish = preferences.PreferenceRow(frequency="daily")
        await preferences.put_preference(session, ada, wish, NOW)
        preparing = [asyncio.create_task(prepare_one(store, ask)) for ask in asks]
        await waits_for_a_lock(store, 2)
    assert sorted(await asyncio.gather(*preparing)) == ["goes", "wished_per_day"]


async def test_a_list_takes_people_in_the_order_in_which_mail_does(store: Store) -> None:
    async with store.transaction() as session:
        zoe, ada = await add_contacts(session, 2)
        for id_, key in ((zoe, "zz@example.com"), (ada, "aa@example.com")):
            await session.execute(
                text("UPDATE contact SET email = :key, email_key = :key WHERE id = :id"),
                {"id": id_, "key": key},
            )
        asks = await asked(session, "news", [zoe])

    async def put_on_the_list() -> int:
        async with store.transaction() as session:
            given = ["zz@example.com", "aa@example.com"]
            return (await suppress(session, SYSTEM, given, now=NOW)).new

    async with store.transaction() as session:
        assert said(*await prepared(session, asks))[0] == "goes"
        listing = asyncio.create_task(put_on_the_list())
        await waits_for_a_lock(store, 1)
        # it waits for the first of them, and has not taken the second one yet
        free = text("SELECT id FROM contact WHERE id = :id FOR KEY SHARE NOWAIT")
        assert (await session.execute(free, {"id": ada})).scalar_one() == ada
    assert await listing == 2


async def test_a_long_list_lets_go_of_people_page_by_page(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 3)
    given = [f"ada{number}@example.com" for number in (2, 1, 0)]
    async with store.transaction() as session:
        await lock_contact(session, ids[1])
        listing = asyncio.create_task(
            suppress_list(store, SYSTEM, given, reason="old_crm", now=NOW, page=1)
        )
        await waits_for_a_lock(store, 1)
        async with store.transaction() as other:
            kept = await other.execute(text("SELECT address_key FROM suppression"))
            assert list(kept.scalars()) == ["ada0@example.com"]
    done = await listing
    assert (done.new, done.known) == (3, 0)
    assert (await suppress_list(store, SYSTEM, given, now=NOW)).known == 3
