"""Batches in one transaction: contacts found or made, their fields, the events and the queue.

A hundred items are the same handful of statements as one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import event_locks as locks
from crm_store.base import folded
from crm_store.contacts import join_visitors
from crm_store.events import Message, new_events
from crm_store.held_contacts import Held, hold
from crm_store.partitions import partition_of
from crm_store.round_trips import Ask, in_one_trip
from crm_store.session import Store
from engine.errors import Unavailable
from engine.services.changes.announcing import Announcer, NewRecord
from engine.services.contacts.acquaintance import Circle
from engine.services.custom_fields import DefinedField, list_custom_fields
from engine.services.events.contact_writing import ContactWriting
from engine.services.events.items import TELLS_FIELDS, Accepted, Batch, Item, Remark
from engine.services.events.joining import join_accounts

ATTEMPTS: Final = 6
LONGEST_PAUSE_SECONDS: Final = 0.02
# How long a newly defined field may still be unknown here.
FIELDS_REMEMBERED_FOR: Final = timedelta(seconds=5)


class Accepting:
    """Writes batches, one object per process; it remembers, for seconds, the custom fields."""

    def __init__(self, store: Store, announcer: Announcer) -> None:
        self._store = store
        self._announcer = announcer
        self._partitions = announcer.partitions
        self._fields: Sequence[DefinedField] = ()
        self._fields_read_at: datetime | None = None

    async def accept(self, batches: Sequence[Batch], now: datetime) -> list[Accepted]:
        """All of them or none; committed when this returns. Answers in the order of the batches.

        Done again from the start when another transaction was first. Raises Unavailable when that
        goes on and on.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._store.transaction() as session:
                    return await self._write(session, batches, now)
            except locks.Overtaken:
                pass
            except DBAPIError as error:
                if not locks.was_overtaken(error):
                    raise
            await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS * attempt))
        raise Unavailable("Too many changes to the same contacts at once. Send the batch again.")

    async def _write(
        self, session: AsyncSession, batches: Sequence[Batch], now: datetime
    ) -> list[Accepted]:
        """The transaction. Raises Overtaken when it must begin anew."""
        items = _once(batches)
        held = await _held(session, items)
        fresh = [item for item in items if _message(item) not in held.seen]
        fields = await self._custom_fields(session, fresh, now)
        writing = ContactWriting(_circle(held), fields, now)
        noted: dict[Item, list[Remark]] = {item: writing.hear(item) for item in fresh}
        if fresh:
            await writing.number(session, held.new_ids)
            about = [(item, writing.contact_id_of(item)) for item in fresh]
            for item, remarks in await self._carry_out(session, writing, about, now):
                noted[item] += remarks
        return [self._answer(batch, noted, writing) for batch in batches]

    async def _carry_out(
        self,
        session: AsyncSession,
        writing: ContactWriting,
        about: Sequence[tuple[Item, int]],
        now: datetime,
    ) -> list[tuple[Item, list[Remark]]]:
        """Contacts and events in one round trip; those between whom others must be asked, in
        several. Returns what was left out."""
        made, changed = writing.made(), writing.changed()
        events = new_events(self._rows(about), now)
        visitors, noted = writing.visitors(), []
        joins = bool(visitors) or any(item.group_id for item, _ in about)
        if joins:
            await _make(session, writing, made)
            await join_visitors(session, visitors)
            await in_one_trip(session, changed)
            noted = await join_accounts(session, about, now)
            await in_one_trip(session, [events])
        else:
            await _make(session, writing, made, [*changed, events])
        still = not (joins or writing.changes_fields)
        if writing.newcomers or not still:
            new = [NewRecord("contact", id_, id_) for id_ in writing.newcomers]
            await self._announcer.announce(session, now, created=new, nothing_changed=still)
        return noted

    async def _custom_fields(
        self, session: AsyncSession, items: Sequence[Item], now: datetime
    ) -> Sequence[DefinedField]:
        if not any(item.traits and item.kind in TELLS_FIELDS for item in items):
            return ()
        read_at = self._fields_read_at
        if read_at is None or not timedelta(0) <= now - read_at < FIELDS_REMEMBERED_FOR:
            self._fields = await list_custom_fields(session, "contact")
            self._fields_read_at = now
        return self._fields

    def _rows(self, about: Sequence[tuple[Item, int]]) -> list[dict[str, Any]]:
        """In order of contacts and, for one contact, as they came."""
        return [
            {
                "source": item.source,
                "message_id": item.message_id,
                "kind": item.kind,
                "name": item.name,
                "contact_id": contact_id,
                "properties": item.properties,
                "occurred_at": item.occurred_at,
                "partition": partition_of(contact_id, self._partitions),
            }
            for item, contact_id in sorted(about, key=lambda pair: pair[1])
        ]

    def _answer(
        self, batch: Batch, noted: dict[Item, list[Remark]], writing: ContactWriting
    ) -> Accepted:
        written = [item for item in batch.items if item in noted]
        touched = {partition_of(writing.contact_id_of(item), self._partitions) for item in written}
        remarks = tuple(remark for item in written for remark in noted[item])
        pairs = tuple(
            (item.index, *writing.to_merge[item]) for item in written if item in writing.to_merge
        )
        twice = len(batch.items) - len(written)
        return Accepted(len(written), twice, frozenset(touched), remarks, pairs)


def _message(item: Item) -> Message:
    return item.source, item.message_id


def _once(batches: Sequence[Batch]) -> list[Item]:
    """Every message once, where it came first."""
    first: dict[Message, Item] = {}
    for batch in batches:
        for item in batch.items:
            first.setdefault(_message(item), item)
    return list(first.values())


async def _make(
    session: AsyncSession, writing: ContactWriting, made: Sequence[Ask], more: Sequence[Ask] = ()
) -> None:
    answers = await in_one_trip(session, [*made, *more])
    if not writing.were_made(answers[: len(made)]):
        raise locks.Overtaken


async def _held(session: AsyncSession, items: Sequence[Item]) -> Held:
    """Everything the items may make or change, in the order that all transactions keep."""
    names = {name for item in items for name in _names(item)}
    groups: set[locks.Name] = {("account", item.group_id) for item in items if item.group_id}
    return await hold(session, names, groups, [_message(item) for item in items])


def _circle(held: Held) -> Circle:
    browsers = {value: one for (kind, value), one in held.ids.items() if kind == "anonymous"}
    named = {name: one for name, one in held.ids.items() if name[0] != "anonymous"}
    return Circle(held.contacts, browsers, named)


def _names(item: Item) -> list[locks.Name]:
    """Every name under which the database may know the person of an item."""
    names: list[locks.Name] = []
    if item.user_id is not None:
        names.append(("user", item.user_id))
    if item.address is not None:
        names.append(("email", folded(item.address)))
    if item.previous_id is not None:
        names.append(("user", item.previous_id))
    browsers = (item.anonymous_id, item.previous_id)
    return [*names, *(("anonymous", browser) for browser in browsers if browser is not None)]
