"""What must be taken up by one of our people: listing it, and taking it up once.

An acknowledgement wakes the run in the transaction that writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import escalations as rows
from crm_store.approvals import names_of
from crm_store.pauses import share_pauses
from crm_store.runs import StandingRow, lock_runs
from engine.effects import Outcome, Receipt
from engine.errors import Conflict, NotAllowed, NotFound
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.answering import Told, tell
from engine.services.plans import Plans
from engine.services.travelling import Ledger, Written
from engine.steps.escalate import ACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class OpenCase:
    """`told` are the addresses of those told so far; `level` is the last one told, from 1."""

    id: int
    title: str
    body: str
    contact_id: int
    run_id: int
    level: int
    told: tuple[str, ...]
    opened_at: datetime


async def list_cases(
    session: AsyncSession,
    actor: Actor,
    *,
    mine: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[OpenCase]:
    """What waits to be taken up, the oldest first; for the next page give the last id as `after`.

    `mine`: only what this person was told of.
    """
    allowed(actor, "read", "escalation")
    told = actor.id if mine and actor.kind == "user" else None
    found = await rows.open_cases(session, told, after=after, limit=min(limit, 500))
    names = await names_of(session, {id_ for one in found for id_ in one.told_ids})
    return [
        OpenCase(
            one.id,
            one.title,
            one.body,
            one.contact_id,
            one.run_id,
            one.level,
            tuple(names[id_] for id_ in one.told_ids if id_ in names),
            one.opened_at,
        )
        for one in found
    ]


async def acknowledge_case(
    session: AsyncSession, actor: Actor, case_id: int, *, plans: Plans, ledger: Ledger
) -> Written:
    """Take it up, and let the run go on; poke what is written after the commit.

    Anybody may who is permitted to, told or not: what matters is that somebody does. Raises
    Conflict when somebody has, or when the run no longer waits.
    """
    allowed(actor, "edit", "escalation")
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("A case is taken up by a person. Say who takes it up.")
    await share_pauses(session)
    case = await rows.lock_case(session, case_id)
    if case is None:
        raise NotFound(f"There is no case {case_id}. `cadenza escalation list` shows all.")
    if case.acknowledged_at is not None:
        raise Conflict(f"The case {case_id} was taken up already.")
    waits = [row for row in await lock_runs(session, [case.run_id]) if _waits(row, case)]
    if not waits:
        raise Conflict(f"Nobody waits for the case {case_id} any more.")
    await rows.write_acknowledgement(session, case_id, actor.id, ledger.now)
    details = {"case": case_id, "by": actor.id, "level": case.level}
    receipt = Receipt(Outcome.DONE, ACKNOWLEDGED, details=details)
    answers = [Told(row.id, row.node, row.visit, receipt, decided=True) for row in waits]
    await tell(session, plans, ledger, waits, answers)
    after = {"run": case.run_id, "node": case.node, "level": case.level}
    await audit.record(session, actor, "acknowledge", "escalation", case_id, after=after)
    return await ledger.write(session)


def _waits(row: StandingRow, case: rows.CaseRow) -> bool:
    """Every level is a visit of its own; the step's memo says to which case they belong."""
    begun = row.memo.get("step", {}).get("case")
    return row.state != "ended" and row.node == case.node and begun == case.visit
