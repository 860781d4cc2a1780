"""Carrying out a trial: what is read for it, and why somebody did not come in at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from designer.flow_graph import Graph, draw
from designer.runtime import Designer
from designer.try_it.asked import Asked
from designer.try_it.figures import busiest
from designer.try_it.told import Step, run_of, steps_of
from designer.visitor import Visitor
from engine.errors import NotFound
from engine.flows.load import load_flow
from engine.flows.model import Flow
from engine.rules import Catalogue
from engine.rules.wording import sentence
from engine.services.actor import Actor
from engine.services.plans import current_catalogue
from engine.services.simulating import Office, Prepared, Simulated, prepare, run_beside
from engine.services.simulating.source import source_named
from engine.services.views.faces import Face, faces
from engine.steps import STEP_KINDS

# Each is seconds of pure computing; the process has pages to serve beside.
_TURN: Final = asyncio.Semaphore(2)


@dataclass(frozen=True, slots=True)
class Tried:
    """`people` are those whose names are told: the chosen contact, or the listed ones. `why_not`
    says why the chosen one stayed outside, where there is no journey."""

    simulated: Simulated
    graph: Graph
    catalogue: Catalogue
    people: dict[int, Face]
    why_not: tuple[str, ...] = ()

    @property
    def flow(self) -> Flow:
        return self.simulated.trace.plan.flow

    def steps(self, journey_place: int, visitor: Visitor) -> list[Step]:
        trace = self.simulated.trace
        journey = trace.journeys[journey_place]
        person = self.people.get(journey.person_id) or Face(journey.person_id, "", None)
        run = run_of(trace, journey, person, self.catalogue)
        formats = replace(visitor.formats, zone=visitor.zone)
        return steps_of(run, self.graph, self.simulated.letters, visitor.t, formats)


async def try_flow(designer: Designer, visitor: Visitor, name: str, asked: Asked) -> Tried:
    """Raises Refused with what to mend in the question, FlowRefused for the flow, NotSignedIn."""
    runtime = designer.runtime
    zone = runtime.settings.company.default_zone
    question = asked.question(zone, Office(runtime.templates, runtime.sender_settings))
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        source = await source_named(session, actor, name, asked.which)
        catalogue = await current_catalogue(session)
    async with _TURN:
        async with designer.transaction() as session:
            prepared = await prepare(session, actor, source, question, file=f"{name}.yaml")
        if question.only and not prepared.people:
            raise NotFound("This contact is not there any more. Choose another.")
        simulated = await run_beside(prepared)
    people = await _named(designer, actor, simulated)
    graph = draw(prepared.plan.flow, f"try-{asked.which}", visitor.t, catalogue)
    why_not: tuple[str, ...] = ()
    if question.only and not simulated.trace.journeys:
        why_not = _why_not(prepared, asked, visitor, catalogue)
    return Tried(simulated, graph, catalogue, people, why_not)


async def drawn(designer: Designer, visitor: Visitor, name: str, which: str) -> tuple[Flow, Graph]:
    """The flow before anybody went through. Raises FlowRefused and NotFound."""
    actor = await designer.actor(visitor.token)
    async with designer.transaction() as session:
        source = await source_named(
            session, actor, name, "published" if which == "published" else "draft"
        )
        catalogue = await current_catalogue(session)
    flow = load_flow(source, file=f"{name}.yaml", kinds=STEP_KINDS, catalogue=catalogue)
    return flow, draw(flow, f"try-{which}", visitor.t, catalogue)


async def _named(designer: Designer, actor: Actor, simulated: Simulated) -> dict[int, Face]:
    async with designer.transaction() as session:
        return await faces(session, actor, _worth_naming(simulated))


def _worth_naming(simulated: Simulated) -> set[int]:
    """Those whose way is told, and whom the figures name."""
    worst = {one.person_id for one in busiest(simulated.trace)}
    letters = simulated.letters
    complaints = () if letters is None else letters.complaints
    return {*simulated.listed, *worst, *(one.person_id for one in complaints)}


def _why_not(
    prepared: Prepared, asked: Asked, visitor: Visitor, catalogue: Catalogue
) -> tuple[str, ...]:
    t, plan, person = visitor.t, prepared.plan, prepared.people[0]
    trigger, told = plan.flow.trigger, []
    starts_on = trigger.starts_on
    happened = starts_on is None or any(one.event.strip() == starts_on for one in asked.events)
    if not happened:
        told.append(
            t(
                "The flow begins with the event “{event}”. Let it happen on the way.",
                event=starts_on,
            )
        )
    rule = plan.entry_rule
    if rule is not None and happened and not trigger.reads_event:
        tree = rule.explain(person.facts, prepared.question.start_at, person.zone)
        if not tree.truth:
            why = sentence(tree, t.short, catalogue, visitor.zone)
            told.append(t("The rule of the flow does not hold: {why}", why=why))
    elif rule is not None and happened:
        told.append(t("The event does not fit the rule of the trigger: give it other properties."))
    if person.earlier.count and not asked.afresh:
        told.append(
            t(
                "This contact was in the flow before, and its entry policy lets nobody in again. "
                "Tick “As if for the first time”."
            )
        )
    if not told:
        told.append(t("Its time did not come within these days. Take another start or more days."))
    return tuple(told)
