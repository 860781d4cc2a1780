"""Versions of a flow and who stands in them, counted before anybody is moved."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Flow, FlowVersion
from crm_store.version_share import DRAWN, IS_IN_SHARE, Share


class PlaceRow(NamedTuple):
    """How many stand on a node of a version in a state, and how many of them are in the share.

    `asking` have an ask that is not answered, in the share.
    """

    node: str
    state: str
    people: int
    in_share: int
    asking: int


async def version_numbered(session: AsyncSession, flow: str, number: int) -> FlowVersion | None:
    return await session.scalar(
        select(FlowVersion)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(Flow.name == flow, FlowVersion.number == number)
    )


async def version_rows(session: AsyncSession, flow_id: int) -> list[FlowVersion]:
    """Every version of a flow, the oldest first."""
    return list(
        await session.scalars(
            select(FlowVersion).where(FlowVersion.flow_id == flow_id).order_by(FlowVersion.number)
        )
    )


async def people_inside(session: AsyncSession, flow_id: int) -> list[tuple[int, str, str, int]]:
    """(version, node, state, how many) of everybody who is not through."""
    found = await session.execute(
        text(
            "SELECT flow_version_id, node, state, count(*) FROM run"
            " WHERE flow_id = :flow_id AND state <> 'ended'"
            " GROUP BY flow_version_id, node, state ORDER BY flow_version_id, node, state"
        ),
        {"flow_id": flow_id},
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def places(
    session: AsyncSession, flow_id: int, version_id: int, share: Share
) -> list[PlaceRow]:
    found = await session.execute(
        text(
            f"""
            SELECT r.node, r.state, count(*), count(*) FILTER (WHERE {IS_IN_SHARE}),
                   count(*) FILTER (WHERE {IS_IN_SHARE} AND r.state = 'active'
                       AND EXISTS (SELECT 1 FROM effect e WHERE e.run_id = r.id
                                   AND e.state IN ('pending', 'handing_over')))
            FROM run r {DRAWN} drawn
            WHERE r.flow_id = :flow_id AND r.flow_version_id = :version AND r.state <> 'ended'
            GROUP BY r.node, r.state ORDER BY r.node, r.state
            """  # noqa: S608 - constants
        ),
        {"flow_id": flow_id, "version": version_id, **share.parameters()},
    )
    return [PlaceRow(*row) for row in found]


async def asked_by_place(
    session: AsyncSession, flow_id: int, version_id: int
) -> list[tuple[str, str]]:
    """(node, node of an ask): on which nodes those who stand on a node have asked the world."""
    found = await session.execute(
        text(
            "SELECT DISTINCT r.node, e.node FROM run r JOIN effect e ON e.run_id = r.id"
            " WHERE r.flow_id = :flow_id AND r.flow_version_id = :version AND r.state <> 'ended'"
            " ORDER BY r.node, e.node"
        ),
        {"flow_id": flow_id, "version": version_id},
    )
    return [(row[0], row[1]) for row in found]
