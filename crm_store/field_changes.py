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


class LaterChange(NamedTuple):
    """A field of a contact as it was before it was changed after a moment.

    `old` is the value at the moment; of a tag, `new` says that it was added since.
    """

    contact_id: int
    field: str
    old: Any
    new: Any


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


async def changes_since(
    session: AsyncSession, contact_ids: Collection[int], fields: Collection[str], instant: datetime
) -> list[LaterChange]:
    """What became of the fields of contacts after `instant`: of each field the first change, of
    tags the first of each tag."""
    found = await session.execute(
        text(
            """
            SELECT DISTINCT ON (contact_id, field, tag) contact_id, field, old, new
            FROM field_change, LATERAL (
                SELECT CASE field WHEN 'tags' THEN coalesce(old, new) END AS tag) of_tags
            WHERE record = 'contact' AND contact_id = ANY(:contacts) AND field = ANY(:fields)
                AND changed_at > :instant
            ORDER BY contact_id, field, tag, changed_at, id
            """
        ),
        {"contacts": list(contact_ids), "fields": list(fields), "instant": instant},
    )
    return [LaterChange._make(row) for row in found]


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
