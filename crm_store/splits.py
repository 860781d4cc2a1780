"""Arms of splits: who was given which, who reached what they are compared by, which arm won."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Flow, SplitWinner
from crm_store.rowset import rowset


class Taken(NamedTuple):
    """Chance gave the contact an arm."""

    flow_id: int
    node: str
    subject_id: int
    flow_version_id: int
    arm: str


class ReachedBy(NamedTuple):
    """The contact did what the arms of the node are compared by."""

    flow_id: int
    node: str
    subject_id: int
    at: datetime


async def write_taken(session: AsyncSession, rows: Collection[Taken], now: datetime) -> None:
    """Remember the arms; who has one on the node keeps it, and counts once."""
    if not rows:
        return
    await session.execute(
        text(
            """
            INSERT INTO split_taken (flow_id, node, subject_id, flow_version_id, arm, taken_at)
            SELECT flow_id, node, subject_id, flow_version_id, arm, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS n(flow_id bigint, node text, subject_id bigint, flow_version_id bigint,
                      arm text)
            ORDER BY flow_id, node COLLATE "C", subject_id
            ON CONFLICT (flow_id, node, subject_id) DO NOTHING
            """
        ),
        {"now": now, "rows": rowset([row._asdict() for row in rows])},
    )


async def write_reached(session: AsyncSession, rows: Collection[ReachedBy]) -> None:
    """Whoever has an arm, since before that moment, and had not reached it, has now."""
    if not rows:
        return
    await session.execute(
        text(
            """
            WITH told AS (
                SELECT flow_id, node, subject_id, min(at) AS at
                FROM json_to_recordset(CAST(:rows AS json))
                     AS n(flow_id bigint, node text, subject_id bigint, at timestamptz)
                GROUP BY flow_id, node, subject_id
            ), locked AS (
                SELECT s.flow_id, s.node, s.subject_id, told.at
                FROM split_taken s JOIN told USING (flow_id, node, subject_id)
                WHERE s.reached_at IS NULL AND s.taken_at <= told.at
                ORDER BY s.flow_id, s.node, s.subject_id FOR UPDATE OF s
            )
            UPDATE split_taken s SET reached_at = locked.at FROM locked
            WHERE s.flow_id = locked.flow_id AND s.node = locked.node
              AND s.subject_id = locked.subject_id
            """
        ),
        {"rows": rowset([row._asdict() for row in rows])},
    )


class ArmCount(NamedTuple):
    arm: str
    people: int
    reached: int


async def count_arms(
    session: AsyncSession, flow_id: int, node: str, version_ids: Collection[int]
) -> list[ArmCount]:
    """Of those who came in these versions."""
    found = await session.execute(
        text(
            """
            SELECT arm, count(*), count(reached_at) FROM split_taken
            WHERE flow_id = :flow_id AND node = :node AND flow_version_id = ANY(:versions)
            GROUP BY arm ORDER BY arm
            """
        ),
        {"flow_id": flow_id, "node": node, "versions": list(version_ids)},
    )
    return [ArmCount(*row) for row in found]


@dataclass(frozen=True, slots=True)
class WinnerRow:
    """A decision, standing (`withdrawn_at` None) or not."""

    flow_id: int
    node: str
    arm: str
    arms: tuple[str, ...]
    method: str
    decided_by: str
    evidence: Mapping[str, Any]
    decided_at: datetime
    withdrawn_at: datetime | None


async def winner_rows(session: AsyncSession, flow_id: int) -> list[WinnerRow]:
    """All decisions about a flow, the newest first."""
    found = await session.scalars(
        select(SplitWinner).where(SplitWinner.flow_id == flow_id).order_by(SplitWinner.id.desc())
    )
    return [_winner(one) for one in found]


async def add_winner(session: AsyncSession, row: WinnerRow) -> None:
    session.add(
        SplitWinner(
            flow_id=row.flow_id,
            node=row.node,
            arm=row.arm,
            arms=list(row.arms),
            method=row.method,
            decided_by=row.decided_by,
            evidence=dict(row.evidence),
            decided_at=row.decided_at,
        )
    )
    await session.flush()


async def withdraw_winner(session: AsyncSession, flow_id: int, node: str, now: datetime) -> bool:
    """Whether there was a standing decision."""
    found = await session.execute(
        text(
            "UPDATE split_winner SET withdrawn_at = :now"
            " WHERE flow_id = :flow_id AND node = :node AND withdrawn_at IS NULL RETURNING id"
        ),
        {"flow_id": flow_id, "node": node, "now": now},
    )
    return found.first() is not None


async def lock_flow(session: AsyncSession, flow_id: int) -> None:
    """Keep others from deciding about the flow's splits meanwhile."""
    await session.execute(select(Flow.id).where(Flow.id == flow_id).with_for_update(key_share=True))


def _winner(one: SplitWinner) -> WinnerRow:
    return WinnerRow(
        one.flow_id,
        one.node,
        one.arm,
        tuple(one.arms),
        one.method,
        one.decided_by,
        one.evidence,
        one.decided_at,
        one.withdrawn_at,
    )


def standing(rows: Sequence[WinnerRow]) -> dict[str, WinnerRow]:
    """The decisions that hold, by node."""
    return {row.node: row for row in rows if row.withdrawn_at is None}
