"""How far somebody has come with Cadenza, for the start page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Contact, Event, Flow, FlowState, Message, MessageState, Run


@dataclass(frozen=True, slots=True)
class Progress:
    has_contacts: bool
    has_events: bool
    has_flows: bool
    has_active_flow: bool
    has_runs: bool
    has_messages: bool


async def progress(session: AsyncSession) -> Progress:
    """What exists at all; each answer looks at one row."""
    active = exists().where(Flow.state == FlowState.ACTIVE)
    found = await session.execute(
        select(
            exists(select(Contact.id)),
            exists(select(Event.id)),
            exists(select(Flow.id)),
            active,
            exists(select(Run.id)),
            exists(select(Message.id)),
        )
    )
    return Progress(*found.one())


async def flows_by_state(session: AsyncSession) -> dict[str, int]:
    found = await session.execute(select(Flow.state, func.count()).group_by(Flow.state))
    return {row[0]: row[1] for row in found}


async def count_sent(session: AsyncSession) -> int:
    chosen = select(func.count()).select_from(Message).where(Message.state == MessageState.SENT)
    return (await session.execute(chosen)).scalar_one()
