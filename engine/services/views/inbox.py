"""How much waits for somebody: the number beside the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.services.actor import Actor, may
from engine.services.approvals.reading import list_requests
from engine.services.escalations import list_cases
from engine.services.notices import unread_notices
from engine.services.work import Work

# Nobody reads on a badge whether it is 100 or 4,000.
MOST_COUNTED: Final = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """Requests one can decide now, cases one was told of that nobody has taken up, and notices one
    has not read; each counted up to `MOST_COUNTED`."""

    requests: int = 0
    cases: int = 0
    notices: int = 0

    @property
    def open(self) -> int:
        """What somebody must do. Most of it is told by a notice too, which is not counted again."""
        return self.requests + self.cases


async def waiting_for(work: Work, actor: Actor) -> Waiting:
    """For a person; what they may not read counts as nothing."""
    if actor.kind != "user" or actor.id is None:
        return Waiting()
    session = work.session
    requests = cases = notices = 0
    if may(actor, "read", "approval"):
        requests = len(await list_requests(work, actor, mine=True, limit=MOST_COUNTED))
    if may(actor, "read", "escalation"):
        told = await list_cases(session, actor, mine=True, limit=MOST_COUNTED)
        cases = sum(one.acknowledged_by_id in (None, actor.id) for one in told)
    if may(actor, "read", "notice"):
        notices = await unread_notices(session, actor)
    return Waiting(requests, cases, notices)
