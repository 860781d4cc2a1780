"""The start page: what there is, what waits for somebody, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import flow_numbers, messages, overview, runs
from crm_store.lists.contacts import count_contacts
from crm_store.models import Contact, FlowState
from engine.errors import NotSignedIn
from engine.services.actor import Actor, may
from engine.services.roles.visibility import among_contacts, visible


@dataclass(frozen=True, slots=True)
class Overview:
    """`here` are people in flows now; `has_...` tell how far a newcomer has come. None is what this
    person may not read at all; who sees some contacts has the figures of those."""

    contacts: int | None
    flows: int | None
    active_flows: int | None
    here: int | None
    held: int | None
    sent: int | None
    maybe_sent: int | None
    has_events: bool
    has_runs: bool
    has_messages: bool


async def home_overview(session: AsyncSession, actor: Actor | None) -> Overview:
    """Everybody has a start page. Raises NotSignedIn."""
    if actor is None:
        raise NotSignedIn("Nobody is signed in. Sign in and try again.")
    progress = await overview.progress(session)
    which = among_contacts(actor)
    flows = active = inside = held = sent = maybe = None
    if may(actor, "read", "flow"):
        by_state = await overview.flows_by_state(session)
        flows, active = sum(by_state.values()), by_state.get(FlowState.ACTIVE, 0)
    if may(actor, "read", "run"):
        held = await runs.count_held(session, which)
        inside = max(await _inside(session, which) - held, 0)
    if may(actor, "read", "message"):
        sent = await _sent(session, which)
        maybe = await messages.count_maybe_sent(session, which)
    return Overview(
        contacts=await _contacts(session, actor),
        flows=flows,
        active_flows=active,
        here=inside,
        held=held,
        sent=sent,
        maybe_sent=maybe,
        has_events=progress.has_events,
        has_runs=progress.has_runs,
        has_messages=progress.has_messages,
    )


async def _contacts(session: AsyncSession, actor: Actor) -> int | None:
    if not may(actor, "read", "contact"):
        return None
    which = visible(actor, "read", "contact", Contact.owner_id)
    return await count_contacts(session, which=which)


async def _inside(session: AsyncSession, which: ColumnElement[bool] | None) -> int:
    """Of everybody it is counted as people come and go; of some they are looked through."""
    if which is not None:
        return await runs.count_inside(session, which)
    inside = 0
    of_version = await flow_numbers.version_flows(session)
    for count in await flow_numbers.counted(session, of_version.keys()):
        inside += count.count if count.exit == "" else -count.count
    return inside


async def _sent(session: AsyncSession, which: ColumnElement[bool] | None) -> int:
    if which is not None:
        return await messages.count_sent_to(session, which)
    return await overview.count_sent(session)
