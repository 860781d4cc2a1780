"""The start page: what there is, what waits for somebody, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import flow_numbers, messages, overview, runs
from crm_store.lists.contacts import count_contacts
from crm_store.models import FlowState
from engine.services.actor import Actor, allowed


@dataclass(frozen=True, slots=True)
class Overview:
    """`here` are people in flows now; `has_...` tell how far a newcomer has come."""

    contacts: int
    flows: int
    active_flows: int
    here: int
    held: int
    sent: int
    maybe_sent: int
    has_events: bool
    has_runs: bool
    has_messages: bool


async def home_overview(session: AsyncSession, actor: Actor) -> Overview:
    allowed(actor, "read", "flow")
    progress = await overview.progress(session)
    by_state = await overview.flows_by_state(session)
    of_version = await flow_numbers.version_flows(session)
    inside = 0
    for count in await flow_numbers.counted(session, of_version.keys()):
        inside += count.count if count.exit == "" else -count.count
    held = await runs.count_held(session)
    return Overview(
        contacts=await count_contacts(session),
        flows=sum(by_state.values()),
        active_flows=by_state.get(FlowState.ACTIVE, 0),
        here=max(inside - held, 0),
        held=held,
        sent=await overview.count_sent(session),
        maybe_sent=await messages.count_maybe_sent(session),
        has_events=progress.has_events,
        has_runs=progress.has_runs,
        has_messages=progress.has_messages,
    )
