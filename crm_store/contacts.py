"""Finding contacts by what other systems call them, and joining two that turn out to be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from crm_store.models import Contact, ContactAlias

ANONYMOUS = "anonymous_id"


async def contacts_named(
    session: AsyncSession,
    *,
    external_ids: Collection[str] = (),
    email_keys: Collection[str] = (),
    ids: Collection[int] = (),
) -> list[dict[str, Any]]:
    """Every contact that has one of these ids or addresses, whole, each once."""
    wanted: list[ColumnElement[bool]] = []
    if external_ids:
        wanted.append(Contact.external_id == _any(external_ids))
    if email_keys:
        wanted.append(Contact.email_key == _any(email_keys))
    if ids:
        wanted.append(Contact.id.in_(ids))
    if not wanted:
        return []
    found = await session.execute(select(Contact.__table__).where(or_(*wanted)))
    return [dict(row._mapping) for row in found]


async def contacts_behind(session: AsyncSession, anonymous_ids: Collection[str]) -> dict[str, int]:
    """The contact of each anonymous id that was seen before."""
    if not anonymous_ids:
        return {}
    found = await session.execute(
        select(ContactAlias.value, ContactAlias.contact_id).where(
            ContactAlias.kind == ANONYMOUS, ContactAlias.value == _any(anonymous_ids)
        )
    )
    return {row.value: row.contact_id for row in found}


async def add_aliases(session: AsyncSession, contact_of: Mapping[str, int]) -> set[str]:
    """Remember anonymous ids; returns those that went in, as another transaction may be first."""
    if not contact_of:
        return set()
    rows = [
        {"kind": ANONYMOUS, "value": value, "contact_id": contact_id}
        for value, contact_id in sorted(contact_of.items())
    ]
    found = await session.execute(
        insert_or(ContactAlias).values(rows).on_conflict_do_nothing().returning(ContactAlias.value)
    )
    return set(found.scalars())


async def join_visitors(session: AsyncSession, person_of: Mapping[int, int]) -> None:
    """Give visitors' aliases and events to the persons they turned out to be.

    A visitor who is in a flow stays as an empty row, because the run is about it; others go.
    """
    pairs = [{"visitor": visitor, "person": person} for visitor, person in person_of.items()]
    if not pairs:
        return
    for statement in _JOIN:
        await session.execute(text(statement), pairs)


_JOIN: Sequence[str] = (
    "UPDATE contact_alias SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE event SET contact_id = :person WHERE contact_id = :visitor",
    'UPDATE "order" SET contact_id = :person WHERE contact_id = :visitor',
    "UPDATE deal SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE ticket SET contact_id = :person WHERE contact_id = :visitor",
    "UPDATE activity SET contact_id = :person WHERE contact_id = :visitor",
    """
    INSERT INTO contact_tag (contact_id, tag)
    SELECT :person, tag FROM contact_tag WHERE contact_id = :visitor ON CONFLICT DO NOTHING
    """,
    """
    DELETE FROM contact WHERE id = :visitor AND NOT EXISTS
        (SELECT 1 FROM run WHERE subject_id = :visitor AND subject_kind = 'contact')
    """,
)


async def note_seen(session: AsyncSession, contact_ids: Collection[int], at: Any) -> None:
    """Move `last_seen_at` forward, at most once an hour each: a visit is not worth ten writes.

    A row that somebody else is writing is passed over, so this never waits and cannot deadlock.
    """
    await session.execute(
        text(
            """
            UPDATE contact SET last_seen_at = :at WHERE id IN (
                SELECT id FROM contact WHERE id = ANY(CAST(:ids AS bigint[]))
                AND (last_seen_at IS NULL
                     OR last_seen_at < CAST(:at AS timestamptz) - interval '1 hour')
                FOR NO KEY UPDATE SKIP LOCKED)
            """
        ),
        {"ids": sorted(contact_ids), "at": at},
    )


def _any(values: Collection[str]) -> ColumnElement[Any]:
    return func.any(bindparam(None, sorted(values), type_=ARRAY(Text)))
