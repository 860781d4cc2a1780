"""Asking exit rules after records were changed in bulk, without the events that start flows.

An import without events and new exchange rates change what rules read of thousands of people. Who
stands in a flow whose exit rule reads it gets a quiet event, which starts nothing and wakes nobody:
dispatch sees it and lets those go whose exit rule holds now.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.events import add_events
from crm_store.exit_asks import Marks, contacts_inside
from crm_store.flows import version_ids
from crm_store.partitions import partition_of
from engine.services.changes.interest import fields_of_interest
from engine.services.changes.said import SOURCE
from engine.services.plans import Plans

FACTS_CHANGED: Final = "Facts Changed"
KIND: Final = "facts"
PAGE: Final = 5_000


async def versions_that_leave_by(
    session: AsyncSession, plans: Plans, records: Collection[str]
) -> set[int]:
    """Published versions whose exit rule reads something of these kinds of record."""
    known = await plans.plans(session, await version_ids(session))
    return {
        id_
        for id_, plan in known.items()
        if plan.exit_rule is not None
        and any(kind in records for kind, _ in fields_of_interest(plan.exit_rule.reads))
    }


async def ask_page(
    session: AsyncSession,
    versions: Collection[int],
    *,
    by: str,
    partitions: int,
    now: datetime,
    since: Marks | None = None,
    after: int = 0,
) -> tuple[int | None, frozenset[int]]:
    """Queue an event for the next contacts; where the next page begins, None at the end, and the
    partitions to poke after the commit. `by` says what changed the records.
    """
    if not versions:
        return None, frozenset()
    contacts = await contacts_inside(session, versions, since=since, after=after, limit=PAGE)
    token = secrets.token_hex(8)
    events: list[dict[str, Any]] = [
        {
            "source": SOURCE,
            "message_id": f"asked:{token}:{contact}",
            "kind": KIND,
            "name": FACTS_CHANGED,
            "contact_id": contact,
            "properties": {"by": by},
            "occurred_at": now,
            "partition": partition_of(contact, partitions),
        }
        for contact in contacts
    ]
    if events:
        await add_events(session, events, now)
    last = contacts[-1] if len(contacts) == PAGE else None
    return last, frozenset(event["partition"] for event in events)
