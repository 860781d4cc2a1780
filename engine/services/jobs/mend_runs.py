"""Mending all runs that stand in one place, page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from crm_store.run_control import Which
from engine.errors import Problem, Refused
from engine.machines.mending import GoTo, Order, Retry, Skip, Stop
from engine.services.jobs.kinds import Hand
from engine.services.run_control import mend_page, poke_mended


def mending_in(given: Mapping[str, Any]) -> Order:
    """Raises Refused."""
    match dict(given):
        case {"do": "retry"}:
            return Retry()
        case {"do": "skip", "exit": str(exit_)}:
            return Skip(exit_)
        case {"do": "go_to", "node": str(node)}:
            return GoTo(node)
        case {"do": "stop"}:
            return Stop()
    raise Refused("Nobody was mended.", [Problem("/deed", "unknown", "say one thing to do")])


async def mend_runs(hand: Hand) -> dict[str, Any]:
    """Who was mended is not held any more, so a page that is done again finds nobody."""
    means, given = hand.means, hand.given
    which = Which(given["flow"], given["state"], given.get("node"), given.get("code"))
    order = mending_in(given["deed"])
    cursor, done = int(hand.so_far.get("cursor", 0)), int(hand.so_far.get("done", 0))
    refused: Counter[str] = Counter(hand.so_far.get("refused", {}))
    while True:
        async with means.store.transaction() as session:
            page = await mend_page(
                *(session, hand.actor, which, order),
                plans=means.shared.plans,
                ledger=means.shared.ledger(means.now()),
                after=cursor,
            )
        poke_mended(means.pokes, page)
        done += page.mended
        refused.update(page.refused)
        if page.last is None:
            hand.tell(done=done, refused=dict(refused))
            return {"mended": done, "refused": dict(refused)}
        cursor = page.last
        hand.tell(done=done, refused=dict(refused), cursor=cursor)
