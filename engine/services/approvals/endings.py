"""Runs go on when their request is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crm_store.approvals import RequestRow, read_requests
from crm_store.runs import lock_runs
from engine.effects import Outcome, Receipt
from engine.services.answering import Told, tell
from engine.services.ended import Ended

if TYPE_CHECKING:
    from engine.services.work import Work

RUN: Final = "run"
# By how the request ended: by which way the run leaves. Who takes a request back has not got it.
_EXITS: Final = {
    "approved": "approved",
    "rejected": "rejected",
    "recalled": "rejected",
    "timed_out": "timed_out",
}


async def run_ended(work: Work, ended: Ended) -> None:
    """In the transaction of the end; a run that stands elsewhere by now is left alone."""
    [row] = await read_requests(work.session, [ended.request_id])
    receipt = _receipt(row, ended.state, ended.by_ids[0] if ended.by_ids else None)
    if receipt is None or row.run_id is None:
        return
    standing = await lock_runs(work.session, [row.run_id])
    told = Told(row.run_id, row.details["node"], row.details["visit"], receipt, decided=True)
    await tell(work.session, work.shared.plans, work.ledger(), standing, [told])


def receipt_of(row: RequestRow) -> Receipt | None:
    """What a run that comes late is told; None while the request is open."""
    by = row.state.get("by") or []
    return _receipt(row, row.status, by[0] if by else None)


def _receipt(row: RequestRow, state: str, by: int | None) -> Receipt | None:
    exit_ = _EXITS.get(state)
    if exit_ is None:
        return None
    details: dict[str, object] = {"request": row.id, "by": by}
    if state not in ("approved", "rejected"):
        details = {"request": row.id, "result": state}
    return Receipt(Outcome.DONE, exit_, details=details)
