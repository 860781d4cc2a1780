"""What becomes of a ticket when its time has come."""

from __future__ import annotations

from engine.errors import NotFound
from engine.machines.ticket import TimeCame, due, is_over
from engine.services.tending import Tended
from engine.services.tickets.keeping import happen, keep
from engine.services.work import Work


async def tend_ticket(work: Work, ticket_id: int) -> Tended:
    """Tell what is to be told, close what was solved long enough, and say when to look again."""
    try:
        kept = await keep(work, ticket_id)
    except NotFound:
        return Tended(ended=True)
    await happen(work, kept, TimeCame(), set_clock=False)
    if is_over(kept.state):
        return Tended(ended=True)
    return Tended(due(kept.state, kept.terms))
