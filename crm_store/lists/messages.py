"""Lists of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.runs import MOST_PEOPLE_FOUND
from crm_store.lists.searching import contact_matches
from crm_store.models import Contact, Flow, Message, MessageState


@dataclass(frozen=True, slots=True)
class MessageFilter:
    flow: str | None = None
    state: str | None = None
    search: str | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    run_id: int
    flow: str
    flow_label: str
    node: str
    contact_id: int
    first_name: str | None
    last_name: str | None
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


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id,
            Message.run_id,
            Flow.name,
            Flow.label,
            Message.node,
            Contact.id,
            Contact.first_name,
            Contact.last_name,
            Message.address,
            Message.subject,
            Message.template,
            Message.purpose,
            Message.channel,
            Message.language,
            Message.provider_key,
            Message.state,
            Message.reason,
            Message.handed_over_at,
            Message.answered_at,
        )
        .join(Flow, Flow.id == Message.flow_id)
        .join(Contact, Contact.id == Message.contact_id)
    )


async def messages_page(
    session: AsyncSession,
    wanted: MessageFilter,
    *,
    before: int | None,
    limit: int,
    which: ColumnElement[bool] | None = None,
    by_address: bool = True,
) -> list[MessageRow]:
    """Newest first; `before` is the last number of the page above, `which` says to whom of the
    contacts."""
    chosen = _rows().order_by(Message.id.desc()).limit(limit)
    if which is not None:
        chosen = chosen.where(which)
    if before is not None:
        chosen = chosen.where(Message.id < before)
    if wanted.flow:
        flow_id = select(Flow.id).where(Flow.name == wanted.flow).scalar_subquery()
        chosen = chosen.where(Message.flow_id == flow_id)
    if wanted.state:
        chosen = chosen.where(Message.state == wanted.state)
    if wanted.contact_id is not None:
        chosen = chosen.where(Message.contact_id == wanted.contact_id)
    if wanted.search:
        found = contact_matches(wanted.search, by_address=by_address)
        people = select(Contact.id).where(found).limit(MOST_PEOPLE_FOUND)
        chosen = chosen.where(Message.contact_id.in_(people))
    return [MessageRow(*row) for row in await session.execute(chosen)]


async def message_row(
    session: AsyncSession, message_id: int, which: ColumnElement[bool] | None = None
) -> MessageRow | None:
    chosen = _rows().where(Message.id == message_id)
    row = (await session.execute(chosen if which is None else chosen.where(which))).first()
    return MessageRow(*row) if row else None


async def message_id_of_key(session: AsyncSession, provider_key: str) -> int | None:
    """The message that travelled under this id, None when it is not one of ours."""
    return await session.scalar(select(Message.id).where(Message.provider_key == provider_key))


async def count_sent_to(session: AsyncSession, which: ColumnElement[bool]) -> int:
    """How many were sent to these of the contacts."""
    chosen = select(func.count()).select_from(Message)
    chosen = chosen.join(Contact, Contact.id == Message.contact_id)
    chosen = chosen.where(Message.state == MessageState.SENT, which)
    return (await session.execute(chosen)).scalar_one()


async def count_maybe_sent(session: AsyncSession, which: ColumnElement[bool] | None = None) -> int:
    chosen = (
        select(func.count()).select_from(Message).where(Message.state == MessageState.MAYBE_SENT)
    )
    if which is not None:
        chosen = chosen.join(Contact, Contact.id == Message.contact_id).where(which)
    return (await session.execute(chosen)).scalar_one()
