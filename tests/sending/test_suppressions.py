"""Addresses and domains that nothing is sent to."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.errors import NotAllowed, NotFound, Refused
from engine.services.actor import SYSTEM, Actor
from engine.services.messages import NotSent
from engine.services.sending import suppressions as door
from engine.services.sending.suppressions import listed
from tests.messages.people import NOW, add_contacts
from tests.sending.asking import asked, prepared, said

VIEWER = Actor("user", 1, "Cleo", "viewer")


async def test_a_whole_domain_gets_nothing_service_included(store: Store) -> None:
    async with store.transaction() as session:
        ids = await add_contacts(session, 2)
        await session.execute(
            text("UPDATE contact SET email_key = 'ada@sub.example.com' WHERE id = :id"),
            {"id": ids[1]},
        )
        done = await door.suppress(session, SYSTEM, ["Example.COM"], now=NOW)
        assert (done.new, done.known) == (1, 0)
        outcomes = await prepared(session, await asked(session, "n", ids, purpose="service"))
        assert [said(one)[0] for one in outcomes] == ["suppressed", "goes"]
        assert await door.allow(session, SYSTEM, "@example.com") == "manual"
        again = await prepared(session, [(await asked(session, "m", ids[:1]))[0]])
        assert said(*again)[0] == "goes"


async def test_a_list_is_taken_at_once_and_a_known_reason_stays(store: Store) -> None:
    async with store.transaction() as session:
        await door.suppress(session, SYSTEM, ["ada0@example.com"], reason="asked", now=NOW)
        given = [f"ADA{number}@example.com" for number in range(1_200)]
        done = await door.suppress(session, SYSTEM, given, reason="old_crm", now=NOW)
        assert (done.new, done.known) == (1_199, 1)
        page = await door.suppressions(session, SYSTEM, limit=2)
        assert [(one.address_key, one.reason) for one in page] == [
            ("ada0@example.com", "asked"),
            ("ada1000@example.com", "old_crm"),
        ]
        after = (page[-1].channel, page[-1].address_key)
        rest = await door.suppressions(session, SYSTEM, after=after, limit=1)
        assert rest[0].address_key == "ada1001@example.com"
        told = (await session.execute(text("SELECT after::text FROM audit"))).scalars().all()
        assert not any("@" in one for one in told)


async def test_mistakes_in_a_list_leave_all_of_it_out(store: Store) -> None:
    async with store.transaction() as session:
        with pytest.raises(Refused) as refused:
            await door.suppress(session, SYSTEM, ["ok@example.com", "no", "a b@c"], now=NOW)
        assert [one.place for one in refused.value.problems] == ["/addresses/1", "/addresses/2"]
        with pytest.raises(Refused):
            await door.suppress(session, SYSTEM, ["+6512345678"], medium="fax", now=NOW)
        assert await door.suppressions(session, SYSTEM) == []
        with pytest.raises(NotFound):
            await door.allow(session, SYSTEM, "nobody@example.com")
        with pytest.raises(NotAllowed):
            await door.suppress(session, VIEWER, ["a@example.com"], now=NOW)


async def test_numbers_are_kept_for_text_messages(store: Store) -> None:
    async with store.transaction() as session:
        await door.suppress(session, SYSTEM, ["+65 6123 4567"], medium="sms", now=NOW)
        [one] = await door.suppressions(session, SYSTEM, medium="sms")
        assert (one.channel, one.address_key) == ("sms", "+6561234567")


async def test_a_single_address_waits_for_mail_that_is_being_prepared(store: Store) -> None:
    async with store.transaction() as session:
        asks = await asked(session, "news", await add_contacts(session, 1))

    async def stop() -> None:
        async with store.transaction() as session:
            await door.suppress(session, SYSTEM, ["ada0@example.com"], now=NOW)

    async with store.transaction() as session:
        assert said(*await prepared(session, asks))[0] == "goes"
        stopping = asyncio.create_task(stop())
        done, _ = await asyncio.wait([stopping], timeout=0.2)
        assert not done
    await stopping
    async with store.transaction() as session:
        (again,) = await prepared(session, await asked(session, "more", [asks[0].contact_id]))
        assert isinstance(again, NotSent)
        assert again.code == "suppressed"


def test_a_list_may_have_a_heading_comments_and_more_columns() -> None:
    lines = ["email,why", "# from the old system", "", '"ada@example.com",bounced', "example.org"]
    assert listed(lines) == ["ada@example.com", "example.org"]
