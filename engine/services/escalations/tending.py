"""What the host of a case asks when its time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_store import escalations as rows
from engine.machines.escalation import Resolved, TimeCame
from engine.services.escalations.going_on import go_on
from engine.services.tending import Tended

if TYPE_CHECKING:
    from engine.services.work import Work


async def tend_escalation(work: Work, case_id: int) -> Tended:
    """Tell the next level, repeat, or take the case back from whoever had it; too early is
    harmless. A case that runs alone asked for, none of which waits any more, is over: the flow has
    gone on otherwise."""
    found = [one for one in await rows.lock_cases(work.session, [case_id]) if one.ended_at is None]
    if not found:
        return Tended(ended=True)
    abandoned = await rows.is_abandoned(work.session, case_id)
    happening = Resolved() if abandoned else TimeCame()
    courses = await go_on(work, found, happening, clocks=False)
    course = courses[case_id]
    return Tended(course.due, course.state.status.ended)
