"""Runs: lists, and everything that happened to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import runs as rows
from crm_store.lists.runs import RunFilter as RunFilter
from crm_store.sending import deferrals_of_run
from engine.errors import NotFound
from engine.flows.model import Flow, from_definition
from engine.rules import Catalogue
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.views.names import person_name

# A run that did more than this is shown from its start; nobody reads further.
MOST_PASSES = 500


@dataclass(frozen=True, slots=True)
class RunLine:
    id: int
    flow: str
    flow_label: str
    version: int
    contact_id: int
    contact: str
    email: str | None
    state: str
    node: str
    outcome: str | None
    due_at: datetime | None
    listens: tuple[str, ...]
    entered_at: datetime
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class RunList:
    """`next_before` is where the next page begins, None on the last."""

    lines: tuple[RunLine, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class SentMessage:
    id: int
    node: str
    visit: int
    address: str | None
    subject: str | None
    state: str
    reason: str | None
    handed_over_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageWait:
    """A message was made to wait by the arbiter; `read` are the values behind the reason."""

    node: str
    visit: int
    reason: str
    at: datetime
    until: datetime
    read: Mapping[str, Any]
    pending: bool


@dataclass(frozen=True, slots=True)
class MadeTask:
    id: int
    subject: str
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StartingEvent:
    id: int
    name: str
    occurred_at: datetime
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run with its whole journal, in order. `zone` is the contact's, None when unknown;
    `catalogue` names the facts its rules read."""

    id: int
    flow_name: str
    flow_label: str
    flow_state: str
    version_id: int
    version: int
    flow: Flow
    contact_id: int
    contact: str
    email: str | None
    zone: str | None
    state: str
    node: str
    visit: int
    outcome: str | None
    due_at: datetime | None
    listens: tuple[str, ...]
    entered_at: datetime
    moved_at: datetime
    ended_at: datetime | None
    entries: tuple[Mapping[str, Any], ...]
    messages: tuple[SentMessage, ...]
    tasks: tuple[MadeTask, ...]
    event: StartingEvent | None
    catalogue: Catalogue
    waits: tuple[MessageWait, ...] = ()


async def run_list(
    session: AsyncSession,
    actor: Actor,
    wanted: RunFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> RunList:
    """Newest first."""
    allowed(actor, "read", "run")
    found = await rows.runs_page(session, wanted, before=before, limit=limit + 1)
    lines = tuple(
        RunLine(
            row.id,
            row.flow,
            row.flow_label,
            row.version,
            row.contact_id,
            person_name(row.first_name, row.last_name, row.email, row.contact_id),
            row.email,
            row.state,
            row.node,
            row.outcome,
            row.due_at,
            tuple(row.listens),
            row.entered_at,
            row.moved_at,
        )
        for row in found[:limit]
    )
    return RunList(lines, lines[-1].id if len(found) > limit else None)


async def held_count(session: AsyncSession, actor: Actor) -> int:
    allowed(actor, "read", "run")
    return await rows.count_held(session)


async def last_moved(session: AsyncSession, actor: Actor, run_id: int) -> datetime | None:
    """When the run moved last; cheap enough to ask while somebody looks."""
    allowed(actor, "read", "run")
    return await rows.moved_at(session, run_id)


async def run_page(session: AsyncSession, actor: Actor, run_id: int) -> RunPage:
    """Raises NotFound."""
    allowed(actor, "read", "run")
    found = await rows.run_with_flow(session, run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}.")
    run, flow, version, contact = found
    journal = await rows.journal_of(session, run_id, limit=MOST_PASSES)
    messages = await rows.messages_of_run(session, run_id)
    tasks = await rows.tasks_of_run(session, run_id, run.subject_id)
    event = await rows.event_named_by(session, run.entry_event_id)
    return RunPage(
        id=run.id,
        flow_name=flow.name,
        flow_label=flow.label,
        flow_state=flow.state,
        version_id=version.id,
        version=version.number,
        flow=from_definition(version.definition),
        contact_id=run.subject_id,
        contact=person_name(
            contact.first_name if contact else None,
            contact.last_name if contact else None,
            contact.email if contact else None,
            run.subject_id,
        ),
        email=contact.email if contact else None,
        zone=contact.time_zone if contact else None,
        state=run.state,
        node=run.node,
        visit=run.visit,
        outcome=run.outcome,
        due_at=run.due_at,
        listens=tuple(run.listens),
        entered_at=run.entered_at,
        moved_at=run.moved_at,
        ended_at=run.ended_at,
        entries=tuple(entry for row in journal for entry in row.entries),
        messages=tuple(
            SentMessage(
                message.id,
                message.node,
                visit,
                message.address,
                message.subject,
                message.state,
                message.reason,
                message.handed_over_at,
                message.answered_at,
            )
            for visit, message in messages
        ),
        tasks=tuple(
            MadeTask(task.id, task.subject, task.due_at, task.done_at, task.created_at)
            for task in tasks
        ),
        event=StartingEvent(event.id, event.name, event.occurred_at, event.properties)
        if event
        else None,
        catalogue=await current_catalogue(session),
        waits=tuple(MessageWait(*row) for row in await deferrals_of_run(session, run_id)),
    )
