"""Filling an empty database at speed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Tag

_FILLED = ("account", "contact", "consent", "contact_tag", '"order"', "deal", "ticket", "event")


async def alone(session: AsyncSession) -> None:
    """Until the transaction ends nobody else fills this database or makes accounts or contacts."""
    await session.execute(text("LOCK TABLE account, contact IN SHARE ROW EXCLUSIVE MODE"))


async def has_no_contacts(session: AsyncSession) -> bool:
    return await session.scalar(select(Contact.id).limit(1)) is None


async def reserve_ids(session: AsyncSession, table: str, count: int) -> range:
    """Consecutive new ids of a table that `alone` holds."""
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    last = await session.scalar(
        text(f"SELECT setval({sequence}, nextval({sequence}) + :more)"),
        {"more": count - 1},
    )
    assert last is not None
    return range(last - count + 1, last + 1)


async def add_tags(session: AsyncSession, names: Sequence[str]) -> None:
    rows = [{"name": name} for name in names]
    await session.execute(insert(Tag).values(rows).on_conflict_do_nothing())


async def learn_statistics(session: AsyncSession) -> None:
    """So that the first pages are planned well, before the server looks at the tables itself."""
    await session.execute(text(f"ANALYZE {', '.join(_FILLED)}"))
