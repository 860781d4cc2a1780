"""Numbers of flows: who is where, how many came through, what was sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Enrolment, Flow, FlowVersion, Message, NodeCount, Run, RunState, User


@dataclass(frozen=True, slots=True)
class Counted:
    """`exit` empty: entered the node; in brackets: ended there with that outcome."""

    version_id: int
    node: str
    exit: str
    count: int


async def flows(session: AsyncSession) -> list[tuple[Flow, FlowVersion | None]]:
    """Every flow with its published version, by label."""
    found = await session.execute(
        select(Flow, FlowVersion)
        .outerjoin(FlowVersion, FlowVersion.id == Flow.published_version_id)
        .order_by(Flow.label, Flow.id)
    )
    return [(row[0], row[1]) for row in found]


async def flow_by_name(session: AsyncSession, name: str) -> Flow | None:
    return await session.scalar(select(Flow).where(Flow.name == name))


async def versions(session: AsyncSession, flow_id: int) -> list[tuple[FlowVersion, str | None]]:
    """Versions of a flow, newest first, with the name of who published each."""
    found = await session.execute(
        select(FlowVersion, User.name)
        .outerjoin(User, User.id == FlowVersion.published_by)
        .where(FlowVersion.flow_id == flow_id)
        .order_by(FlowVersion.number.desc())
    )
    return [(row[0], row[1]) for row in found]


async def version_flows(session: AsyncSession) -> dict[int, int]:
    """The flow of every version."""
    found = await session.execute(select(FlowVersion.id, FlowVersion.flow_id))
    return {row[0]: row[1] for row in found}


async def counted(session: AsyncSession, version_ids: Collection[int]) -> list[Counted]:
    """The counters kept with the moves: a few rows per node however many people came through."""
    if not version_ids:
        return []
    found = await session.execute(
        select(NodeCount.flow_version_id, NodeCount.node, NodeCount.exit, func.sum(NodeCount.count))
        .where(NodeCount.flow_version_id.in_(version_ids))
        .group_by(NodeCount.flow_version_id, NodeCount.node, NodeCount.exit)
    )
    return [Counted(row[0], row[1], row[2], int(row[3])) for row in found]


async def held_runs(
    session: AsyncSession, flow_id: int | None = None
) -> dict[tuple[int, int, str], int]:
    """Held runs by (flow, version, node); answered from the index of held runs alone."""
    chosen = select(Run.flow_id, Run.flow_version_id, Run.node, func.count()).where(
        Run.state == RunState.HELD
    )
    if flow_id is not None:
        chosen = chosen.where(Run.flow_id == flow_id)
    found = await session.execute(chosen.group_by(Run.flow_id, Run.flow_version_id, Run.node))
    return {(row[0], row[1], row[2]): row[3] for row in found}


async def messages_by_state(
    session: AsyncSession, flow_id: int | None = None
) -> dict[tuple[int, str], int]:
    """Messages by (flow, state)."""
    chosen = select(Message.flow_id, Message.state, func.count())
    if flow_id is not None:
        chosen = chosen.where(Message.flow_id == flow_id)
    found = await session.execute(chosen.group_by(Message.flow_id, Message.state))
    return {(row[0], row[1]): row[2] for row in found}


async def running_enrolment(session: AsyncSession, flow_id: int) -> Enrolment | None:
    """The audience that is entering the flow just now."""
    return await session.scalar(
        select(Enrolment)
        .where(Enrolment.flow_id == flow_id, Enrolment.state == "running")
        .order_by(Enrolment.id.desc())
        .limit(1)
    )
