"""A dealer for each kind of work, knowing what there was to do before it began."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.assigning import open_load
from engine.assignment.handing_over import Dealer, Handed, Share, Way
from engine.people import Directory

# Deals, tickets and tasks are open work themselves: what was given of them is counted where it is.
_COUNTED: frozenset[Handed] = frozenset({Handed.DEAL, Handed.TICKET, Handed.TASK})


async def load_of(session: AsyncSession, shares: Mapping[Handed, Share]) -> dict[int, int]:
    """The open work of everybody who takes something by load."""
    by_load = [share for share in shares.values() if share.way is Way.LOAD]
    return await open_load(session, {taker for share in by_load for taker in share.takers})


def dealer_of(
    kind: Handed,
    share: Share,
    people: Directory,
    given: Mapping[int, int],
    load: dict[int, int],
    contacts: Mapping[int, int],
) -> Dealer:
    """`given` is what takers have of this kind by now, `load` their open work as it is now. What
    was dealt of countable work is added to `load` itself, for the kinds that come after."""
    if kind not in _COUNTED:
        load = {one: load.get(one, 0) + given.get(one, 0) for one in share.takers}
    return Dealer(share, people, dict(given), load, contacts)
