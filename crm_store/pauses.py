"""Paused nodes: which they are, and the runs that fell due there.

Whoever moves runs by what is paused shares a lock until his transaction ends; whoever pauses or
resumes takes it alone. So a pause holds from its commit on, and nobody puts a run aside for a pause
that is over. The lock comes before all locks of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# The ASCII of "pause".
_LOCK: Final = 0x7061757365


async def share_pauses(session: AsyncSession) -> None:
    """Nothing is paused or resumed until this transaction ends. Read what is paused after it."""
    await session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": _LOCK})


async def hold_pauses(session: AsyncSession) -> None:
    """Wait for those who move runs now, and keep others waiting until this transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


async def put_off_by_pause(session: AsyncSession, run_ids: Sequence[int]) -> None:
    """Let due runs on paused nodes be due no more, and remember since when they are. The rows must
    be locked."""
    if run_ids:
        await session.execute(
            text(
                "UPDATE run SET paused_due = due_at, due_at = NULL"
                " WHERE id = ANY(:ids) AND state = 'active' AND due_at IS NOT NULL"
            ),
            {"ids": list(run_ids)},
        )


async def due_again(session: AsyncSession, flow_id: int, node: str) -> int:
    """Let the runs that waited at a node be due as they were; how many."""
    found = await session.execute(
        text(
            """
            WITH again AS (
                UPDATE run SET due_at = paused_due, paused_due = NULL
                WHERE id IN (
                    SELECT id FROM run
                    WHERE flow_id = :flow_id AND node = :node AND paused_due IS NOT NULL
                    ORDER BY id FOR NO KEY UPDATE)
                RETURNING 1)
            SELECT count(*) FROM again
            """
        ),
        {"flow_id": flow_id, "node": node},
    )
    return int(found.scalar_one())


async def waiting_at(
    session: AsyncSession, flow_id: int, nodes: Collection[str], version_id: int | None = None
) -> Mapping[str, tuple[int, int]]:
    """By paused node, how many are due there and wait, and how many of these have just arrived:
    those are not counted as standing there until the node goes on. Of one version, or of all."""
    if not nodes:
        return {}
    found = await session.execute(
        text(
            """
            SELECT node, count(*),
                   count(*) FILTER (WHERE happening ->> 'what' IN ('entered', 'arrived'))
            FROM run
            WHERE flow_id = :flow_id AND node = ANY(:nodes) AND paused_due IS NOT NULL
              AND (CAST(:version AS bigint) IS NULL OR flow_version_id = :version)
            GROUP BY node
            """
        ),
        {"flow_id": flow_id, "nodes": list(nodes), "version": version_id},
    )
    return {row[0]: (row[1], row[2]) for row in found}
