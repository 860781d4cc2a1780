"""What a move would do, before it does anything: a plan to begin with, and a plan counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.version_people import PlaceRow, asked_by_place, people_inside, places
from engine.flows.migration import (
    LEAVE,
    Answer,
    Deed,
    Fit,
    MovePlan,
    Proposal,
    dump_plan,
    plan_problems,
    propose,
)
from engine.flows.places import Places
from engine.flows.problems import FlowProblem
from engine.services.actor import Actor, allowed
from engine.services.version_moves.versions import TwoVersions, two_versions


@dataclass(frozen=True, slots=True)
class Proposed:
    """`text` is the plan file; `people` are those who stand on each node of the old version."""

    text: str
    proposals: tuple[Proposal, ...]
    people: dict[str, int]

    def plan(self, flow: str, from_number: int, to_number: int) -> MovePlan:
        return MovePlan(flow, from_number, to_number, {p.node: p.answer for p in self.proposals})


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What becomes of the people on one node. `fit` is None where nobody stands afterwards.

    Of all `people` there, `moving` take part now; `asking` of them wait for an answer of the world
    and move once they have it, from where they stand then. `held` wait for a person.
    """

    node: str
    answer: Answer
    target: str | None
    fit: Fit | None
    people: int
    moving: int
    asking: int
    held: int


@dataclass(frozen=True, slots=True)
class Preview:
    lines: tuple[PreviewLine, ...]
    problems: tuple[FlowProblem, ...]

    @property
    def moving(self) -> int:
        return sum(line.moving for line in self.lines)


async def propose_plan(
    session: AsyncSession, actor: Actor, name: str, from_number: int, to_number: int
) -> Proposed:
    """A plan that surprises nobody, to be edited; see `engine.flows.migration.propose`."""
    allowed(actor, "read", "flow")
    versions = await two_versions(session, name, from_number, to_number)
    people = await _people(session, versions)
    proposals = propose(versions.pair, await _asked(session, versions))
    text = dump_plan(name, from_number, to_number, proposals, people)
    return Proposed(text, tuple(proposals), people)


async def preview(
    session: AsyncSession,
    actor: Actor,
    plan: MovePlan,
    *,
    percent: int = 100,
    where: Places | None = None,
) -> Preview:
    """Whom the plan would concern now. Nothing is changed."""
    allowed(actor, "read", "flow")
    versions = await two_versions(session, plan.flow, plan.from_number, plan.to_number)
    found = await places(session, versions.record.id, versions.old.id, versions.share(percent))
    problems = await plan_findings(session, plan, versions, where)
    nodes = [*versions.pair.old.nodes, *(row.node for row in found)]
    lines = (
        _line(node, plan, versions, [row for row in found if row.node == node])
        for node in dict.fromkeys(nodes)
    )
    return Preview(tuple(lines), tuple(problems))


async def plan_findings(
    session: AsyncSession, plan: MovePlan, versions: TwoVersions, where: Places | None
) -> list[FlowProblem]:
    people = await _people(session, versions)
    asked = await _asked(session, versions)
    found = plan_problems(plan, versions.pair, people, asked)
    return [where.locate(problem) for problem in found] if where is not None else found


async def _people(session: AsyncSession, versions: TwoVersions) -> dict[str, int]:
    people: Counter[str] = Counter()
    for version_id, node, _, count in await people_inside(session, versions.record.id):
        if version_id == versions.old.id:
            people[node] += count
    return dict(people)


async def _asked(session: AsyncSession, versions: TwoVersions) -> dict[str, set[str]]:
    asked: dict[str, set[str]] = defaultdict(set)
    for node, where in await asked_by_place(session, versions.record.id, versions.old.id):
        asked[node].add(where)
    return asked


def _line(
    node: str, plan: MovePlan, versions: TwoVersions, found: Sequence[PlaceRow]
) -> PreviewLine:
    answer = plan.answers.get(node, LEAVE)
    pair = versions.pair
    target = pair.target(node, answer)
    known = node in pair.old.nodes and target in pair.new.nodes
    leaves = answer.deed is Deed.LEAVE
    return PreviewLine(
        node=node,
        answer=answer,
        target=target,
        fit=pair.fit(node, answer) if known else None,
        people=sum(row.people for row in found),
        moving=0 if leaves else sum(row.in_share for row in found),
        asking=0 if leaves else sum(row.asking for row in found),
        held=sum(row.people for row in found if row.state == "held"),
    )
