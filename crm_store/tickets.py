"""Tickets as their service moves them, and what is said about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.base import folded
from crm_store.models import AuthorKind, Contact, Ticket, TicketComment
from crm_store.names import contact_name_key

_KEPT = tuple(Ticket.__table__.columns)


class CommentRow(NamedTuple):
    """`author` is a user's name; None for the contact and for Cadenza."""

    id: int
    ticket_id: int
    author_kind: str
    author_id: int | None
    author: str | None
    internal: bool
    body: str
    source: str | None
    created_at: datetime


class NewComment(NamedTuple):
    """The same `message_id` of a source is kept once."""

    ticket_id: int
    author_kind: AuthorKind
    author_id: int | None
    body: str
    internal: bool = False
    source: str | None = None
    message_id: str | None = None


async def hold_tickets(session: AsyncSession, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The tickets by column, locked in the order of ids, after their contacts: whoever merges or
    erases a contact comes to its tickets from there."""
    if not ids:
        return {}
    given = {"ids": list(ids)}
    await session.execute(
        text(
            "SELECT 1 FROM contact WHERE id IN (SELECT contact_id FROM ticket WHERE id = ANY(:ids))"
            " ORDER BY id FOR KEY SHARE"
        ),
        given,
    )
    found = await session.execute(
        select(*_KEPT)
        .where(Ticket.id.in_(list(ids)))
        .order_by(Ticket.id)
        .with_for_update(key_share=True)
    )
    return {row["id"]: dict(row) for row in found.mappings()}


async def ticket_row(session: AsyncSession, ticket_id: int) -> dict[str, Any] | None:
    found = await session.execute(select(*_KEPT).where(Ticket.id == ticket_id))
    row = found.mappings().one_or_none()
    return None if row is None else dict(row)


async def add_ticket(session: AsyncSession, values: Mapping[str, Any]) -> int | None:
    """The new ticket's id; None where its external id is another's. Its account and owner are the
    contact's unless given."""
    contact = (
        await session.execute(
            select(Contact.account_id, Contact.owner_id).where(Contact.id == values["contact_id"])
        )
    ).one()
    row = {"account_id": contact[0], "owner_id": contact[1], **values}
    found = await session.execute(
        insert(Ticket)
        .values(row)
        .on_conflict_do_nothing(index_elements=[Ticket.external_id])
        .returning(Ticket.id)
    )
    return found.scalar_one_or_none()


async def put_ticket(session: AsyncSession, ticket_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


async def hold_contact(session: AsyncSession, contact_id: int) -> bool:
    """Let nobody merge or erase the contact, nor take in another ticket of theirs, until this
    transaction ends; False when there is none."""
    found = await session.execute(
        text("SELECT id FROM contact WHERE id = :id FOR NO KEY UPDATE"), {"id": contact_id}
    )
    return found.one_or_none() is not None


async def twin_of(
    session: AsyncSession, contact_id: int, subject_key: str, since: datetime
) -> int | None:
    """The newest open ticket of the contact about the same, that something was said on lately."""
    found = await session.execute(
        text(
            """
            SELECT t.id FROM ticket t
            WHERE t.contact_id = :contact AND t.subject_key = :key
              AND t.status NOT IN ('solved', 'closed')
              AND greatest(t.opened_at, (SELECT max(created_at) FROM ticket_comment c
                                         WHERE c.ticket_id = t.id AND NOT c.internal)) >= :since
            ORDER BY t.id DESC LIMIT 1
            """
        ),
        {"contact": contact_id, "key": subject_key, "since": since},
    )
    return found.scalar_one_or_none()


async def said_before(session: AsyncSession, source: str, message_id: str) -> int | None:
    """The ticket that has a comment of this source and id already."""
    found = await session.execute(
        select(TicketComment.ticket_id).where(
            TicketComment.source == source, TicketComment.message_id == message_id
        )
    )
    return found.scalar_one_or_none()


async def ticket_called(session: AsyncSession, external_id: str) -> int | None:
    found = await session.execute(select(Ticket.id).where(Ticket.external_id == external_id))
    return found.scalar_one_or_none()


async def add_comment(session: AsyncSession, comment: NewComment, now: datetime) -> int | None:
    """Its id; None where the source's id was there before."""
    found = await session.execute(
        insert(TicketComment)
        .values(**comment._asdict(), created_at=now)
        .on_conflict_do_nothing(index_elements=["source", "message_id"])
        .returning(TicketComment.id)
    )
    return found.scalar_one_or_none()


async def comments_of(
    session: AsyncSession, ticket_id: int, *, after: int = 0, limit: int = 200
) -> list[CommentRow]:
    """In the order in which they were said."""
    found = await session.execute(
        text(
            """
            SELECT c.id, c.ticket_id, c.author_kind, c.author_id, u.name, c.internal, c.body,
                   c.source, c.created_at
            FROM ticket_comment c LEFT JOIN "user" u ON u.id = c.author_id
            WHERE c.ticket_id = :ticket AND c.id > :after ORDER BY c.id LIMIT :limit
            """
        ),
        {"ticket": ticket_id, "after": after, "limit": limit},
    )
    return [CommentRow._make(row) for row in found]


async def move_comments(session: AsyncSession, from_id: int, to_id: int) -> None:
    await session.execute(
        text("UPDATE ticket_comment SET ticket_id = :to WHERE ticket_id = :from_"),
        {"to": to_id, "from_": from_id},
    )


async def contact_for_address(
    session: AsyncSession, email: str, name: str | None, source: str, now: datetime
) -> tuple[int, bool]:
    """The contact of this address, a new one where nobody has it; whether it is new."""
    key = folded(email)
    for _ in range(2):
        found = await session.execute(
            text(
                """
                SELECT id FROM contact WHERE email_key = :key
                UNION ALL
                SELECT contact_id FROM contact_alias
                WHERE kind = 'email_key' AND value = :key LIMIT 1
                """
            ),
            {"key": key},
        )
        known = found.scalar()
        if known is not None:
            return int(known), False
        made = await session.execute(
            insert(Contact)
            .values(
                email=email,
                email_key=key,
                first_name=name,
                name_key=contact_name_key(name, None, email),
                source=source,
                created_at=now,
                updated_at=now,
            )
            .on_conflict_do_nothing(index_elements=[Contact.email_key])
            .returning(Contact.id)
        )
        new = made.scalar_one_or_none()
        if new is not None:
            return int(new), True
    raise AssertionError("the contact was made and removed at the same moment")


async def surveyed_lately(session: AsyncSession, contact_id: int, since: datetime) -> bool:
    """Whether the contact was asked about another ticket since then."""
    found = await session.execute(
        text(
            "SELECT 1 FROM ticket WHERE contact_id = :contact AND satisfaction_asked_at > :since"
            " LIMIT 1"
        ),
        {"contact": contact_id, "since": since},
    )
    return found.one_or_none() is not None
