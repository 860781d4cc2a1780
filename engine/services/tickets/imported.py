"""Tickets that come with a file: kept from now on by the policy that counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import tickets as rows
from crm_store.bulk import update_rows
from engine.machines.ticket import Terms, TicketState, adopted, due, is_over
from engine.services.clocks import ClockKind, end_clocks, set_clocks
from engine.services.plans import Plans
from engine.services.sharing import shared_of
from engine.services.tickets.keeping import columns_of, state_of
from engine.services.tickets.policies import policies, policy_now
from engine.services.tickets.terms import terms_of
from engine.services.work import Work


async def tickets_imported(session: AsyncSession, ids: Sequence[int], now: datetime) -> None:
    """For new tickets and those whose status or priority the file has changed. Their clocks begin,
    stand still or go on now, and nothing is told of it; the sweep begins their hosts. What the file
    says was solved longer ago than `close_after` stays solved: nobody hears of its end."""
    if not ids:
        return
    work = Work(session, now, shared_of(Plans()))
    held = await rows.hold_tickets(session, ids)
    first_id, first = await policy_now(session, now)
    kept_by = {row["policy_id"] for row in held.values()} - {None, first_id}
    known = {first_id: first} | await policies(session, kept_by)
    calendars = await work.calendars()
    terms = {
        id_: terms_of(policy, calendars, work.shared.default_zone) for id_, policy in known.items()
    }
    states: dict[int, tuple[TicketState, Terms]] = {}
    columns = {}
    for id_, row in held.items():
        policy_id = row["policy_id"] or first_id
        state = adopted(state_of(row), now, terms[policy_id])
        states[id_] = state, terms[policy_id]
        columns[id_] = columns_of(state, policy_id)
    await update_rows(session, "ticket", columns)
    dues = {id_: due(*one) for id_, one in states.items() if not is_over(one[0])}
    quiet = {
        id_
        for id_, at in dues.items()
        if states[id_][0].status == "solved" and (at is None or at <= now)
    }
    await end_clocks(work, ClockKind.TICKET, (states.keys() - dues.keys()) | quiet)
    open_ones = {id_: at for id_, at in dues.items() if id_ not in quiet}
    await set_clocks(work, ClockKind.TICKET, open_ones)
