"""Goals of flows: whose runs an event may concern, and who reached them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class GoalVersion(NamedTuple):
    """A published version with something that events are counted for, and the names of these."""

    flow_id: int
    definition: dict[str, Any]
    version_id: int


async def versions_that_count(session: AsyncSession) -> list[GoalVersion]:
    """Versions with a goal, or with a split whose arms are compared; old ones too, because runs
    keep the version they entered with.
    """
    found = await session.execute(
        text(
            """
            SELECT flow_id, definition, id FROM flow_version
            WHERE definition->'goal' <> 'null'
               OR jsonb_path_exists(definition, '$.nodes[*].settings.winner')
            ORDER BY id
            """
        )
    )
    return [GoalVersion(*row) for row in found]


class RunInReach(NamedTuple):
    """A run that has not reached its goal yet, over or not; `held_out` for one of the holdout.

    `entered_at` is when what it entered by happened, not when a driver came to it.
    """

    id: int
    flow_id: int
    flow_version_id: int
    subject_id: int
    entered_at: datetime
    state: str
    held_out: bool = False


async def runs_in_reach(
    session: AsyncSession, pairs: Collection[tuple[int, int]]
) -> list[RunInReach]:
    """The runs of these (flow, contact) that have not reached their goal, by id.

    Found by the unique index of entries, so it costs the same however many runs are over.
    """
    if not pairs:
        return []
    found = await session.execute(
        text(
            """
            SELECT r.id, r.flow_id, r.flow_version_id, r.subject_id,
                   least(r.entered_at,
                         (SELECT e.occurred_at FROM event e WHERE e.id = r.entry_event_id)),
                   r.state,
                   r.outcome IS NOT DISTINCT FROM 'holdout'
            FROM unnest(CAST(:flows AS bigint[]), CAST(:subjects AS bigint[]))
                 AS asked(flow_id, subject_id)
            CROSS JOIN LATERAL (
                SELECT * FROM run WHERE run.flow_id = asked.flow_id
                  AND run.subject_id = asked.subject_id AND run.subject_kind = 'contact'
                OFFSET 0) r
            WHERE NOT EXISTS (SELECT 1 FROM goal_reached g WHERE g.run_id = r.id)
            ORDER BY r.id
            """
        ),
        {"flows": [pair[0] for pair in pairs], "subjects": [pair[1] for pair in pairs]},
    )
    return [RunInReach(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Reached:
    """A run that reached its goal. The amount is that of `currency`, in minor units; where
    `order_id` (a number of ours) or `order_key` (another system's) is set it is that order's, as
    far as the order is the contact's.
    """

    run_id: int
    flow_id: int
    subject_id: int
    event_id: int | None
    reached_at: datetime
    amount_minor: int | None = None
    currency: str | None = None
    order_id: int | None = None
    order_key: str | None = None


async def write_reached(session: AsyncSession, rows: Sequence[Reached]) -> set[int]:
    """Count each run once; the ids of those that had not been counted."""
    if not rows:
        return set()
    found = await session.execute(
        text(
            """
            INSERT INTO goal_reached (run_id, flow_id, subject_id, event_id, reached_at,
                                      amount_minor, currency, base_minor)
            SELECT n.run_id, n.flow_id, n.subject_id, n.event_id, n.reached_at,
                   coalesce(o.total_minor, n.amount_minor), coalesce(o.currency, n.currency),
                   coalesce(o.total_base_minor, base_minor(
                       n.amount_minor, n.currency, (n.reached_at AT TIME ZONE 'UTC')::date))
            FROM json_to_recordset(CAST(:rows AS json))
                 AS n(run_id bigint, flow_id bigint, subject_id bigint, event_id bigint,
                      reached_at timestamptz, amount_minor bigint, currency text,
                      order_id bigint, order_key text)
            LEFT JOIN LATERAL (
                SELECT total_minor, currency, total_base_minor FROM "order" o
                WHERE (o.id = n.order_id OR o.external_id = n.order_key)
                  AND o.contact_id = n.subject_id LIMIT 1) o ON true
            ORDER BY n.run_id
            ON CONFLICT (run_id) DO NOTHING RETURNING run_id
            """
        ),
        {"rows": rowset([_row(one) for one in rows])},
    )
    return {row[0] for row in found}


async def reached_among(session: AsyncSession, run_ids: Collection[int]) -> set[int]:
    """Those of the runs that have reached their goal."""
    if not run_ids:
        return set()
    found = await session.execute(
        text("SELECT run_id FROM goal_reached WHERE run_id = ANY(:ids)"), {"ids": list(run_ids)}
    )
    return {row[0] for row in found}


def _row(one: Reached) -> dict[str, Any]:
    return {
        "run_id": one.run_id,
        "flow_id": one.flow_id,
        "subject_id": one.subject_id,
        "event_id": one.event_id,
        "reached_at": one.reached_at,
        "amount_minor": one.amount_minor,
        "currency": one.currency,
        "order_id": one.order_id,
        "order_key": one.order_key,
    }
