"""Starting a move and steering it: stages, pause, resume, cancel, undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import MoveState, VersionMove
from crm_store.version_moves import forget_waiting, lock_move, move_under_way
from engine.errors import Conflict, NotFound, Refused
from engine.flows.migration import MovePlan
from engine.flows.places import Places
from engine.flows.problems import FlowProblem, FlowRefused, Severity
from engine.services import audit
from engine.services.actor import Actor, allowed
from engine.services.plans import Plans
from engine.services.version_moves.asking import plan_findings
from engine.services.version_moves.versions import TwoVersions, two_versions


@dataclass(frozen=True, slots=True)
class Started:
    """Poke `version_move` with the number after the commit. `warnings` did not stop it."""

    move_id: int
    warnings: tuple[FlowProblem, ...]


async def start(
    session: AsyncSession,
    actor: Actor,
    plan: MovePlan,
    *,
    plans: Plans,
    now: datetime,
    percent: int = 100,
    places: Places | None = None,
) -> Started:
    """Begin to move people as the plan says, the first `percent` of them.

    Raises FlowRefused with every mistake in the plan, NotFound for a version that is not there,
    Conflict while another move of the flow is under way. Starting the same move again moves those
    who came to stand on its nodes meanwhile.
    """
    allowed(actor, "publish", "flow")
    _refuse_share(percent)
    versions = await two_versions(session, plan.flow, plan.from_number, plan.to_number)
    found = await plan_findings(session, plan, versions, places)
    errors = [problem for problem in found if problem.severity is Severity.ERROR]
    if errors:
        raise FlowRefused(f"Nobody was moved: the plan has {len(errors)} to mend.", errors)
    if versions.new.id not in await plans.plans(session, {versions.new.id}):
        raise Conflict(
            f"Version {versions.new.number} cannot be followed: "
            f"{plans.why_broken(versions.new.id)}. Publish one that can, then move people there."
        )
    await _refuse_second(session, versions)
    move = VersionMove(
        flow_id=versions.record.id,
        from_version_id=versions.old.id,
        to_version_id=versions.new.id,
        answers=plan.stored(),
        percent=percent,
        state=MoveState.RUNNING,
        created_by=actor.id if actor.kind == "user" else None,
        created_at=now,
        updated_at=now,
    )
    session.add(move)
    await session.flush()
    await _note(session, actor, "start_move", move)
    return Started(move.id, tuple(found))


async def stage(
    session: AsyncSession, actor: Actor, move_id: int, percent: int, now: datetime
) -> None:
    """Let more of the people take part: those who were moved stay moved."""
    move = await _locked(session, actor, move_id)
    _refuse_share(percent)
    if percent <= move.percent:
        raise Refused(
            f"Move {move_id} takes {move.percent} percent already; give more, or undo it."
        )
    _refuse_unless(move, "stage", MoveState.RUNNING, MoveState.PAUSED, MoveState.DONE)
    if move.state == MoveState.DONE:
        await _refuse_while_under_way(session, move.flow_id)
    move.percent, move.cursor, move.ended_at = percent, 0, None
    await _change(session, actor, "stage_move", move, MoveState.RUNNING, now)


async def pause(session: AsyncSession, actor: Actor, move_id: int, now: datetime) -> None:
    """Move nobody for the time being."""
    move = await _locked(session, actor, move_id)
    _refuse_unless(move, "pause", MoveState.RUNNING, MoveState.PAUSED)
    await _change(session, actor, "pause_move", move, MoveState.PAUSED, now)


async def resume(session: AsyncSession, actor: Actor, move_id: int, now: datetime) -> None:
    """Go on where it was paused; poke `version_move` after the commit."""
    move = await _locked(session, actor, move_id)
    _refuse_unless(move, "resume", MoveState.RUNNING, MoveState.PAUSED)
    await _change(session, actor, "resume_move", move, MoveState.RUNNING, now)


async def cancel(session: AsyncSession, actor: Actor, move_id: int, now: datetime) -> None:
    """Move nobody any more. Those who were moved stay where they are; `undo` brings them back."""
    move = await _locked(session, actor, move_id)
    _refuse_unless(move, "cancel", MoveState.RUNNING, MoveState.PAUSED, MoveState.CANCELLED)
    await forget_waiting(session, move_id)
    move.ended_at = now
    await _change(session, actor, "cancel_move", move, MoveState.CANCELLED, now)


async def undo(session: AsyncSession, actor: Actor, move_id: int, now: datetime) -> None:
    """Bring back who has not moved on since; poke `version_move` after the commit."""
    move = await _locked(session, actor, move_id)
    if move.state in (MoveState.UNDOING, MoveState.UNDONE):
        return
    if move.state in (MoveState.DONE, MoveState.CANCELLED):
        await _refuse_while_under_way(session, move.flow_id)
    await forget_waiting(session, move_id)
    move.cursor, move.ended_at = 0, None
    await _change(session, actor, "undo_move", move, MoveState.UNDOING, now)


async def _locked(session: AsyncSession, actor: Actor, move_id: int) -> VersionMove:
    allowed(actor, "publish", "flow")
    move = await lock_move(session, move_id)
    if move is None:
        raise NotFound(f"There is no move {move_id}. `cadenza flow move list FLOW` shows them.")
    return move


async def _change(
    session: AsyncSession, actor: Actor, verb: str, move: VersionMove, state: str, now: datetime
) -> None:
    move.state, move.updated_at = state, now
    await _note(session, actor, verb, move)


async def _note(session: AsyncSession, actor: Actor, verb: str, move: VersionMove) -> None:
    after = {"move_id": move.id, "state": move.state, "percent": move.percent}
    await audit.record(session, actor, verb, "flow", move.flow_id, after=after)


def _refuse_unless(move: VersionMove, verb: str, *states: str) -> None:
    if move.state not in states:
        raise Conflict(f"Move {move.id} is {move.state}; you cannot {verb} it now.")


def _refuse_share(percent: int) -> None:
    if not 1 <= percent <= 100:
        raise Refused(f"{percent} is no share of the people; give 1 to 100 percent.")


async def _refuse_second(session: AsyncSession, versions: TwoVersions) -> None:
    await _refuse_while_under_way(session, versions.record.id)


async def _refuse_while_under_way(session: AsyncSession, flow_id: int) -> None:
    other = await move_under_way(session, flow_id)
    if other is not None:
        raise Conflict(
            f"Move {other.id} of this flow is {other.state}. Let it finish, or cancel it first."
        )
