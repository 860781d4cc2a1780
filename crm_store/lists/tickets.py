"""Lists of tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Contact, Ticket, User

OPEN = ("new", "open", "pending", "on_hold")


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """`status` is one status, or "unsolved" for those that are neither solved nor closed."""

    status: str | None = None
    priority: str | None = None
    owner_id: int | None = None
    contact_id: int | None = None
    category: str | None = None


class TicketLine(NamedTuple):
    id: int
    subject: str
    status: str
    priority: str
    category: str | None
    contact_id: int | None
    owner_id: int | None
    opened_at: datetime
    first_response_at: datetime | None
    solved_at: datetime | None
    satisfaction_score: int | None


async def tickets_page(
    session: AsyncSession,
    wanted: TicketFilter,
    *,
    before: int | None,
    limit: int,
    which: ColumnElement[bool] | None = None,
) -> list[TicketLine]:
    """Newest first, by number; `before` is the last number of the page above."""
    query = select(*(getattr(Ticket, name) for name in TicketLine._fields))
    if wanted.status == "unsolved":
        query = query.where(Ticket.status.in_(OPEN))
    elif wanted.status is not None:
        query = query.where(Ticket.status == wanted.status)
    for name in ("priority", "owner_id", "contact_id", "category"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Ticket, name) == value)
    if which is not None:
        query = query.where(which)
    if before is not None:
        query = query.where(Ticket.id < before)
    found = await session.execute(query.order_by(Ticket.id.desc()).limit(limit))
    return [TicketLine._make(row) for row in found]


class PeopleRow(NamedTuple):
    contact_id: int | None
    first_name: str | None
    last_name: str | None
    email: str | None
    account: str | None
    owner: str | None


async def people_of(session: AsyncSession, ticket_id: int) -> PeopleRow | None:
    """Whom a ticket points at, by name."""
    found = await session.execute(
        select(
            *(Ticket.contact_id, Contact.first_name, Contact.last_name, Contact.email),
            *(Account.name, User.name),
        )
        .select_from(Ticket)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Account, Account.id == Ticket.account_id)
        .outerjoin(User, User.id == Ticket.owner_id)
        .where(Ticket.id == ticket_id)
    )
    row = found.one_or_none()
    return None if row is None else PeopleRow(*row)
