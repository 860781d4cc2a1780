"""Messages: lists, and one with what is known of its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import messages as rows
from crm_store.lists.messages import MessageFilter as MessageFilter
from crm_store.lists.messages import MessageRow
from engine.errors import NotFound
from engine.services.actor import Actor, allowed, hidden_fields, may
from engine.services.roles.hidden_values import words_without
from engine.services.roles.visibility import among_contacts, shows_address
from engine.services.views.names import person_name


@dataclass(frozen=True, slots=True)
class MessageLine:
    """`provider_key` is the id that travels with the message, as Message-ID in mail."""

    id: int
    run_id: int
    flow: str
    flow_label: str
    node: str
    contact_id: int
    contact: str
    address: str | None
    subject: str | None
    template: str
    purpose: str
    channel: str
    language: str | None
    provider_key: str
    state: str
    reason: str | None
    handed_over_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageList:
    lines: tuple[MessageLine, ...]
    next_before: int | None


async def message_list(
    session: AsyncSession,
    actor: Actor,
    wanted: MessageFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> MessageList:
    """Newest first."""
    allowed(actor, "read", "message")
    found = await rows.messages_page(
        session,
        wanted,
        before=before,
        limit=limit + 1,
        which=among_contacts(actor),
        by_address=shows_address(actor),
    )
    lines = tuple(_line(row, actor) for row in found[:limit])
    return MessageList(lines, lines[-1].id if len(found) > limit else None)


async def message_page(session: AsyncSession, actor: Actor, message_id: int) -> MessageLine:
    """Raises NotFound."""
    allowed(actor, "read", "message")
    row = await rows.message_row(session, message_id, among_contacts(actor))
    if row is None:
        raise NotFound(f"There is no message {message_id}.")
    return _line(row, actor)


async def maybe_sent_count(session: AsyncSession, actor: Actor) -> int:
    allowed(actor, "read", "message")
    return await rows.count_maybe_sent(session, among_contacts(actor))


async def message_of_key(session: AsyncSession, actor: Actor, provider_key: str) -> int | None:
    """The number of the message that travelled under this id; None when it is not ours."""
    allowed(actor, "read", "message")
    return await rows.message_id_of_key(session, provider_key)


def _line(row: MessageRow, actor: Actor) -> MessageLine:
    knows, hidden = may(actor, "read", "contact"), hidden_fields(actor, "contact")
    address = row.address if shows_address(actor) else None
    names = (row.first_name, row.last_name, address) if knows else (None, None, None)
    return MessageLine(
        row.id,
        row.run_id,
        row.flow,
        row.flow_label,
        row.node,
        row.contact_id,
        person_name(*names, row.contact_id),
        address,
        words_without(row.subject, hidden),
        row.template,
        row.purpose,
        row.channel,
        row.language,
        row.provider_key,
        row.state,
        row.reason,
        row.handed_over_at,
        row.answered_at,
    )
