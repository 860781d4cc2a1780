"""Looking at tickets: lists, and one with its clocks and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import tickets as rows
from crm_store.lists import tickets as lists
from crm_store.lists.tickets import TicketFilter as TicketFilter
from crm_store.lists.tickets import TicketLine as TicketLine
from crm_store.models import Ticket
from crm_store.tickets import CommentRow as CommentRow
from engine.machines.ticket import Clock, Terms, TicketState
from engine.services.actor import Actor, allowed_some
from engine.services.calendars.shelf import CalendarShelf
from engine.services.roles.visibility import allowed_on, visible
from engine.services.tickets.keeping import nothing_called, state_of
from engine.services.tickets.policies import policies
from engine.services.tickets.terms import terms_of
from engine.working_time import NoWorkingTime


@dataclass(frozen=True, slots=True)
class ShownClock:
    """`limit` and `spent` in working time; `due_at` only while the clock runs and is not over."""

    clock: Clock
    limit: timedelta
    spent: timedelta
    running: bool
    due_at: datetime | None
    breached: bool


@dataclass(frozen=True, slots=True)
class ShownTicket:
    """`row` has the columns of the ticket."""

    row: Mapping[str, Any]
    clocks: tuple[ShownClock, ...] = ()
    comments: tuple[CommentRow, ...] = field(default=())


async def list_tickets(
    session: AsyncSession,
    actor: Actor,
    wanted: TicketFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[TicketLine]:
    """Newest first. Raises NotAllowed."""
    allowed_some(actor, "read", "ticket")
    which = visible(actor, "read", "ticket", Ticket.owner_id)
    return await lists.tickets_page(session, wanted, before=before, limit=limit, which=which)


async def show_ticket(
    session: AsyncSession, actor: Actor, ticket_id: int, now: datetime, default_zone: str
) -> ShownTicket:
    """One ticket with the first 200 comments. Raises NotAllowed, NotFound."""
    allowed_some(actor, "read", "ticket")
    row = await rows.ticket_row(session, ticket_id)
    if row is None:
        raise nothing_called(ticket_id)
    allowed_on(actor, "read", "ticket", row["owner_id"], ticket_id)
    comments = await rows.comments_of(session, ticket_id)
    clocks: tuple[ShownClock, ...] = ()
    if row["policy_id"] is not None:
        policy = (await policies(session, [row["policy_id"]]))[row["policy_id"]]
        terms = terms_of(policy, await CalendarShelf().book(session), default_zone)
        clocks = _clocks(state_of(row), terms, now)
    return ShownTicket(row, clocks, tuple(comments))


async def list_comments(
    session: AsyncSession, actor: Actor, ticket_id: int, *, after: int = 0, limit: int = 50
) -> list[CommentRow]:
    """In order. Raises NotAllowed, NotFound."""
    allowed_some(actor, "read", "ticket")
    row = await rows.ticket_row(session, ticket_id)
    if row is None:
        raise nothing_called(ticket_id)
    allowed_on(actor, "read", "ticket", row["owner_id"], ticket_id)
    return await rows.comments_of(session, ticket_id, after=after, limit=limit)


def _clocks(state: TicketState, terms: Terms, now: datetime) -> tuple[ShownClock, ...]:
    found = []
    for clock in Clock:
        limit = terms.limit(state.priority, clock)
        if limit is None:
            continue
        watch = state.watch(clock)
        spent = watch.spent_at(now, terms.calendar, terms.zone)
        breached = f"{clock}:breach" in state.told or spent >= limit
        try:
            due = None if breached else watch.due(limit, terms.calendar, terms.zone)
        except NoWorkingTime:
            due = None
        running = watch.running_since is not None
        found.append(ShownClock(clock, limit, spent, running, due, breached))
    return tuple(found)
