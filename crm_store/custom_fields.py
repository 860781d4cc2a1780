"""Fields that people defined for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import CustomField


async def custom_fields_of(session: AsyncSession, record: str) -> Sequence[CustomField]:
    found = await session.scalars(
        select(CustomField).where(CustomField.record == record).order_by(CustomField.id)
    )
    return found.all()


async def add_custom_field(session: AsyncSession, row: Mapping[str, Any]) -> int | None:
    """The new id; None when the record has a field of this key already."""
    return await session.scalar(
        insert(CustomField)
        .values(dict(row))
        .on_conflict_do_nothing(index_elements=["record", "key"])
        .returning(CustomField.id)
    )
