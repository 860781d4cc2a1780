"""Telling runs the answer they wait for, in the transaction that has it.

Whoever has an answer (a deed, a person who decided) tells it here; a run that may not move now
finds it when it may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.runs import StandingRow, set_aside
from engine.effects import Receipt
from engine.machines.journey import Answered, GoalReached
from engine.services.advancing import NO_FACTS, facts_for
from engine.services.asides import answer_of, with_answer
from engine.services.goals.leaving import leaving_by_goal
from engine.services.plans import Plans
from engine.services.pokes import Pokes
from engine.services.travelling import Ledger, Written


class Told(NamedTuple):
    """An answer for a run, as long as it still stands on the visit that asked. `decided`: a person
    gave it, and it counts more than what became of asking them.
    """

    run_id: int
    node: str
    visit: int
    receipt: Receipt
    decided: bool = False


async def tell(
    session: AsyncSession,
    plans: Plans,
    ledger: Ledger,
    standing: Sequence[StandingRow],
    answers: Sequence[Told],
) -> None:
    """Move the runs, which must be locked, into the ledger; the caller writes it, and shares the
    pauses since the beginning of the transaction (`crm_store.pauses`).

    Who reached a goal by which one leaves meanwhile leaves, whatever the answer.
    """
    book = await plans.book(session)
    ledger.paused_nodes = book.paused_nodes
    known = await plans.plans(session, {row.flow_version_id for row in standing})
    facts = await facts_for(session, standing, known, ledger.now)
    by_run = _by_run(answers)
    leaving = await leaving_by_goal(session, standing, known)
    aside: list[tuple[int, dict[str, Any]]] = []
    for row in standing:
        plan = known.get(row.flow_version_id)
        for told in by_run[row.id]:
            if (row.node, row.visit) != (told.node, told.visit):
                continue
            if plan is None or row.state == "held" or book.holds(row.flow_id, row.node):
                # what is aside for this visit is a decision: nothing else answers a visit twice
                if told.decided or answer_of(row) is None:
                    aside.append((row.id, with_answer(told.receipt)))
            else:
                happening = GoalReached() if row.id in leaving else Answered(told.receipt)
                ledger.move(row, plan, happening, facts.get(row.subject_id, NO_FACTS))
    await set_aside(session, aside, ledger.now)


def _by_run(answers: Sequence[Told]) -> Mapping[int, list[Told]]:
    found: dict[int, list[Told]] = defaultdict(list)
    for told in answers:
        found[told.run_id].append(told)
    return found


def poke_told(pokes: Pokes, flow_names: Mapping[int, str], written: Written) -> None:
    """Tell the drivers concerned, after the commit."""
    pokes.dispatch(written.partitions)
    for shard in written.perform_shards:
        pokes.perform(shard)
    for (flow_id, shard), due in written.dues.items():
        if flow_id in flow_names:
            pokes.advance(flow_names[flow_id], shard, due)
