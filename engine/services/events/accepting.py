"""One batch, one transaction: contacts found or made, their fields, the events and the queue.

A batch of a hundred items is the same handful of statements as a batch of one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import events as rows
from crm_store.base import folded
from crm_store.partitions import partition_of
from crm_store.session import Store
from engine.errors import Unavailable
from engine.services.contacts import Identity, resolve_contacts
from engine.services.events.items import Accepted, Batch, Item, Remark
from engine.services.events.joining import join_accounts
from engine.services.events.recording import partitions_of

ATTEMPTS: Final = 6
LONGEST_PAUSE_SECONDS: Final = 0.02


async def accept(store: Store, batch: Batch, *, now: datetime, partitions: int) -> Accepted:
    """Write a batch; when this returns it is committed. `now` is when the request arrived.

    Done again from the start when another transaction was first. Raises Unavailable when that goes
    on and on; the client's own retry is safe, because every item has its message id.
    """
    if not batch.items:
        return Accepted(0, 0, frozenset())
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with store.transaction() as session:
                return await write(session, batch, now=now, partitions=partitions)
        except rows.Overtaken:
            pass
        except DBAPIError as error:
            if not rows.was_overtaken(error):
                raise
        await asyncio.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS * attempt))
    raise Unavailable("Too many changes to the same contacts at once. Send the batch again.")


async def write(session: AsyncSession, batch: Batch, *, now: datetime, partitions: int) -> Accepted:
    """The transaction itself. Raises crm_store.events.Overtaken; the caller begins anew."""
    items = _once(batch.items)
    await _lock(session, items)
    seen = await rows.message_ids_seen(session, batch.source, [item.message_id for item in items])
    fresh = [item for item in items if item.message_id not in seen]
    if not fresh:
        return Accepted(0, len(batch.items), frozenset())
    people = await resolve_contacts(session, [_identity(item) for item in fresh], now)
    noted = [
        Remark(fresh[place].index, problem.code, f"{problem.place}: {problem.message}")
        for place, problems in people.remarks.items()
        for problem in problems
    ]
    about = list(zip(fresh, people.contact_ids, strict=True))
    noted += await join_accounts(session, about, now)
    await _add_events(session, batch.source, about, now, partitions)
    return Accepted(
        len(fresh),
        len(batch.items) - len(fresh),
        partitions_of(people.contact_ids, partitions),
        tuple(noted),
    )


def _once(items: Sequence[Item]) -> list[Item]:
    first: dict[str, Item] = {}
    for item in items:
        first.setdefault(item.message_id, item)
    return list(first.values())


async def _lock(session: AsyncSession, items: Sequence[Item]) -> None:
    """Hold everything the batch may make or change, in the order that all batches keep."""
    names = {name for item in items for name in _names(item)}
    groups: set[rows.Name] = {("account", item.group_id) for item in items if item.group_id}
    ids = await rows.contacts_named(session, names)
    missing = names - ids.keys()
    if missing or groups:
        await rows.lock_names(session, missing | groups)
    if missing:
        ids = await rows.contacts_named(session, names)
    await rows.lock_contacts(session, set(ids.values()))


def _names(item: Item) -> list[rows.Name]:
    """Every name under which the database may know the person of an item."""
    names: list[rows.Name] = []
    if item.user_id is not None:
        names.append(("user", item.user_id))
    if item.address is not None:
        names.append(("email", folded(item.address)))
    browsers = (item.anonymous_id, item.previous_id)
    return [*names, *(("anonymous", browser) for browser in browsers if browser is not None)]


def _identity(item: Item) -> Identity:
    return Identity(
        item.user_id,
        item.previous_id or item.anonymous_id,
        item.address,
        item.address_is_user_id,
        item.traits if item.kind == "identify" else {},
    )


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
