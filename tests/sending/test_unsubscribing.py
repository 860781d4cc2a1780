"""Unsubscribing while mail is sent: `python -m benchmarks.unsubscribing` does it with thousands."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm_store.session import Store
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.messages import still_wanted, until_nothing_is_under_way
from tests.driving.world import START
from tests.messages.people import add_contacts
from tests.sending.asking import asked, prepared, said
from tests.sending.unsubscribing import Paced, parts_of, race


async def test_nobody_who_left_gets_mail_after_the_acknowledgement(store: Store) -> None:
    found = await race(store, 300, 45)
    assert (found.acknowledged, found.too_late, found.unanswered) == (45, 0, 0)
    assert found.sent + found.withheld == 300
    assert found.withheld > 0


async def test_nothing_begins_after_it_although_the_channel_is_far_slower_than_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(still_wanted, "FRESH", timedelta(seconds=0.05))
    async with store.transaction() as session:
        ids = await add_contacts(session, 16)
        await asked(session, "news", ids)
    channel = Paced()
    sending = asyncio.create_task(parts_of(store, channel).performer(0).perform_group(0, 16))
    while len(channel.handed_over) < 4:
        await asyncio.sleep(0.005)
    async with store.transaction() as session:
        await consent.withdraw(session, SYSTEM, ids[15], source="link", now=START, partitions=1)
    page_waits = timedelta(seconds=0.1)
    assert not await until_nothing_is_under_way(store, ids[15], at_most=page_waits)
    await sending
    assert "ada15@example.com" not in channel.handed_over
    assert len(channel.handed_over) == 15
    async with store.transaction() as session:
        kept = await session.execute(text("SELECT contact_id, state FROM message"))
        assert {row[0] for row in kept if row[1] != "sent"} == {ids[15]}
        (again,) = await prepared(session, await asked(session, "more", [ids[15]]))
        assert said(again)[0] == "consent_withdrawn"
