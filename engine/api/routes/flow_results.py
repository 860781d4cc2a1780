"""`/api/flows/{name}/results` and `/splits`: goals, lift, revenue, and arms that are compared."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import flow_results as shapes
from engine.api.shapes.common import Moment
from engine.api.shapes.segments import NAME
from engine.services.goals.contests import Contest
from engine.services.goals.results import FlowResults, GroupResult, flow_results
from engine.services.goals.winners import compare
from engine.services.plans import Plans

Name = Annotated[str, Path(pattern=NAME)]
Version = Annotated[int | None, Query(ge=1, le=2**31, description="Only who entered this version.")]
Since = Annotated[Moment | None, Query(description="Only who entered since then.")]
Confidence = Annotated[float, Query(ge=0.5, le=0.99, description="Of the intervals.")]


def flow_results_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/flows", tags=["flows"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )
    plans = Plans()

    @router.get("/{name}/results", operation_id="get_flow_results", responses=refusals(404))
    async def results(
        name: Name,
        caller: Calling,
        version: Version = None,
        since: Since = None,
        confidence: Confidence = 0.95,
    ) -> shapes.ResultsShown:
        """Who reached the goal, in the flow and held out, with lift and revenue."""
        async with parts.store.transaction() as session:
            found = await flow_results(
                session, caller.actor, name, version=version, since=since, confidence=confidence
            )
        return _shown(found)

    @router.get("/{name}/splits", operation_id="list_flow_splits", responses=refusals(404))
    async def splits(name: Name, caller: Calling) -> shapes.ContestsShown:
        """How the arms of the published version's splits stand."""
        async with parts.store.transaction() as session:
            found = await compare(session, caller.actor, plans, name)
        return shapes.ContestsShown(items=[_contest(one) for one in found])

    return router


def _shown(found: FlowResults) -> shapes.ResultsShown:
    return shapes.ResultsShown(
        flow=found.flow,
        goal=found.goal.written() if found.goal else None,
        confidence=found.confidence,
        inside=_group(found.inside),
        holdout=_group(found.holdout),
        lift=shapes.LiftShown.model_validate(found.lift) if found.lift else None,
    )


def _group(group: GroupResult) -> shapes.GroupShown:
    return shapes.GroupShown.model_validate(group)


def _contest(one: Contest) -> shapes.ContestShown:
    won = one.won
    return shapes.ContestShown(
        node=one.node,
        arms=[shapes.ArmShown.model_validate(arm) for arm in one.arms],
        holdout=[shapes.ArmShown.model_validate(arm) for arm in one.holdout],
        leader=one.evidence.leader,
        against=one.evidence.against,
        needed=one.evidence.needed,
        winner=won.arm if won else None,
        decided_at=won.decided_at if won else None,
        decided_by=won.decided_by if won else None,
    )
