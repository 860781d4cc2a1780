"""Runs that wait for a case go on when somebody takes it up, or when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crm_store import escalations as rows
from crm_store.escalations import CaseRow
from crm_store.runs import lock_runs
from engine.effects import Outcome, Receipt
from engine.machines.escalation import Course, Over, Status, Taken
from engine.services.answering import Told
from engine.services.answering import tell as answer_runs
from engine.steps.escalate import ACKNOWLEDGED, EXHAUSTED
from engine.steps.notify import NOBODY

if TYPE_CHECKING:
    from engine.services.work import Work


async def tell_runs(work: Work, cases: Sequence[CaseRow], courses: Mapping[int, Course]) -> None:
    """In the transaction of what happened; a run is told once."""
    receipts = {
        case.id: receipt
        for case in cases
        if (receipt := _receipt(case, courses[case.id])) is not None
    }
    waiting = await rows.waiting_runs(work.session, list(receipts), work.now)
    if not waiting:
        return
    standing = await lock_runs(work.session, sorted({run_id for _, run_id, _, _ in waiting}))
    answers = [
        Told(run_id, node, visit, receipts[case_id], decided=True)
        for case_id, run_id, node, visit in waiting
    ]
    await answer_runs(work.session, work.shared.plans, work.ledger(), standing, answers)


def receipt_of(case: CaseRow) -> Receipt | None:
    """What a run that comes late is told; None while nobody has the case."""
    details = {"case": case.id, "level": case.level}
    if case.status == Status.UNANSWERED:
        return Receipt(Outcome.DONE, EXHAUSTED, details=details)
    if case.status in (Status.ACKNOWLEDGED, Status.RESOLVED):
        by = case.ended_by_id or case.acknowledged_by_id
        return Receipt(Outcome.DONE, ACKNOWLEDGED, details={**details, "by": by})
    return None


def _receipt(case: CaseRow, course: Course) -> Receipt | None:
    state = course.state
    details: dict[str, object] = {"case": case.id, "level": case.level}
    for effect in course.effects:
        if isinstance(effect, Over) and effect.status is Status.UNANSWERED:
            nobody = {} if state.reached else {"reason": NOBODY}
            return Receipt(Outcome.DONE, EXHAUSTED, details=details | nobody)
        if isinstance(effect, Over | Taken):
            return Receipt(Outcome.DONE, ACKNOWLEDGED, details=details | {"by": effect.by})
    return None
