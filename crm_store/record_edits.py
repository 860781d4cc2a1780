"""Writing fields of contacts, accounts and tickets that somebody edits, of one or of many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Table, func, literal, or_, select, true, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import cast

from crm_store.models import Account, Contact, ContactTag, Ticket
from crm_store.record_changes import hold_contacts

Record = Literal["contact", "account", "ticket"]
_MODELS: Final[Mapping[Record, Any]] = {"contact": Contact, "account": Account, "ticket": Ticket}


def _table(record: Record) -> Table:
    table: Table = _MODELS[record].__table__
    return table


async def hold_records(
    session: AsyncSession, record: Record, ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """The records as they are, held until the transaction ends, lower numbers first."""
    if record == "contact":
        await hold_contacts(session, ids)
    table = _table(record)
    query = select(table).where(table.c.id.in_(ids)).order_by(table.c.id)
    if record != "contact":
        query = query.with_for_update(key_share=True)
    return {row["id"]: dict(row) for row in (await session.execute(query)).mappings()}


async def write_fields(
    session: AsyncSession,
    record: Record,
    ids: Collection[int],
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """The same values for all of them. Keys are columns, or `custom.<key>`, where None takes the
    field away."""
    table = _table(record)
    columns = {name: value for name, value in values.items() if not name.startswith("custom.")}
    custom = {
        name.removeprefix("custom."): value
        for name, value in values.items()
        if name.startswith("custom.")
    }
    if custom:
        known = {key: value for key, value in custom.items() if value is not None}
        gone = [key for key, value in custom.items() if value is None]
        document: Any = table.c.custom.concat(cast(known, JSONB))
        for key in gone:
            document = document.op("-")(literal(key))
        columns["custom"] = document
    if "updated_at" in table.c:
        columns["updated_at"] = now
    await session.execute(update(table).where(table.c.id.in_(ids)).values(**columns))


async def holder_of_address(session: AsyncSession, email_key: str, *, besides: int) -> int | None:
    """Another contact with this address."""
    found: int | None = await session.scalar(
        select(Contact.id).where(Contact.email_key == email_key, Contact.id != besides)
    )
    return found


async def holder_of_external_id(
    session: AsyncSession, record: Record, external_id: str, *, besides: int
) -> int | None:
    table = _table(record)
    found: int | None = await session.scalar(
        select(table.c.id).where(table.c.external_id == external_id, table.c.id != besides)
    )
    return found


async def with_tags(
    session: AsyncSession, ids: Collection[int], tags: Collection[str], *, all_of_them: bool
) -> frozenset[int]:
    """Those of the contacts that have all of the tags, or one of them."""
    found = await session.execute(
        select(ContactTag.contact_id)
        .where(ContactTag.contact_id.in_(ids), ContactTag.tag.in_(tags))
        .group_by(ContactTag.contact_id)
        .having(func.count() >= (len(tags) if all_of_them else 1))
    )
    return frozenset(row[0] for row in found)


async def account_names(
    session: AsyncSession, words: str, limit: int, which: ColumnElement[bool] | None = None
) -> list[tuple[int, str]]:
    """Accounts whose name contains the words, for choosing one."""
    query = select(Account.id, Account.name).order_by(Account.name_key, Account.id).limit(limit)
    query = query.where(true() if which is None else which)
    if words:
        query = query.where(
            or_(Account.name_key.contains(words, autoescape=True), Account.domain == words)
        )
    return [(row[0], row[1]) for row in await session.execute(query)]
