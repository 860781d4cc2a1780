"""Requests that our own people decide: listing them, and deciding once.

A decision wakes the run in the transaction that writes it down. One level, for now: whoever of the
approvers decides first, decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import approvals as rows
from crm_store.approvals import RequestRow
from crm_store.pauses import share_pauses
from crm_store.runs import lock_runs
from engine.effects import Outcome, Receipt
from engine.errors import Conflict, NotAllowed, NotFound, Problem, Refused
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.answering import Told, tell
from engine.services.plans import Plans
from engine.services.travelling import Ledger, Written

Decision = Literal["approved", "rejected"]
LONGEST_COMMENT: Final = 2_000


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """`approvers` are addresses; `asked_for` is on whose behalf it was asked: not who decides."""

    id: int
    title: str
    body: str
    contact_id: int
    run_id: int
    approvers: tuple[str, ...]
    asked_for: str | None
    asked_at: datetime
    deadline: datetime


async def list_requests(
    session: AsyncSession,
    actor: Actor,
    *,
    mine: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[OpenRequest]:
    """What waits for a decision, the oldest first; for the next page give the last id as `after`.

    `mine`: only what this person may decide.
    """
    allowed(actor, "read", "approval")
    approver = actor.id if mine and actor.kind == "user" else None
    found = await rows.open_requests(session, approver, after=after, limit=min(limit, 500))
    named = {id_ for one in found for id_ in (*one.approver_ids, one.asked_for_id) if id_}
    names = await rows.names_of(session, named)
    return [
        OpenRequest(
            one.id,
            one.title,
            one.body,
            one.contact_id,
            one.run_id,
            tuple(names[id_] for id_ in one.approver_ids if id_ in names),
            names.get(one.asked_for_id or 0),
            one.asked_at,
            one.deadline,
        )
        for one in found
    ]


async def decide_request(
    session: AsyncSession,
    actor: Actor,
    request_id: int,
    decision: Decision,
    *,
    plans: Plans,
    ledger: Ledger,
    comment: str | None = None,
) -> Written:
    """Decide, and let the run go on by it; poke what is written after the commit.

    Of two decisions one counts: the other raises Conflict, as does one that comes when the run no
    longer waits. Raises NotAllowed for whoever is no approver, and for the one on whose behalf it
    was asked.
    """
    allowed(actor, "edit", "approval")
    if comment is not None and (len(comment) > LONGEST_COMMENT or "\0" in comment):
        problem = Problem("/comment", "too_long", f"write at most {LONGEST_COMMENT} characters")
        raise Refused("Nothing was decided.", [problem])
    await share_pauses(session)
    request = await rows.lock_request(session, request_id)
    if request is None:
        raise NotFound(f"There is no request {request_id}. `cadenza approval list` shows all.")
    by_id = _decider(actor, request)
    if request.decision is not None:
        raise Conflict(f"The request {request_id} is {request.decision} already.")
    standing = await lock_runs(session, [request.run_id])
    waits = [
        row
        for row in standing
        if row.state != "ended" and (row.node, row.visit) == (request.node, request.visit)
    ]
    if not waits:
        raise Conflict(f"Nobody waits for the request {request_id} any more.")
    await rows.write_decision(session, request_id, decision, by_id, comment, ledger.now)
    details = {"request": request_id, "by": by_id}
    receipt = Receipt(Outcome.DONE, decision, details=details)
    answer = Told(request.run_id, request.node, request.visit, receipt, decided=True)
    await tell(session, plans, ledger, waits, [answer])
    verb = "approve" if decision == "approved" else "reject"
    after = {"decision": decision, "run": request.run_id, "node": request.node}
    await audit.record(session, actor, verb, "approval", request_id, after=after, why=comment)
    return await ledger.write(session)


def _decider(actor: Actor, request: RequestRow) -> int:
    """The person who decides, if this one may. An admin may in everybody's place but their own."""
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("A request is decided by a person. Say who decides.")
    if actor.id == request.asked_for_id:
        raise NotAllowed(
            f"{actor.name} is the one for whom request {request.id} was made, and does not decide "
            "it. Let another approver decide."
        )
    if actor.id not in request.approver_ids and actor.role != "admin":
        raise NotAllowed(f"{actor.name} is not asked about request {request.id}.")
    return actor.id
