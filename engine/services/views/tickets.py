"""Whom a ticket is about, by name."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.tickets import people_of
from engine.services.actor import Actor, hidden_fields
from engine.services.roles.one_record import allowed_record
from engine.services.views.names import person_name


class TicketPeople(NamedTuple):
    contact_id: int | None
    contact: str | None
    account: str | None
    owner: str | None


async def ticket_people(session: AsyncSession, actor: Actor, ticket_id: int) -> TicketPeople:
    """Nobody, where there is no such ticket. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "ticket", ticket_id)
    row = await people_of(session, ticket_id)
    if row is None:
        return TicketPeople(None, None, None, None)
    name = None
    if row.contact_id is not None:
        email = None if "email" in hidden_fields(actor, "contact") else row.email
        name = person_name(row.first_name, row.last_name, email, row.contact_id)
    return TicketPeople(row.contact_id, name, row.account, row.owner)
