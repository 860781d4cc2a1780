"""Requests whose time has come, and whose people changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from crm_store.approvals import seated_requests
from engine.machines import approval
from engine.services import audit
from engine.services.actor import Actor
from engine.services.approvals.answers import still_wanted
from engine.services.approvals.cases import locked_cases
from engine.services.approvals.keeping import keep
from engine.services.tending import Tended

if TYPE_CHECKING:
    from engine.services.work import Work


async def tend_approval(work: Work, request_id: int) -> Tended:
    """Remind, hand on, end; twice or too early it changes nothing."""
    case = (await locked_cases(work, [request_id])).get(request_id)
    if case is None or case.state.ended:
        return Tended(ended=True)
    if await still_wanted(work, case):
        case.took(approval.time_came(case.state, case.here))
    else:
        case.took(approval.cancelled(case.state, case.here, "nobody_waits"))
    dues = await keep(work, [case])
    return Tended(dues.get(request_id), ended=case.state.ended)


async def pending_seats(work: Work, user_id: int) -> list[int]:
    """The requests that wait for this person's voice, for the preview of a handover."""
    return await seated_requests(work.session, [user_id])


async def reassign_seats(
    work: Work, actor: Actor, user_id: int, takers: Mapping[int, int]
) -> dict[int, str | None]:
    """Hand the voice of a person over, by request: to whom. By request, None or the code why it
    stays (the taker asked for it themselves, has a voice already, left)."""
    cases = await locked_cases(work, list(takers))
    codes: dict[int, str | None] = {}
    for id_, case in cases.items():
        moved = case.took(approval.reassigned(case.state, case.here, user_id, takers[id_]))
        codes[id_] = moved.refused
    await keep(work, list(cases.values()))
    for id_, code in codes.items():
        if code is None:
            after = {"from": user_id, "to": takers[id_]}
            await audit.record(work.session, actor, "reassign", "approval", id_, after=after)
    return codes
