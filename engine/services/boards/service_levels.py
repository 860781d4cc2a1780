"""Service levels: how many tickets were answered and solved in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.boards import service as rows
from engine.services.actor import Actor, allowed
from engine.services.boards.stretch import Stretch


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Tickets that were opened in one week, of one priority.

    `promised` are those kept by a ticket policy; of the others nothing is promised. Late are those
    of which a breach was told; the others were in time, or still may be. The median minutes until
    the first answer are of the clock on the wall, not of working time.
    """

    week: date
    priority: str
    opened: int
    promised: int
    answered: int
    answered_late: int
    solved: int
    solved_late: int
    open_now: int
    answer_minutes: float | None
    scores: int
    score: float | None


async def service_levels(
    session: AsyncSession, actor: Actor, stretch: Stretch
) -> Sequence[ServiceLevel]:
    """By week and priority. Raises NotAllowed."""
    allowed(actor, "read", "ticket")
    found = await rows.service_weeks(session, stretch.since, stretch.until, stretch.zone)
    return [ServiceLevel(*row) for row in found]
