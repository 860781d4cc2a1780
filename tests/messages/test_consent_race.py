"""Unsubscribing while messages are being sent: after the acknowledgement nothing is handed over."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import timedelta

from crm_store.session import Store
from engine.channels.base import Known, OutgoingMessage
from engine.services import consent
from engine.services.actor import SYSTEM
from engine.services.messages import (
    NotSent,
    Prepared,
    hand_over_all,
    prepare,
    record,
    until_nothing_is_under_way,
)
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts, library

LIBRARY = library()


class Slow:
    """A channel that takes a while and remembers when each address was handed over."""

    name = "slow"
    group_size = 8

    def __init__(self) -> None:
        self.handed_over: dict[str, float] = {}

    async def send(self, message: OutgoingMessage) -> None:
        await asyncio.sleep(random.uniform(0, 0.01))
        self.handed_over[message.to] = time.monotonic()

    async def ask(self, provider_key: str) -> Known:
        del provider_key
        return Known.CANNOT_TELL

    async def close(self) -> None:
        """Nothing to close."""


async def test_nothing_is_handed_over_after_the_acknowledgement(store: Store) -> None:
    async with store.transaction() as session:
        people = await add_contacts(session, 240)
        asks = await add_asks(session, people)
    channel = Slow()
    acknowledged: dict[str, float] = {}
    outcomes: list[Prepared | NotSent] = []

    async def send_all(share: int) -> None:
        for start in range(share * 8, len(asks), 16):
            async with store.transaction() as session:
                group = await prepare(
                    session,
                    asks[start : start + 8],
                    library=LIBRARY,
                    sender_settings=SETTINGS,
                    channel_name="slow",
                    now=NOW,
                )
            outcomes.extend(group)
            ready = [one for one in group if isinstance(one, Prepared)]
            results = await hand_over_all(channel, ready)
            async with store.transaction() as session:
                await record(session, results, NOW)

    async def unsubscribe_some() -> None:
        for place in random.Random(5).sample(range(240), 80):
            async with store.transaction() as session:
                await consent.withdraw(
                    session, SYSTEM, people[place], source="link", now=NOW, partitions=4
                )
            assert await until_nothing_is_under_way(store, people[place])
            acknowledged[f"ada{place}@example.com"] = time.monotonic()

    await asyncio.gather(send_all(0), send_all(1), unsubscribe_some())
    assert len(outcomes) == 240
    assert len(acknowledged) == 80
    too_late = [
        address
        for address, at in acknowledged.items()
        if channel.handed_over.get(address, 0.0) > at
    ]
    assert too_late == []
    spared = [one for one in outcomes if isinstance(one, NotSent)]
    assert {one.code for one in spared} == {"consent_withdrawn"}
    assert len(channel.handed_over) == 240 - len(spared)


async def test_a_withdrawal_waits_for_a_message_being_prepared(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        asks = await add_asks(session, [ada])

    async def withdraw() -> None:
        async with store.transaction() as session:
            await consent.withdraw(session, SYSTEM, ada, source="x", now=NOW, partitions=4)

    async with store.transaction() as session:
        (one,) = await prepare(
            session,
            asks,
            library=LIBRARY,
            sender_settings=SETTINGS,
            channel_name="slow",
            now=NOW,
        )
        assert isinstance(one, Prepared)
        withdrawing = asyncio.create_task(withdraw())
        done, _ = await asyncio.wait([withdrawing], timeout=0.3)
        assert not done
    await withdrawing


async def test_a_message_being_prepared_waits_for_a_withdrawal_and_sees_it(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        asks = await add_asks(session, [ada])

    async def prepare_one() -> list[Prepared | NotSent]:
        async with store.transaction() as session:
            return await prepare(
                session,
                asks,
                library=LIBRARY,
                sender_settings=SETTINGS,
                channel_name="slow",
                now=NOW,
            )

    async with store.transaction() as session:
        await consent.withdraw(
            session, SYSTEM, ada, source="x", now=NOW, partitions=4, all_mail=True
        )
        preparing = asyncio.create_task(prepare_one())
        done, _ = await asyncio.wait([preparing], timeout=0.3)
        assert not done
    (outcome,) = await preparing
    assert isinstance(outcome, NotSent)
    assert outcome.code == "suppressed"


async def test_a_hand_over_left_behind_keeps_nobody_waiting_for_long(store: Store) -> None:
    async with store.transaction() as session:
        (ada,) = await add_contacts(session, 1)
        asks = await add_asks(session, [ada])
        await prepare(
            session, asks, library=LIBRARY, sender_settings=SETTINGS, channel_name="x", now=NOW
        )
    at_most = timedelta(seconds=0.2)
    assert await until_nothing_is_under_way(store, ada, at_most=at_most) is False
