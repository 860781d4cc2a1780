"""Runs a person decides about: which they are, what was asked for them, letting them go on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_MATCHES = """
    r.state = :state AND f.name = :flow
    AND (CAST(:node AS text) IS NULL OR r.node = :node)
    AND (CAST(:code AS text) IS NULL OR r.outcome = :code)
    AND (CAST(:run_ids AS bigint[]) IS NULL OR r.id = ANY(CAST(:run_ids AS bigint[])))
"""


@dataclass(frozen=True, slots=True)
class Which:
    """Runs of a flow that are "held" (or "active"), all of them or those on a node, held for a
    reason, or of these numbers.
    """

    flow: str
    state: str = "held"
    node: str | None = None
    code: str | None = None
    run_ids: tuple[int, ...] | None = None

    def parameters(self) -> dict[str, Any]:
        return {
            "flow": self.flow,
            "state": self.state,
            "node": self.node,
            "code": self.code,
            "run_ids": None if self.run_ids is None else list(self.run_ids),
        }


async def count_by_place(session: AsyncSession, which: Which) -> list[tuple[str, str | None, int]]:
    """(node, reason, how many), the most first."""
    found = await session.execute(
        text(
            f"""
            SELECT r.node, r.outcome, count(*) FROM run r JOIN flow f ON f.id = r.flow_id
            WHERE {_MATCHES} GROUP BY r.node, r.outcome ORDER BY count(*) DESC, r.node
            """  # noqa: S608 - a constant
        ),
        which.parameters(),
    )
    return [(row[0], row[1], row[2]) for row in found]


async def held_by_place(session: AsyncSession) -> list[tuple[str, str, str, str | None, int]]:
    """(flow, its label, node, reason, how many) of all held runs, the most first."""
    found = await session.execute(
        text(
            """
            SELECT f.name, f.label, r.node, r.outcome, count(*)
            FROM run r JOIN flow f ON f.id = r.flow_id WHERE r.state = 'held'
            GROUP BY f.name, f.label, r.node, r.outcome ORDER BY count(*) DESC, f.name, r.node
            """
        )
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in found]


async def ids_page(session: AsyncSession, which: Which, after: int, limit: int) -> list[int]:
    """The next run numbers; those another transaction is moving come in their turn."""
    found = await session.execute(
        text(
            f"""
            SELECT r.id FROM run r JOIN flow f ON f.id = r.flow_id
            WHERE {_MATCHES} AND r.id > :after ORDER BY r.id LIMIT :limit
            """  # noqa: S608 - a constant
        ),
        {**which.parameters(), "after": after, "limit": limit},
    )
    return list(found.scalars())


@dataclass(frozen=True, slots=True)
class AskRow:
    """The latest ask on a node; `receipt` is its answer, None while there is none."""

    run_id: int
    node: str
    visit: int
    is_open: bool
    receipt: dict[str, Any] | None


async def latest_asks(session: AsyncSession, run_ids: Collection[int]) -> list[AskRow]:
    """Per run and node the ask of the highest visit."""
    found = await session.execute(
        text(
            """
            SELECT DISTINCT ON (run_id, node) run_id, node, visit,
                   state IN ('pending', 'handing_over'), receipt
            FROM effect WHERE run_id = ANY(:ids) ORDER BY run_id, node, visit DESC
            """
        ),
        {"ids": list(run_ids)},
    )
    return [AskRow(*row) for row in found]


async def release(
    session: AsyncSession, run_ids: Sequence[int], now: datetime, *, due: bool
) -> None:
    """Let held runs go on: due now, with what they have still to be told, or when the answer comes
    that is under way. The rows must be locked.
    """
    if not run_ids:
        return
    await session.execute(
        text(
            "UPDATE run SET state = 'active', outcome = NULL, moved_at = :now, paused_due = NULL,"
            " due_at = CASE WHEN :due THEN CAST(:now AS timestamptz) END"
            " WHERE id = ANY(:ids) AND state = 'held'"
        ),
        {"ids": list(run_ids), "now": now, "due": due},
    )
