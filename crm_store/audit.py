"""The audit trail: rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Audit


async def add_audit_row(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(insert(Audit), [dict(row)])


async def add_audit_rows(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many at once."""
    if rows:
        await session.execute(insert(Audit), [dict(row) for row in rows])


async def recent_audit_rows(
    session: AsyncSession, subject_kind: str, subject_id: str, span: timedelta
) -> int:
    """How often something of this kind was written down within the last `span`, by the database's
    clock."""
    found = await session.scalar(
        select(func.count()).where(
            Audit.subject_kind == subject_kind,
            Audit.subject_id == subject_id,
            Audit.at > func.now() - span,
        )
    )
    return int(found or 0)
