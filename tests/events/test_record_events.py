"""Events that our own services report."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from crm_store.partitions import partition_of
from crm_store.session import Store
from engine.services.events import NewEvent, partitions_of, record_event, record_events

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PARTITIONS = 4


@pytest.fixture
async def contacts(store: Store) -> list[int]:
    async with store.connection() as connection:
        found = await connection.execute(
            text("INSERT INTO contact (name_key) SELECT '' FROM generate_series(1, 9) RETURNING id")
        )
        return [row[0] for row in found]


def happened(contact_id: int, message_id: str, name: str = "Stage Changed") -> NewEvent:
    return NewEvent("cadenza", message_id, name, contact_id, {"to": "customer"}, NOON)


async def record(store: Store, *events: NewEvent) -> list[int | None]:
    async with store.transaction() as session:
        return await record_events(session, events, PARTITIONS)


async def test_events_are_written_and_queued_in_their_contacts_partition(
    store: Store, contacts: list[int]
) -> None:
    ids = await record(store, *(happened(one, f"m{one}") for one in contacts))
    async with store.connection() as connection:
        queued = await connection.execute(
            text(
                "SELECT e.id, e.contact_id, p.partition, e.occurred_at, e.received_at FROM event e "
                "JOIN event_pending p ON p.event_id = e.id ORDER BY e.id"
            )
        )
        rows = [tuple(row) for row in queued]

    assert rows == [
        (ids[place], one, partition_of(one, PARTITIONS), NOON, NOON)
        for place, one in enumerate(contacts)
    ]
    assert {row[2] for row in rows} == partitions_of(contacts, PARTITIONS)


async def test_the_same_message_is_recorded_once(store: Store, contacts: list[int]) -> None:
    first = await record(store, happened(contacts[0], "1"), happened(contacts[1], "2"))
    again = await record(store, happened(contacts[0], "1"), happened(contacts[0], "3"))

    assert None not in first
    assert again[0] is None
    assert again[1] is not None


async def test_a_message_twice_in_one_call_is_recorded_once(
    store: Store, contacts: list[int]
) -> None:
    ids = await record(store, happened(contacts[0], "1", "A"), happened(contacts[0], "1", "B"))

    assert ids[0] is not None
    assert ids[1] is None


async def test_one_contacts_events_get_ids_in_the_order_given(
    store: Store, contacts: list[int]
) -> None:
    a, b = contacts[0], contacts[1]
    ids = await record(
        store, happened(b, "1"), happened(a, "2"), happened(b, "3"), happened(a, "4")
    )
    numbers = [one for one in ids if one is not None]

    assert numbers[0] < numbers[2]
    assert numbers[1] < numbers[3]


async def test_nothing_to_record_is_nothing(store: Store) -> None:
    assert await record(store) == []


async def test_one_event(store: Store, contacts: list[int]) -> None:
    async with store.transaction() as session:
        event_id = await record_event(
            session,
            source="cadenza",
            message_id="1",
            name="Message Opened",
            contact_id=contacts[0],
            properties={},
            occurred_at=NOON,
            partitions=PARTITIONS,
        )

    assert event_id is not None


async def test_two_transactions_about_the_same_contacts_do_not_deadlock(
    store: Store, contacts: list[int]
) -> None:
    orders = [contacts, contacts[::-1]] * 4
    ids = await asyncio.gather(
        *(
            record(store, *(happened(one, f"{number}-{one}") for one in order))
            for number, order in enumerate(orders)
        )
    )

    assert None not in [one for some in ids for one in some]
