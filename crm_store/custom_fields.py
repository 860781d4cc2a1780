"""Fields that people defined for themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
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


async def custom_field_for_change(
    session: AsyncSession, record: str, key: str
) -> CustomField | None:
    """The field, held until the transaction ends."""
    return await session.scalar(
        select(CustomField)
        .where(CustomField.record == record, CustomField.key == key)
        .with_for_update()
    )


async def change_custom_field(
    session: AsyncSession, record: str, key: str, values: Mapping[str, Any]
) -> None:
    await session.execute(
        update(CustomField)
        .where(CustomField.record == record, CustomField.key == key)
        .values(dict(values))
        .execution_options(synchronize_session=False)
    )
