"""Trying a flow on real contacts and a virtual clock; nothing is sent and nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from engine.flows.load import load_flow
from engine.machines.plan import compile_plan
from engine.rules import parse
from engine.services.actor import Actor, allowed
from engine.services.plans import current_catalogue
from engine.services.simulating.event_file import Line, occurrences_of, read_lines
from engine.services.simulating.people import people_of, who
from engine.simulate import Habit, Trace, simulate
from engine.steps import STEP_KINDS

LONGEST_DAYS = 1_100
MOST_PEOPLE = 100_000


@dataclass(frozen=True, slots=True)
class Question:
    """What to try. `rule` says whom, None for everybody; of them the first `people`."""

    start_at: datetime
    days: int = 30
    people: int = 1_000
    rule: object = True
    lines: Sequence[Line] = ()
    habits: Sequence[Habit] = ()
    seed: str = "1"
    default_zone: str = "UTC"


async def simulate_flow(
    session: AsyncSession, actor: Actor, source: str, question: Question, *, file: str
) -> Trace:
    """Simulate the flow written in `source`; raises FlowRefused when it is none, RuleRefused for
    the rule.

    Facts are those of now. Events of the file change what rules count; records change only as the
    flow itself changes them.
    """
    allowed(actor, "read", "flow")
    catalogue = await current_catalogue(session)
    flow = load_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    plan = compile_plan(flow, catalogue)
    whom = parse(question.rule, catalogue, event_rule=False)
    most = min(question.people, MOST_PEOPLE)
    ids = await who(session, whom, most, question.start_at, question.default_zone)
    people = await people_of(session, ids, plan, question.start_at, question.default_zone)
    occurrences = await occurrences_of(session, list(question.lines))
    # seconds of pure computing: the event loop goes on beside it
    return await asyncio.to_thread(
        simulate,
        plan,
        people,
        start_at=question.start_at,
        lasts=timedelta(days=min(question.days, LONGEST_DAYS)),
        occurrences=occurrences,
        habits=question.habits,
        seed=question.seed,
    )


__all__ = ["LONGEST_DAYS", "MOST_PEOPLE", "Line", "Question", "read_lines", "simulate_flow"]
