"""Which records wait for a decision and may not be changed meanwhile."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.approvals import locks_on
from engine.services.approvals.asking import EditLock


async def locked_fields(
    session: AsyncSession,
    record_kind: str,
    ids: Collection[int],
    *,
    without: Collection[int] = (),
) -> dict[int, EditLock]:
    """The locks by record; a record without an open request is missing. With several open requests
    only what all of them leave editable may be changed. `without` are requests that lock nothing,
    as the change ends them."""
    found: dict[int, EditLock] = {}
    for record_id, request_id, fields in await locks_on(session, record_kind, ids):
        if request_id in without:
            continue
        editable = frozenset(fields)
        known = found.get(record_id)
        if known is not None:
            request_id, editable = known.request_id, known.editable & editable
        found[record_id] = EditLock(request_id, editable)
    return found
