"""Asking the history of fields: what this transaction changed, and what was so at a moment.

Nothing here writes: the triggers of the tables do (see `crm_store.models.field_change`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class ChangedField(NamedTuple):
    """One row of `field_change` that somebody stands behind."""

    id: int
    record: str
    record_id: int
    contact_id: int
    field: str
    old: Any
    new: Any


class DatedChange(NamedTuple):
    """One change of a field of a contact; of a tag, `new` was added or `old` was removed."""

    contact_id: int
    field: str
    old: Any
    new: Any
    changed_at: datetime


async def changes_of_transaction(session: AsyncSession, after: int = 0) -> list[ChangedField]:
    """What this transaction has changed so far, in order; `after` leaves out ids up to it.

    Records that no contact stands behind (accounts, deals without one) are left out. The server of
    a restored backup counts its transactions from the beginning, so the number alone might mean an
    old one.
    """
    found = await session.execute(
        text(
            """
            SELECT id, record, record_id, contact_id, field, old, new FROM field_change
            WHERE transaction_id = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint)
                AND changed_at > now() - interval '1 hour'
                AND id > :after AND contact_id IS NOT NULL
            ORDER BY id
            """
        ),
        {"after": after},
    )
    return [ChangedField._make(row) for row in found]


async def changes_after(
    session: AsyncSession, contact_ids: Collection[int], fields: Collection[str], instant: datetime
) -> list[DatedChange]:
    """Every change of these fields after `instant`, of each contact the latest first."""
    found = await session.execute(
        text(
            """
            SELECT contact_id, field, old, new, changed_at FROM field_change
            WHERE record = 'contact' AND contact_id = ANY(:contacts) AND field = ANY(:fields)
                AND changed_at > :instant
            ORDER BY contact_id, changed_at DESC, id DESC
            """
        ),
        {"contacts": list(contact_ids), "fields": list(fields), "instant": instant},
    )
    return [DatedChange._make(row) for row in found]


async def entered_because_of(
    session: AsyncSession, run_ids: Collection[int], since: datetime
) -> dict[int, Any]:
    """What caused the event by which a run was entered, for runs entered after `since` whose event
    knows."""
    if not run_ids:
        return {}
    found = await session.execute(
        text(
            """
            SELECT r.id, e.properties -> 'caused_by' FROM run r
            JOIN event e ON e.id = r.entry_event_id
            WHERE r.id = ANY(:ids) AND r.entered_at > :since AND e.source = 'cadenza'
                AND e.properties ? 'caused_by'
            """
        ),
        {"ids": list(run_ids), "since": since},
    )
    return {row[0]: row[1] for row in found}
