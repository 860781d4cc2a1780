"""Moving the runs of a flow whose time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.runs import StandingRow, next_due, take_due
from engine.machines.journey import Due, Happening
from engine.machines.plan import Plan
from engine.rules import Facts, Reads, union
from engine.services.facts import load_facts
from engine.services.plans import Plans
from engine.services.travelling import Ledger, Written, happening_of

NO_FACTS: Facts = {}
NOTHING = Reads()


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
    point moves nobody twice. A paused flow has nothing due.
    """
    book = await plans.book(session)
    if flow_id in book.paused:
        return Advanced(0, False, None, Written())
    rows = await take_due(session, flow_id, shard, ledger.now, limit)
    known = await plans.plans(session, {row.flow_version_id for row in rows})
    facts = await facts_for(session, rows, known, ledger.now)
    for row in rows:
        happening: Happening = happening_of(row) if row.happening is not None else Due()
        plan = known[row.flow_version_id]
        ledger.move(row, plan, happening, facts.get(row.subject_id, NO_FACTS))
    written = await ledger.write(session)
    full = len(rows) == limit
    return Advanced(
        len(rows), full, None if full else await next_due(session, flow_id, shard), written
    )


async def facts_for(
    session: AsyncSession, rows: Sequence[StandingRow], plans: dict[int, Plan], now: datetime
) -> dict[int, Facts]:
    """Facts by contact, in one load, and only as far as the plans' rules and texts need."""
    reads = union(plan.reads for plan in plans.values())
    if reads == NOTHING:
        return {}
    return await load_facts(session, {row.subject_id for row in rows}, reads, now)
