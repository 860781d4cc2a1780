"""Adding one contact or account that somebody writes down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact

Born = Literal["contact", "account"]
_MODELS: Final[Mapping[Born, Any]] = {"contact": Contact, "account": Account}


async def known_by_address(session: AsyncSession, email_key: str) -> int | None:
    """Who has the address, or had it before two became one."""
    found: int | None = await session.scalar(
        select(Contact.id).where(Contact.email_key == email_key)
    )
    if found is not None:
        return found
    known = await session.execute(
        text(
            "SELECT contact_id FROM contact_alias WHERE kind = 'email_key' AND value = :key LIMIT 1"
        ),
        {"key": email_key},
    )
    row = known.one_or_none()
    return None if row is None else int(row[0])


async def add_record(
    session: AsyncSession, record: Born, values: Mapping[str, Any], now: datetime
) -> int | None:
    """Its number; None where somebody just made one that is known by the same."""
    model = _MODELS[record]
    made = await session.execute(
        insert(model)
        .values(**values, created_at=now, updated_at=now)
        .on_conflict_do_nothing()
        .returning(model.id)
    )
    number: int | None = made.scalar_one_or_none()
    return number
