"""The sweep over clocks: finds those whose host does not know them, or does not act on them.

A poke is lost when a process dies between a commit and its poke, and all hosts are lost with
Temporal's database. The rows know better, and whoever is found here is told again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm_store.clocks import forget_hosts, mark_hosted, overdue, unhosted
from crm_store.session import Store
from engine.services.pokes import Pokes

# A host looks a moment after its time, and a busy worker a little later.
OVERDUE: Final = timedelta(seconds=30)
# Who was told and still did not look is not told more often than this.
TOLD_AGAIN: Final = timedelta(minutes=1)
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Swept:
    """`again`: there may be more to tell now."""

    told: int
    again: bool


async def sweep(store: Store, pokes: Pokes, now: datetime, *, limit: int = BATCH) -> Swept:
    """Tell one batch of hosts; those that Temporal did not take are found again next time."""
    async with store.transaction() as session:
        new = await unhosted(session, limit)
        late = await overdue(session, now - OVERDUE, now - TOLD_AGAIN, limit)
    found = [*new, *late]
    if not found:
        return Swept(0, again=False)
    taken = await pokes.host(found)
    async with store.transaction() as session:
        await mark_hosted(session, taken, now)
    is_full = len(new) == limit or len(late) == limit
    return Swept(len(taken), again=is_full and bool(taken))


async def forget(store: Store, before: datetime) -> int:
    """Temporal is new here: nobody is hosted who was hosted before."""
    async with store.transaction() as session:
        return await forget_hosts(session, before)
