"""What other systems call a contact, and joining two that turn out to be one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert as insert_or
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactAlias

ANONYMOUS = "anonymous_id"


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
