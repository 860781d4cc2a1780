"""Deciding about runs in bulk: held ones above all, which wait for nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.effects import cancel_pending
from crm_store.pauses import share_pauses
from crm_store.run_control import (
    AskRow,
    count_by_place,
    held_by_place,
    ids_page,
    latest_asks,
    release,
)
from crm_store.run_control import Which as Which
from crm_store.runs import StandingRow, lock_runs
from engine.errors import Conflict
from engine.machines.journey import GoalReached
from engine.machines.mending import Done, Order, Retry, why_not
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.advancing import NO_FACTS, PLAN_BROKEN, facts_for
from engine.services.answering import poke_told
from engine.services.asides import receipt_of
from engine.services.goals.leaving import leaving_by_goal
from engine.services.plans import FlowBook, Plans
from engine.services.pokes import Pokes
from engine.services.travelling import Ledger, Written, standing_of

PAGE = 1_000
UNREADABLE: Final = "its version of the flow cannot be read"
NODE_PAUSED: Final = "its node is paused"


@dataclass(frozen=True, slots=True)
class Place:
    """Where so many runs stand, and the code they are held for."""

    node: str
    code: str | None
    runs: int


@dataclass(frozen=True, slots=True)
class MendedPage:
    """`refused` says why an order made no sense, and for how many; `last` is where the next page
    begins, None at the end. Call `poke_mended` after the commit.
    """

    mended: int
    refused: dict[str, int]
    last: int | None
    written: Written = field(default_factory=Written)
    # The flows by their numbers.
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """So many runs of a flow are held on this node for this reason."""

    flow: str
    flow_label: str
    node: str
    code: str | None
    runs: int


async def held_places(session: AsyncSession, actor: Actor) -> list[HeldPlace]:
    """Where runs are held in all flows, the most first."""
    allowed(actor, "read", "run")
    return [HeldPlace(*row) for row in await held_by_place(session)]


async def places(session: AsyncSession, actor: Actor, which: Which) -> list[Place]:
    """What an order would concern, before it is given."""
    allowed(actor, "read", "run")
    return [Place(*row) for row in await count_by_place(session, which)]


async def mend_page(
    session: AsyncSession,
    actor: Actor,
    which: Which,
    order: Order,
    *,
    plans: Plans,
    ledger: Ledger,
    after: int = 0,
) -> MendedPage:
    """Carry out an order for the next runs, in this transaction. Given twice it finds nobody the
    second time: who was mended is not held any more.

    A retry first tells a run what it has still to be told, and waits for an answer that is under
    way; it never asks the world a second time for what was asked and answered. Whoever reached a
    goal by which one leaves while they could not be moved leaves now, whatever the order.
    """
    allowed(actor, "edit", "run")
    await share_pauses(session)
    book = await _book_unless_paused(session, which, plans)
    ledger.paused_nodes = book.paused_nodes
    ids = await ids_page(session, which, after, PAGE)
    meant = [row for row in await lock_runs(session, ids) if _is_meant(row, which)]
    # a retry happens on the node itself; whoever is led away from it may go
    stay = isinstance(order, Retry)
    rows = [row for row in meant if not (stay and book.holds(row.flow_id, row.node))]
    asks = _by_run(await latest_asks(session, [row.id for row in rows]))
    due, waits, others = _sorted(rows, order, asks)
    await release(session, [row.id for row in due], ledger.now, due=True)
    await release(session, [row.id for row in waits], ledger.now, due=False)
    mended, refused = await _mend(session, actor, others, order, asks, plans, ledger)
    if len(meant) > len(rows):
        refused[NODE_PAUSED] = len(meant) - len(rows)
    await cancel_pending(session, mended, ledger.now)
    written = await ledger.write(session)
    count = len(due) + len(waits) + len(mended)
    if count:
        await _note(session, actor, which, order, count)
    dues = {**written.dues, **{(row.flow_id, row.shard): ledger.now for row in due}}
    last = ids[-1] if len(ids) == PAGE else None
    told = replace(written, dues=dues, moved=count)
    return MendedPage(count, refused, last, told, book.names)


def _is_meant(row: StandingRow, which: Which) -> bool:
    """Asked once more under the lock: a driver or a colleague may have moved it meanwhile."""
    return (
        row.state == which.state
        and which.node in (None, row.node)
        and which.code in (None, row.outcome)
    )


def poke_mended(pokes: Pokes, page: MendedPage) -> None:
    """Tell the drivers concerned, after the commit of a page: also those of flows that were entered
    from the mended one."""
    poke_told(pokes, page.names, page.written)


async def _book_unless_paused(session: AsyncSession, which: Which, plans: Plans) -> FlowBook:
    book = await plans.book(session)
    if book.id_of(which.flow) in book.paused:
        raise Conflict(
            f'Flow "{which.flow}" is paused, so nobody in it moves. Resume it, then try again.'
        )
    return book


def _sorted(
    rows: Sequence[StandingRow], order: Order, asks: Mapping[int, Sequence[AskRow]]
) -> tuple[list[StandingRow], list[StandingRow], list[StandingRow]]:
    """Who is only let go on now, who waits for an answer under way, and who is to be mended."""
    if not isinstance(order, Retry):
        return [], [], list(rows)
    due = [row for row in rows if row.happening is not None or row.outcome == PLAN_BROKEN]
    left = [row for row in rows if row not in due]
    waits = [row for row in left if (ask := _ask_here(row, asks[row.id])) and ask.is_open]
    return due, waits, [row for row in left if row not in waits]


async def _mend(
    session: AsyncSession,
    actor: Actor,
    rows: Sequence[StandingRow],
    order: Order,
    asks: Mapping[int, Sequence[AskRow]],
    plans: Plans,
    ledger: Ledger,
) -> tuple[list[int], dict[str, int]]:
    """The numbers of those who are in the ledger now, and why others are not."""
    known = await plans.plans(session, {row.flow_version_id for row in rows})
    facts = await facts_for(session, rows, known, ledger.now)
    leaving = await leaving_by_goal(session, rows, known)
    refused: Counter[str] = Counter()
    mended: list[int] = []
    for row in rows:
        plan = known.get(row.flow_version_id)
        if plan is not None and row.id in leaving:
            mended.append(row.id)
            ledger.move(row, plan, GoalReached(), facts.get(row.subject_id, NO_FACTS))
            continue
        reason = UNREADABLE if plan is None else why_not(plan, standing_of(row), order)
        if plan is None or reason is not None:
            refused[reason or UNREADABLE] += 1
            continue
        mended.append(row.id)
        about = facts.get(row.subject_id, NO_FACTS)
        ledger.mend(row, plan, order, about, _done(row, asks[row.id]), actor.name)
    return mended, dict(refused)


def _by_run(asks: Sequence[AskRow]) -> Mapping[int, list[AskRow]]:
    found: dict[int, list[AskRow]] = defaultdict(list)
    for ask in asks:
        found[ask.run_id].append(ask)
    return found


def _ask_here(row: StandingRow, asks: Sequence[AskRow]) -> AskRow | None:
    return next((ask for ask in asks if (ask.node, ask.visit) == (row.node, row.visit)), None)


def _done(row: StandingRow, asks: Sequence[AskRow]) -> Done:
    here = _ask_here(row, asks)
    receipt = receipt_of(here.receipt) if here is not None and here.receipt else None
    return Done({ask.node: ask.visit for ask in asks}, receipt)


async def _note(
    session: AsyncSession, actor: Actor, which: Which, order: Order, count: int
) -> None:
    how = type(order).__name__.lower()
    what = {"node": which.node, "code": which.code, "runs": count}
    await audit.record(session, actor, how, "run", which.flow, after=what)
