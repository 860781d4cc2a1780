"""Carrying out what a person decided about runs, page by page, and telling the drivers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from designer.runtime import Designer
from designer.visitor import Visitor
from engine.machines.mending import Order
from engine.services.changes.announcing import Announcer
from engine.services.deciding.answers import Deciding
from engine.services.run_control import Which, mend_page, poke_mended
from engine.services.travelling import Ledger


@dataclass(slots=True)
class Mended:
    """`refused` says why others stay as they are, and how many."""

    runs: int = 0
    refused: Counter[str] = field(default_factory=Counter)


async def carry_out(designer: Designer, visitor: Visitor, which: Which, order: Order) -> Mended:
    """Each page is a transaction of its own: what was mended stays mended when a later one
    fails."""
    actor, mended, after = await designer.actor(visitor.token), Mended(), 0
    while True:
        async with designer.transaction() as session:
            page = await mend_page(
                session,
                actor,
                which,
                order,
                plans=designer.plans,
                ledger=new_ledger(designer),
                after=after,
            )
        poke_mended(designer.runtime.pokes, page)
        mended.runs += page.mended
        mended.refused.update(page.refused)
        if page.last is None:
            return mended
        after = page.last


def new_ledger(designer: Designer) -> Ledger:
    drivers = designer.runtime.settings.drivers
    return Ledger(
        designer.now(),
        designer.runtime.settings.company.default_zone,
        drivers.perform_shards,
        0,
        Announcer(designer.plans, drivers.dispatch_partitions),
        deciding=Deciding(designer.plans, drivers.advance_shards, drivers.dispatch_partitions),
    )
