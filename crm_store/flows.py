"""Flows and their published versions, as rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import CustomField, Flow, FlowVersion


@dataclass(frozen=True, slots=True)
class FlowRow:
    id: int
    name: str
    state: str
    published_version_id: int | None


async def flow_rows(session: AsyncSession) -> list[FlowRow]:
    """Every flow in one small query; asked at the start of each batch."""
    found = await session.execute(
        select(Flow.id, Flow.name, Flow.state, Flow.published_version_id).order_by(Flow.id)
    )
    return [FlowRow(*row) for row in found]


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
