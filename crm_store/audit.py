"""The audit trail: rows are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Audit


async def add_audit_row(session: AsyncSession, row: Mapping[str, Any]) -> None:
    await session.execute(insert(Audit), [dict(row)])
