"""Trying a flow on real contacts and a virtual clock; nothing is sent and nothing is written."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.past import only_read
from engine.errors import LimitReached, Problem, Refused
from engine.flows.load import read_flow
from engine.flows.model import Flow
from engine.flows.problems import FlowRefused, Severity
from engine.machines.plan import Plan, compile_plan
from engine.rules import Catalogue, Rule, RuleRefused, parse
from engine.services.actor import Actor, allowed
from engine.services.calendars.shelf import CalendarShelf
from engine.services.due_dates.days_off import days_off_of
from engine.services.flow_checks import flow_findings
from engine.services.plans import current_catalogue
from engine.services.rules.permissions import may_know
from engine.services.simulating.event_file import Line, occurrences_of, read_lines
from engine.services.simulating.house import policy_rules
from engine.services.simulating.letters import Letters
from engine.services.simulating.people import people_of, recipients_of, who
from engine.services.simulating.question import (
    LONGEST_DAYS,
    MOST_PEOPLE,
    Happens,
    Office,
    Question,
    Simulated,
)
from engine.simulate import Occurrence, Person, Trace, simulate
from engine.simulate.arbiter import Arbiter
from engine.simulate.surroundings import Surroundings, replies_of
from engine.steps import STEP_KINDS


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything a simulation reads of the database, so that it needs none while it runs."""

    plan: Plan
    people: Sequence[Person]
    occurrences: Sequence[Occurrence]
    question: Question
    letters: Letters | None
    arbiter: Arbiter | None = None

    @property
    def listed(self) -> frozenset[int]:
        first = (person.id for person in self.people[: self.question.first_listed])
        return frozenset([*self.question.listed, *first])


async def prepare(
    session: AsyncSession, actor: Actor, source: str, question: Question, *, file: str
) -> Prepared:
    """Read what simulating the flow written in `source` takes. Call it with a transaction that has
    just begun; it only reads.

    Raises FlowRefused when it is no flow or could not be published, Refused for the rule,
    NotAllowed when the actor may not read what the flow's rules read. Facts are those of now.
    """
    allowed(actor, "read", "flow")
    allowed(actor, "read", "contact")
    await only_read(session)
    catalogue = await current_catalogue(session)
    flow = await _without_mistakes(session, source, file, catalogue)
    plan = compile_plan(flow, catalogue)
    if plan.calendar_names:
        plan = replace(plan, calendars=await CalendarShelf().book(session))
    whom = _asked_of(question, catalogue)
    may_know(actor, whom, "contact", catalogue)
    _may_know(actor, plan, catalogue)
    ids = await who(session, whom, question, min(question.people, MOST_PEOPLE))
    people = await people_of(
        session, ids, plan, question.start_at, question.default_zone, afresh=question.afresh
    )
    occurrences = await occurrences_of(session, list(question.lines))
    letters = await _letters(session, plan, ids, question)
    arbiter = await policy_rules(session) if question.by_policy else question.house
    return Prepared(plan, people, occurrences, question, letters, arbiter)


async def _without_mistakes(
    session: AsyncSession, source: str, file: str, catalogue: Catalogue
) -> Flow:
    """Raises FlowRefused with what would keep the flow from being published, but for its messages:
    those are written while it runs, and who misses one is told."""
    loaded = read_flow(source, file=file, kinds=STEP_KINDS, catalogue=catalogue)
    found = await flow_findings(session, loaded.flow, catalogue=catalogue, library=None)
    errors = [loaded.places.locate(one) for one in found if one.severity is Severity.ERROR]
    if errors:
        raise FlowRefused(f"The flow in {file} cannot be tried: {len(errors)} to mend.", errors)
    return loaded.flow


def _asked_of(question: Question, catalogue: Catalogue) -> Rule:
    try:
        return parse(_whom(question), catalogue, event_rule=False)
    except RuleRefused as refused:
        problems = [
            Problem(f"/rule{one.pointer}", one.code, one.message) for one in refused.problems
        ]
        raise Refused("Who takes part cannot be asked.", problems) from refused


def _whom(question: Question) -> object:
    if question.audience is None:
        return question.rule
    member = {"member_of": [question.audience]}
    return member if question.rule is True else {"and": [member, question.rule]}


def _may_know(actor: Actor, plan: Plan, catalogue: Catalogue) -> None:
    """Journals say what the rules read of people."""
    own = [rule for node in plan.nodes.values() for rule in node.rules.values()]
    for rule in (plan.entry_rule, plan.exit_rule, plan.goal_rule, *own):
        if rule is not None:
            may_know(actor, rule, "contact", catalogue)


async def _letters(
    session: AsyncSession, plan: Plan, ids: Sequence[int], question: Question
) -> Letters | None:
    office = question.office
    if office is None or question.rendered <= 0:
        return None
    templates = {name for node in plan.nodes.values() for name in node.step.templates()}
    await office.library.refresh(session)
    reads = office.library.reads(templates)
    known = await recipients_of(session, ids[: question.rendered], reads)
    return Letters(office.library, office.sender, known, every=bool(question.only))


def run(prepared: Prepared, stopped: threading.Event | None = None) -> Simulated:
    """Seconds of pure computing; `stopped` ends it early with SimulationStopped.

    Raises LimitReached when it takes longer than the question allows.
    """
    question, taking_part = prepared.question, {person.id for person in prepared.people}
    ends = None if question.longest is None else time.monotonic() + question.longest.total_seconds()

    def goes_on() -> bool:
        if ends is not None and time.monotonic() > ends:
            raise LimitReached(f"The simulation took longer than {question.longest}. Ask for less.")
        return stopped is None or not stopped.is_set()

    returning = sum(person.earlier.count > 0 for person in prepared.people)
    known = [one for one in prepared.occurrences if one.person_id in taking_part]
    trace = simulate(
        prepared.plan,
        prepared.people,
        start_at=question.start_at,
        lasts=timedelta(days=min(question.days, LONGEST_DAYS)),
        occurrences=[*known, *question.shared_occurrences(taking_part)],
        around=_around(prepared),
        journals_of=prepared.listed,
        goes_on=goes_on,
    )
    return Simulated(
        trace,
        question,
        people=len(taking_part),
        listed=prepared.listed,
        strangers=len(question.lines) - len(known),
        letters=prepared.letters,
        returning=returning,
    )


def _around(prepared: Prepared) -> Surroundings:
    question = prepared.question
    return Surroundings(
        habits=tuple(question.habits),
        arbiter=prepared.arbiter,
        postman=prepared.letters,
        replies=replies_of(question.approvals, acknowledged=question.acknowledged),
        days_off=days_off_of,
        default_zone=question.default_zone,
        seed=question.seed,
    )


async def run_beside(prepared: Prepared) -> Simulated:
    """In a thread of its own, so that the event loop goes on; cancelled, it stops soon."""
    stopped = threading.Event()
    try:
        return await asyncio.to_thread(run, prepared, stopped)
    finally:
        stopped.set()


async def simulate_flow(
    session: AsyncSession, actor: Actor, source: str, question: Question, *, file: str
) -> Trace:
    """Prepare and run at once."""
    return (await run_beside(await prepare(session, actor, source, question, file=file))).trace


__all__ = [
    "LONGEST_DAYS",
    "MOST_PEOPLE",
    "Happens",
    "Line",
    "Office",
    "Prepared",
    "Question",
    "Simulated",
    "prepare",
    "read_lines",
    "run",
    "run_beside",
    "simulate_flow",
]
