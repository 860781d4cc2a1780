"""One batch, one transaction: contacts found or made, their fields, the events and the queue.

A batch of a hundred items is the same handful of statements as a batch of one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import events as rows
from crm_store.base import folded
from crm_store.partitions import partition_of
from crm_store.session import Store
from engine.errors import Unavailable
from engine.services.contacts.acquaintance import Circle
from engine.services.custom_fields import DefinedField, list_custom_fields
from engine.services.events.contact_writing import ContactWriting
from engine.services.events.items import Accepted, Batch, Item
from engine.services.events.joining import join_accounts
from engine.services.events.recording import partitions_of

ATTEMPTS: Final = 6
LONGEST_PAUSE_SECONDS: Final = 0.02
# How long a newly defined field may still be unknown here.
FIELDS_REMEMBERED_FOR: Final = timedelta(seconds=5)


class Intake:
    """Takes batches in, one object per process; it remembers, for seconds, the custom fields."""

    def __init__(self, store: Store, partitions: int) -> None:
        self._store = store
        self._partitions = partitions
        self._fields: Sequence[DefinedField] = ()
        self._fields_read_at: datetime | None = None

    async def accept(self, batch: Batch, now: datetime) -> Accepted:
        """Write a batch; when this returns it is committed. `now` is when the request arrived.

        Done again from the start when another transaction was first. Raises Unavailable when that
        goes on and on; the client's own retry is safe, because every item has its message id.
        """
        if not batch.items:
            return Accepted(0, 0, frozenset())
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._store.transaction() as session:
                    return await self._write(session, batch, now)
            except rows.Overtaken:
                pass
            except DBAPIError as error:
                if not rows.was_overtaken(error):
                    raise
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS * attempt))
        raise Unavailable("Too many changes to the same contacts at once. Send the batch again.")

    async def _write(self, session: AsyncSession, batch: Batch, now: datetime) -> Accepted:
        """The transaction. Raises Overtaken when it must begin anew."""
        items = _once(batch.items)
        circle = await _held(session, items)
        message_ids = [item.message_id for item in items]
        seen = await rows.message_ids_seen(session, batch.source, message_ids)
        fresh = [item for item in items if item.message_id not in seen]
        if not fresh:
            return Accepted(0, len(batch.items), frozenset())
        writing = ContactWriting(circle, await self._custom_fields(session, fresh, now), now)
        noted = [remark for item in fresh for remark in writing.hear(item)]
        await writing.write(session, batch.source)
        about = [(item, writing.contact_id_of(item)) for item in fresh]
        noted += await join_accounts(session, about, now)
        await _add_events(session, batch.source, about, now, self._partitions)
        touched = partitions_of((contact_id for _, contact_id in about), self._partitions)
        return Accepted(len(fresh), len(batch.items) - len(fresh), touched, tuple(noted))

    async def _custom_fields(
        self, session: AsyncSession, items: Sequence[Item], now: datetime
    ) -> Sequence[DefinedField]:
        if not any(item.kind == "identify" for item in items):
            return ()
        read_at = self._fields_read_at
        if read_at is None or not timedelta(0) <= now - read_at < FIELDS_REMEMBERED_FOR:
            self._fields = await list_custom_fields(session, "contact")
            self._fields_read_at = now
        return self._fields


def _once(items: Sequence[Item]) -> list[Item]:
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.message_id, item)
    return list(first.values())


async def _held(session: AsyncSession, items: Sequence[Item]) -> Circle:
    """Lock everything the batch may make or change, in the order that all batches keep."""
    names = {name for item in items for name in _names(item)}
    groups: set[rows.Name] = {("account", item.group_id) for item in items if item.group_id}
    ids = await rows.contacts_named(session, names)
    missing = names - ids.keys()
    if missing or groups:
        await rows.lock_names(session, missing | groups)
    if missing:
        ids = await rows.contacts_named(session, names)
    contacts = await rows.lock_contacts(session, set(ids.values()))
    return Circle(
        contacts, {value: one for (kind, value), one in ids.items() if kind == "anonymous"}
    )


def _names(item: Item) -> list[rows.Name]:
    """Every name under which the database may know the person of an item."""
    names: list[rows.Name] = []
    if item.user_id is not None:
        names.append(("user", item.user_id))
    if item.address is not None:
        names.append(("email", folded(item.address)))
    browsers = (item.anonymous_id, item.previous_id)
    return [*names, *(("anonymous", browser) for browser in browsers if browser is not None)]


async def _add_events(
    session: AsyncSession,
    source: str,
    about: Sequence[tuple[Item, int]],
    now: datetime,
    partitions: int,
) -> None:
    """In order of contacts and, for one contact, of the batch."""
    events = [
        {
            "source": source,
            "message_id": item.message_id,
            "kind": item.kind,
            "name": item.name,
            "contact_id": contact_id,
            "properties": item.properties,
            "occurred_at": item.occurred_at,
            "partition": partition_of(contact_id, partitions),
        }
        for item, contact_id in sorted(about, key=lambda pair: pair[1])
    ]
    written = await rows.add_events(session, events, now)
    if len(written) < len(events):
        raise rows.Overtaken
