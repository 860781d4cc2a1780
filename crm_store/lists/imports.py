"""Imports that were done, as the audit has them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Audit


class ImportRow(NamedTuple):
    id: int
    at: datetime
    by: str
    kind: str
    after: dict[str, Any]


async def imports_before(
    session: AsyncSession, kinds: Collection[str], before: int | None, limit: int
) -> list[ImportRow]:
    """The newest first."""
    query = (
        select(Audit.id, Audit.at, Audit.actor_name, Audit.subject_kind, Audit.after)
        .where(Audit.verb == "import", Audit.subject_kind.in_(kinds), Audit.after.is_not(None))
        .order_by(Audit.at.desc(), Audit.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(Audit.id < before)
    return [ImportRow._make(row) for row in await session.execute(query)]
