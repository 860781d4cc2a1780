"""Flows and their published versions, as rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import CustomField, Flow, FlowState, FlowVersion, SplitWinner


@dataclass(frozen=True, slots=True)
class FlowRow:
    id: int
    name: str
    state: str
    published_version_id: int | None
    paused_nodes: tuple[str, ...] = ()
    # Arms that have won, as (node, arm, all arms).
    winners: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


_WINNER = func.jsonb_build_array(SplitWinner.node, SplitWinner.arm, SplitWinner.arms)
_WINNERS = (
    select(func.jsonb_agg(aggregate_order_by(_WINNER, SplitWinner.node)))
    .where(SplitWinner.flow_id == Flow.id, SplitWinner.withdrawn_at.is_(None))
    .scalar_subquery()
)


async def flow_rows(session: AsyncSession) -> list[FlowRow]:
    """Every flow in one small query; asked at the start of each batch."""
    found = await session.execute(
        select(
            *(Flow.id, Flow.name, Flow.state, Flow.published_version_id, Flow.paused_nodes),
            _WINNERS,
        ).order_by(Flow.id)
    )
    return [
        FlowRow(id_, name, state, version, tuple(paused), _winners(winners))
        for id_, name, state, version, paused, winners in found
    ]


def _winners(
    found: Sequence[tuple[str, str, Sequence[str]]] | None,
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple((node, arm, tuple(arms)) for node, arm, arms in found or ())


async def flow_named(session: AsyncSession, name: str, *, lock: bool = False) -> Flow | None:
    wanted = select(Flow).where(Flow.name == name)
    # not FOR UPDATE, which would stop everybody who lets people in (a run refers to its flow)
    return await session.scalar(wanted.with_for_update(key_share=True) if lock else wanted)


async def definitions(
    session: AsyncSession, version_ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    found = await session.execute(
        select(FlowVersion.id, FlowVersion.definition).where(FlowVersion.id.in_(version_ids))
    )
    return {row[0]: row[1] for row in found}


async def version_source(session: AsyncSession, version_id: int) -> str:
    """The text from which a version was published."""
    found = await session.execute(select(FlowVersion.source).where(FlowVersion.id == version_id))
    return str(found.scalar_one())


async def versions_at_work(session: AsyncSession) -> list[tuple[str, int, str]]:
    """(flow, version, hash) of what new people enter; paused and retired flows are left out."""
    found = await session.execute(
        select(Flow.name, FlowVersion.id, FlowVersion.hash)
        .join(FlowVersion, FlowVersion.id == Flow.published_version_id)
        .where(Flow.state == FlowState.ACTIVE)
        .order_by(Flow.id)
    )
    return [(row[0], row[1], row[2]) for row in found]


async def version_ids(session: AsyncSession) -> list[int]:
    """Every version that was ever published: runs keep the one they entered with."""
    return list(await session.scalars(select(FlowVersion.id).order_by(FlowVersion.id)))


async def latest_version(session: AsyncSession, flow_id: int) -> FlowVersion | None:
    return await session.scalar(
        select(FlowVersion)
        .where(FlowVersion.flow_id == flow_id)
        .order_by(FlowVersion.number.desc())
        .limit(1)
    )


async def version_with_hash(session: AsyncSession, flow_id: int, hash_: str) -> FlowVersion | None:
    return await session.scalar(
        select(FlowVersion).where(FlowVersion.flow_id == flow_id, FlowVersion.hash == hash_)
    )


async def custom_fields(session: AsyncSession) -> list[CustomField]:
    return list(await session.scalars(select(CustomField).order_by(CustomField.id)))
