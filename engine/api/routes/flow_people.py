"""Below `/api/flows/{name}`: who enters, who is moved to another version, and held nodes."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession

from engine.api.calling import ASKS_FOR_KEY, Calling, refusals
from engine.api.flow_words import enrolment_shown, preview_shown, proposal_shown, told
from engine.api.json_bodies import JsonRoute
from engine.api.parts import Parts
from engine.api.shapes import flows as shapes
from engine.api.shapes.segments import NAME
from engine.errors import NotFound, Problem, Refused
from engine.flows.migration import MovePlan, read_plan
from engine.flows.places import Places
from engine.services import enrolments, flows, version_moves
from engine.services.goals.winners import choose_winner, withdraw
from engine.services.node_pauses import NodePause, pause_node, resume_node

Name = Annotated[str, Path(pattern=NAME)]
Node = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
MoveId = Annotated[int, Path(ge=1, le=2**53)]
_FILE: Final = "plan"
_MOST_MOVES: Final = 100
_STEERS: Final = {
    "pause": version_moves.pause,
    "resume": version_moves.resume,
    "cancel": version_moves.cancel,
    "undo": version_moves.undo,
}


def flow_people_router(parts: Parts) -> APIRouter:
    router = APIRouter(
        prefix="/api/flows", tags=["flows"], route_class=JsonRoute, dependencies=ASKS_FOR_KEY
    )

    @router.get("/{name}/enrolments", operation_id="list_enrolments", responses=refusals(404))
    async def list_enrolments(name: Name, caller: Calling) -> shapes.EnrolmentList:
        """The newest audiences that were let in, with how far they are."""
        async with parts.store.transaction() as session:
            found = await enrolments.list_enrolments(session, caller.actor, name)
        return shapes.EnrolmentList(items=[enrolment_shown(one) for one in found])

    @router.post(
        "/{name}/enrolments",
        operation_id="enrol",
        status_code=202,
        responses=refusals(404, 409),
    )
    async def enrol(
        name: Name, given: shapes.EnrolmentGiven, caller: Calling
    ) -> shapes.EnrolmentShown:
        """Let an audience enter, in the background. 409 while another one enters."""
        async with parts.store.transaction() as session:
            line = await enrolments.start_enrolment(
                *(session, caller.actor, parts.shared.plans, name),
                now=parts.now(),
                rule=given.rule,
                per_minute=given.per_minute,
            )
        parts.pokes.audience(line.id)
        return enrolment_shown(line)

    @router.post(
        "/{name}/enrolments/steer", operation_id="steer_enrolment", responses=refusals(404, 409)
    )
    async def steer_enrolment(
        name: Name, given: shapes.EnrolmentDeed, caller: Calling
    ) -> shapes.EnrolmentShown:
        """Pause, resume or cancel the audience that is entering."""
        async with parts.store.transaction() as session:
            if given.do == "pause":
                line = await enrolments.pause_enrolment(session, caller.actor, name)
            elif given.do == "resume":
                line = await enrolments.resume_enrolment(session, caller.actor, name, parts.now())
            else:
                line = await enrolments.cancel_enrolment(session, caller.actor, name, parts.now())
        if given.do == "resume":
            parts.pokes.audience(line.id)
        return enrolment_shown(line)

    @router.get("/{name}/moves", operation_id="list_flow_moves", responses=refusals(404))
    async def list_moves(name: Name, caller: Calling) -> shapes.MoveList:
        """Moves of people to another version, the last first; a hundred at most."""
        async with parts.store.transaction() as session:
            found = await version_moves.moves(session, caller.actor, name, limit=_MOST_MOVES)
        return shapes.MoveList(items=[_move(one) for one in found])

    @router.post("/{name}/moves/propose", operation_id="propose_flow_move", responses=refusals(404))
    async def propose(
        name: Name, given: shapes.ProposalGiven, caller: Calling
    ) -> shapes.ProposalShown:
        """A plan that surprises nobody, to be edited."""
        async with parts.store.transaction() as session:
            found = await version_moves.propose_plan(
                session, caller.actor, name, given.from_version, given.to_version
            )
        return proposal_shown(found)

    @router.post("/{name}/moves/preview", operation_id="preview_flow_move", responses=refusals(404))
    async def preview(
        name: Name, given: shapes.MovePlanGiven, caller: Calling
    ) -> shapes.PreviewShown:
        """Whom a plan would concern now. Nothing is changed."""
        plan, places = _plan(name, given)
        async with parts.store.transaction() as session:
            found = await version_moves.preview(
                session, caller.actor, plan, percent=given.percent, where=places
            )
        return preview_shown(found)

    @router.post(
        "/{name}/moves",
        operation_id="start_flow_move",
        status_code=202,
        responses=refusals(404, 409),
    )
    async def start(name: Name, given: shapes.MovePlanGiven, caller: Calling) -> shapes.MoveStarted:
        """Begin to move people as the plan says, the first `percent` of them, in the background."""
        plan, places = _plan(name, given)
        async with parts.store.transaction() as session:
            started = await version_moves.start(
                *(session, caller.actor, plan),
                plans=parts.shared.plans,
                now=parts.now(),
                percent=given.percent,
                places=places,
            )
        parts.pokes.version_move(started.move_id)
        return shapes.MoveStarted(id=started.move_id, warnings=told(started.warnings)[1])

    @router.post(
        "/{name}/moves/{move_id}/steer",
        operation_id="steer_flow_move",
        responses=refusals(404, 409),
    )
    async def steer(
        name: Name, move_id: MoveId, given: shapes.MoveDeed, caller: Calling
    ) -> shapes.MoveShown:
        """Let more take part, pause, resume, cancel, or bring back who has not moved on."""
        async with parts.store.transaction() as session:
            await _line(session, caller, name, move_id)
            if given.do == "stage":
                percent = given.percent or 0
                await version_moves.stage(session, caller.actor, move_id, percent, parts.now())
            else:
                await _STEERS[given.do](session, caller.actor, move_id, parts.now())
            line = await _line(session, caller, name, move_id)
        if given.do in ("stage", "resume", "undo"):
            parts.pokes.version_move(move_id)
        return line

    @router.post(
        "/{name}/nodes/{node}/pause", operation_id="pause_flow_node", responses=refusals(404, 409)
    )
    async def pause(name: Name, node: Node, caller: Calling) -> shapes.NodePauseShown:
        """Hold everybody who stands on this node or comes to it."""
        async with parts.store.transaction() as session:
            done = await pause_node(
                *(session, caller.actor, name, node), plans=parts.shared.plans, now=parts.now()
            )
        return _pause(parts, done)

    @router.post(
        "/{name}/nodes/{node}/resume", operation_id="resume_flow_node", responses=refusals(404, 409)
    )
    async def resume(name: Name, node: Node, caller: Calling) -> shapes.NodePauseShown:
        """Let people go on from this node."""
        async with parts.store.transaction() as session:
            done = await resume_node(session, caller.actor, name, node, now=parts.now())
        return _pause(parts, done)

    @router.put(
        "/{name}/splits/{node}/winner",
        operation_id="choose_split_winner",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def choose(name: Name, node: Node, given: shapes.WinnerGiven, caller: Calling) -> None:
        """From now on everybody who comes to the node goes by this arm."""
        async with parts.store.transaction() as session:
            await choose_winner(
                *(session, caller.actor, parts.shared.plans, name, node, given.arm), parts.now()
            )

    @router.delete(
        "/{name}/splits/{node}/winner",
        operation_id="withdraw_split_winner",
        status_code=204,
        responses=refusals(404, 409),
    )
    async def withdraw_(name: Name, node: Node, caller: Calling) -> None:
        """Let chance part people again."""
        async with parts.store.transaction() as session:
            plans = parts.shared.plans
            await withdraw(session, caller.actor, plans, name, node, parts.now())

    return router


def _plan(name: str, given: shapes.MovePlanGiven) -> tuple[MovePlan, Places]:
    plan, places = read_plan(given.plan, file=_FILE)
    if plan.flow != name:
        problem = Problem("/plan", "other_name", f'the plan is of the flow "{plan.flow[:80]}"')
        raise Refused("Nobody was moved.", [problem])
    return plan, places


async def _line(
    session: AsyncSession, caller: Calling, name: str, move_id: int
) -> shapes.MoveShown:
    for one in await version_moves.moves(session, caller.actor, name, limit=_MOST_MOVES):
        if one.id == move_id:
            return _move(one)
    raise NotFound(f'Flow "{name}" has no move {move_id}.')


def _move(one: version_moves.MoveLine) -> shapes.MoveShown:
    return shapes.MoveShown(
        id=one.id,
        from_version=one.from_number,
        to_version=one.to_number,
        percent=one.percent,
        state=one.state,
        created_at=one.created_at,
        ended_at=one.ended_at,
        moved=one.moved,
        waiting=one.waiting,
        returned=one.returned,
        moved_on=one.moved_on,
    )


def _pause(parts: Parts, done: NodePause) -> shapes.NodePauseShown:
    shared = parts.shared
    if done.changed and not done.paused:
        flows.poke_all(
            parts.pokes,
            done.flow,
            advance_shards=shared.advance_shards,
            perform_shards=shared.perform_shards,
        )
    return shapes.NodePauseShown.model_validate(done)
