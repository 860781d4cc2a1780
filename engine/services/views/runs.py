"""Runs: lists, and everything that happened to one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import runs as rows
from crm_store.lists.runs import RunFilter as RunFilter
from crm_store.sending import deferrals_of_run
from engine.errors import NotFound
from engine.flows.model import Flow, from_definition
from engine.rules import Catalogue
from engine.services.actor import Actor, allowed, hidden_fields, may
from engine.services.plans import current_catalogue
from engine.services.roles.hidden_values import without_hidden, words_without
from engine.services.roles.visibility import among_contacts, shows_address
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
    found = await rows.runs_page(
        session,
        wanted,
        before=before,
        limit=limit + 1,
        which=among_contacts(actor),
        by_address=shows_address(actor),
    )
    lines = tuple(
        RunLine(
            row.id,
            row.flow,
            row.flow_label,
            row.version,
            row.contact_id,
            *_who(actor, row.first_name, row.last_name, row.email, row.contact_id),
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
    return await rows.count_held(session, among_contacts(actor))


async def last_moved(session: AsyncSession, actor: Actor, run_id: int) -> datetime | None:
    """When the run moved last; cheap enough to ask while somebody looks."""
    await may_look_at_run(session, actor, run_id)
    return await rows.moved_at(session, run_id)


async def run_page(session: AsyncSession, actor: Actor, run_id: int) -> RunPage:
    """Raises NotFound."""
    await may_look_at_run(session, actor, run_id)
    found = await rows.run_with_flow(session, run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}.")
    run, flow, version, contact = found
    hidden = hidden_fields(actor, "contact")
    name, email = _who(
        actor,
        contact.first_name if contact else None,
        contact.last_name if contact else None,
        contact.email if contact else None,
        run.subject_id,
    )
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
        contact=name,
        email=email,
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
        entries=tuple(without_hidden(entry, hidden) for row in journal for entry in row.entries),
        messages=tuple(
            SentMessage(
                message.id,
                message.node,
                visit,
                message.address if shows_address(actor) else None,
                words_without(message.subject, hidden),
                message.state,
                message.reason,
                message.handed_over_at,
                message.answered_at,
            )
            for visit, message in messages
        ),
        tasks=tuple(
            MadeTask(
                task.id,
                words_without(task.subject, hidden) or "",
                task.due_at,
                task.done_at,
                task.created_at,
            )
            for task in tasks
        ),
        event=StartingEvent(
            *(event.id, event.name, event.occurred_at), without_hidden(event.properties, hidden)
        )
        if event
        else None,
        catalogue=await current_catalogue(session),
        waits=tuple(
            replace(wait, read=without_hidden(wait.read, hidden))
            for wait in (MessageWait(*row) for row in await deferrals_of_run(session, run_id))
        ),
    )


async def may_look_at_run(session: AsyncSession, actor: Actor, run_id: int) -> None:
    """Return when this person may see the run: it is of a contact they may see. Raises NotAllowed,
    and NotFound. Asks the database only when it matters whose the contact is."""
    allowed(actor, "read", "run")
    which = among_contacts(actor)
    if which is not None and not await rows.is_run_of(session, run_id, which):
        raise NotFound(f"There is no run {run_id}.")


def _who(
    actor: Actor, first: str | None, last: str | None, email: str | None, contact_id: int
) -> tuple[str, str | None]:
    """Name and address, as far as they may be told."""
    if not may(actor, "read", "contact"):
        return person_name(None, None, None, contact_id), None
    shown = email if shows_address(actor) else None
    return person_name(first, last, shown, contact_id), shown
