"""Asking the past: who would have entered a flow, compared with the published one or with life.

Nothing is written: the transaction only reads, and sees one state of the database throughout.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.flows import definitions, flow_named
from crm_store.past import PastRun, only_read, runs_until
from engine.errors import NotFound, Refused
from engine.flows.load import load_flow
from engine.flows.model import from_definition
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue
from engine.services.actor import Actor, allowed
from engine.services.backtesting.comparing import SideOf, explained, only_in, times
from engine.services.backtesting.doors import is_chosen
from engine.services.backtesting.entering import Deadline, Entered, entered, really
from engine.services.backtesting.limits import limits
from engine.services.backtesting.question import (
    LONGEST,
    Against,
    Answer,
    Difference,
    Limit,
    Question,
    Side,
)
from engine.services.plans import current_catalogue
from engine.services.rules.permissions import may_know
from engine.steps import STEP_KINDS


async def backtest(
    session: AsyncSession, actor: Actor, source: str, question: Question, *, file: str
) -> Answer:
    """Try the flow written in `source` on the past. Call it with a transaction that has just begun.

    Raises FlowRefused when it is no flow, NotFound when there is no published version to compare
    with, Refused for a stretch that is none or too long.
    """
    allowed(actor, "read", "flow")
    allowed(actor, "read", "run")
    _check(question)
    await only_read(session)
    began, deadline = time.monotonic(), Deadline.of(question)
    catalogue = await current_catalogue(session)
    flow = load_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    plan = compile_plan(flow, catalogue)
    other_plan = await _other_plan(session, flow.name, question, catalogue)
    plans = [one for one in (plan, other_plan) if one is not None]
    for one in plans:
        _may_know(actor, one, catalogue)
    runs = await runs_until(session, flow.name, question.until)
    tried = await entered(session, plan, question, runs, deadline)
    if other_plan is None:
        other = _in_life(runs, question)
    else:
        other = await entered(session, other_plan, question, runs, deadline)
    return await _answer(
        session, (SideOf(tried, plan), SideOf(other, other_plan)), question, catalogue, runs, began
    )


def _check(question: Question) -> None:
    if question.until <= question.since:
        raise Refused("The stretch is empty: it must end after it begins.")
    if question.until - question.since > LONGEST:
        raise Refused(f"The stretch is longer than {LONGEST.days:,} days. Take a shorter one.")


def _may_know(actor: Actor, plan: Plan, catalogue: Catalogue) -> None:
    """The answer says what the rule read of people."""
    allowed(actor, "read", "contact")
    if plan.entry_rule is not None:
        may_know(actor, plan.entry_rule, "contact", catalogue)


async def _other_plan(
    session: AsyncSession, name: str, question: Question, catalogue: Catalogue
) -> Plan | None:
    if question.against == "life":
        return None
    record = await flow_named(session, name)
    version_id = None if record is None else record.published_version_id
    stored = await definitions(session, {version_id} if version_id is not None else ())
    if version_id is None or version_id not in stored:
        raise NotFound(
            f'There is no published version of "{name}" to compare with. Compare with life: the '
            "runs there were."
        )
    return compile_plan(from_definition(stored[version_id]), catalogue)


def _in_life(runs: Sequence[PastRun], question: Question) -> Entered:
    return really([run for run in runs if is_chosen(run.contact_id, question)], question)


async def _answer(
    session: AsyncSession,
    sides: tuple[SideOf, SideOf],
    question: Question,
    catalogue: Catalogue,
    runs: Sequence[PastRun],
    began: float,
) -> Answer:
    tried, other = sides
    assert tried.plan is not None
    added = only_in(tried.entered, other.entered)
    removed = only_in(other.entered, tried.entered)
    both = tried.entered.people & other.entered.people
    ours, theirs = times(tried.entered), times(other.entered)
    plans = [side.plan for side in sides if side.plan is not None]
    shown = question.shown
    return Answer(
        flow=tried.plan.flow.name,
        question=question,
        tried=_side(tried.entered),
        other=_side(other.entered),
        both=len(both),
        moved=sum(ours[id_] != theirs[id_] for id_ in both) if other.plan is not None else 0,
        added_count=len(added),
        removed_count=len(removed),
        added=await explained(session, added[:shown], tried, other, question, catalogue),
        removed=await explained(session, removed[:shown], other, tried, question, catalogue),
        knocks=tried.entered.knocks + other.entered.knocks,
        limits=await limits(session, plans, question, runs),
        by_day=_by_day(tried.entered),
        seconds=time.monotonic() - began,
    )


def _side(entered_: Entered) -> Side:
    return Side(len(entered_.people), len(entered_.entries))


def _by_day(entered_: Entered) -> dict[str, int]:
    days = Counter(entry.at.date().isoformat() for entry in entered_.entries)
    return dict(sorted(days.items()))


__all__ = [
    "LONGEST",
    "Against",
    "Answer",
    "Difference",
    "Limit",
    "Question",
    "Side",
    "backtest",
]
