"""Moving the runs of a flow whose time has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import PendingEvent, events_by_id
from crm_store.pauses import put_off_by_pause, share_pauses
from crm_store.runs import (
    StandingRow,
    add_counts,
    end_without_contact,
    hold_runs,
    next_due,
    take_due,
)
from engine.machines.journey import Due, EventHappened, GoalReached
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.asides import answer_of, entered, events_of, is_arriving
from engine.services.facts import event_record, load_facts
from engine.services.goals.leaving import leaving_by_goal
from engine.services.plans import Plans
from engine.services.travelling import Ledger, Written

NO_FACTS: Facts = {}
NOTHING = Reads()
PLAN_BROKEN = "plan_broken"
# Due rows that were passed over are in somebody else's hands; looking again sooner would only spin.
LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Advanced:
    """`full`: there may be more right now. `next_due`: when the flow and shard have work again."""

    moved: int
    full: bool
    next_due: datetime | None
    written: Written


async def advance_due(
    session: AsyncSession, plans: Plans, ledger: Ledger, *, flow_id: int, shard: int, limit: int
) -> Advanced:
    """Move up to `limit` due runs one pass, in this transaction.

    Before the commit nothing has happened, after it the runs are no longer due: a crash at any
    point moves nobody twice. A paused flow has nothing due, and whoever is due on a paused node is
    put off until it goes on.
    """
    await share_pauses(session)
    book = await plans.book(session)
    if flow_id in book.paused:
        return Advanced(0, False, None, Written())
    ledger.paused_nodes = book.paused_nodes
    found = await take_due(session, flow_id, shard, ledger.now, limit)
    rows = [row for row in found if not book.holds(flow_id, row.node)]
    await put_off_by_pause(session, [row.id for row in found if book.holds(flow_id, row.node)])
    known = await plans.plans(session, {row.flow_version_id for row in rows})
    await hold_unreadable(session, plans, rows, known, ledger.now)
    await _tell(session, ledger, [row for row in rows if row.flow_version_id in known], known)
    written = await ledger.write(session)
    full = len(found) == limit
    due = None if full else await _next_due(session, ledger, flow_id, shard)
    return Advanced(len(rows), full, due, written)


async def _tell(
    session: AsyncSession, ledger: Ledger, rows: Sequence[StandingRow], plans: Mapping[int, Plan]
) -> None:
    facts = await facts_for(session, rows, plans, ledger.now)
    events = await events_by_id(session, {id_ for row in rows for id_ in events_of(row)})
    leaving = await leaving_by_goal(session, rows, plans)
    for row in rows:
        plan, known = plans[row.flow_version_id], facts.get(row.subject_id, NO_FACTS)
        if row.id in leaving:
            ledger.move(row, plan, GoalReached(), known)
        elif is_arriving(row):
            ledger.move(row, plan, entered(row), known)
        elif answered := answer_of(row):
            ledger.move(row, plan, answered, known)
        elif aside := events_of(row):
            told = [events[id_] for id_ in aside if id_ in events]
            _tell_what_happened(ledger, row, plan, known, told)
        else:
            ledger.move(row, plan, Due(), known)


def _tell_what_happened(
    ledger: Ledger, row: StandingRow, plan: Plan, facts: Facts, events: Sequence[PendingEvent]
) -> None:
    """Events that came while the run could not move: each is told while the step listens."""
    ledger.rest(row, plan)
    for event in events:
        if event.name in ledger.standing(row).listens:
            happened = event_record(event)
            ledger.move(row, plan, EventHappened(happened), {**facts, "event": happened})


async def _next_due(
    session: AsyncSession, ledger: Ledger, flow_id: int, shard: int
) -> datetime | None:
    """The nearest due time; one in the past means that the run could not be taken."""
    due = await next_due(session, flow_id, shard)
    if due is None or due > ledger.now:
        return due
    gone = await end_without_contact(session, flow_id, shard, ledger.now)
    if gone:
        ended = Counter((version, node, "(contact_gone)") for version, node in gone)
        await add_counts(session, dict(ended), ledger.slot)
        due = await next_due(session, flow_id, shard)
    return None if due is None else max(due, ledger.now + LOOK_AGAIN)


async def hold_unreadable(
    session: AsyncSession,
    plans: Plans,
    rows: Collection[StandingRow],
    known: Mapping[int, Plan],
    now: datetime,
) -> None:
    """Hold the runs whose published version cannot be read any more, with the reason; what they
    were about to be told stays with them."""
    lost = [row for row in rows if row.flow_version_id not in known]
    entries: dict[int, dict[str, Any]] = {
        row.id: {
            "at": now.isoformat(),
            "node": row.node,
            "visit": row.visit,
            "what": "held",
            "why": {"code": PLAN_BROKEN, "message": _complaint(plans, row)},
        }
        for row in lost
    }
    await hold_runs(session, [(row.id, row.happening) for row in lost], PLAN_BROKEN, entries, now)


def _complaint(plans: Plans, row: StandingRow) -> str:
    return (
        "This run's version of the flow can no longer be followed: "
        f"{plans.why_broken(row.flow_version_id)}. Bring back what it names (a custom field that "
        "was removed, for example), then retry the run, or end it."
    )


async def facts_for(
    session: AsyncSession, rows: Sequence[StandingRow], plans: Mapping[int, Plan], now: datetime
) -> dict[int, Facts]:
    """Facts by contact, in one load, and only as far as the plans' rules and texts need."""
    reads = union(plan.reads for plan in plans.values())
    if reads == NOTHING:
        return {}
    return await load_facts(session, {row.subject_id for row in rows}, reads, now)
