"""Cases of somebody who hands their work over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from crm_store import escalations as rows
from engine.machines.escalation import Reassigned, Status
from engine.services.escalations.going_on import go_on

if TYPE_CHECKING:
    from engine.services.work import Work


async def cases_of(work: Work, user_id: int) -> list[int]:
    """The open cases that somebody owns or has in hand, by id."""
    return await rows.held_by(work.session, [user_id])


async def give_cases(work: Work, from_id: int, to: Mapping[int, int]) -> list[int]:
    """Make others the owners of cases, by case; what `from_id` had in hand they have in hand from
    now on and are told so. The ids of those that changed."""
    cases = [one for one in await rows.lock_cases(work.session, list(to)) if one.ended_at is None]
    by_heir: dict[int, list[rows.CaseRow]] = defaultdict(list)
    for case in cases:
        by_heir[to[case.id]].append(case)
    for heir, theirs in by_heir.items():
        owned = [one.id for one in theirs if one.owner_id == from_id]
        await rows.change_owner(work.session, owned, heir)
        taken = [
            one
            for one in theirs
            if one.status == Status.ACKNOWLEDGED and one.acknowledged_by_id == from_id
        ]
        await go_on(work, taken, Reassigned(heir, from_id))
    return [one.id for one in cases]
