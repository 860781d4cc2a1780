"""The history of stages, and how deals stand on the present one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class NewVisit(NamedTuple):
    """A stage that was entered. `worked_seconds` is the working time of the stay that it ends."""

    deal_id: int
    pipeline_id: int
    stage_id: int
    from_stage_id: int | None
    entered_at: datetime
    moved_by_id: int | None
    via: str
    version_id: int | None
    worked_seconds: int | None = None


class VisitRow(NamedTuple):
    id: int
    deal_id: int
    pipeline: str
    stage: str
    stage_label: str
    stage_label_zh: str | None
    from_stage: str | None
    entered_at: datetime
    left_at: datetime | None
    working_seconds: int | None
    moved_by_id: int | None
    moved_by: str | None
    via: str
    definition_version_id: int | None


class StayRow(NamedTuple):
    deal_id: int
    version_id: int
    state: Mapping[str, Any]
    pending: Mapping[str, Any] | None = None
    request_id: int | None = None


async def add_visits(session: AsyncSession, visits: Sequence[NewVisit]) -> dict[int, int]:
    """End the present stays of these deals and begin new ones; ids of the visits by deal. A stay
    never ends before it began, whatever a file says."""
    if not visits:
        return {}
    rows = rowset([visit._asdict() for visit in visits])
    await session.execute(
        text(
            """
            UPDATE stage_visit v SET left_at = greatest(v.entered_at, n.entered_at),
                                     working_seconds = n.worked_seconds
            FROM json_to_recordset(CAST(:rows AS json))
                 AS n(deal_id bigint, entered_at timestamptz, worked_seconds bigint)
            WHERE v.deal_id = n.deal_id AND v.left_at IS NULL
            """
        ),
        {"rows": rows},
    )
    found = await session.execute(
        text(
            """
            INSERT INTO stage_visit (deal_id, pipeline_id, stage_id, from_stage_id, entered_at,
                                     moved_by_id, via, definition_version_id)
            SELECT deal_id, pipeline_id, stage_id, from_stage_id, entered_at, moved_by_id, via,
                   version_id
            FROM json_to_recordset(CAST(:rows AS json))
                 AS n(deal_id bigint, pipeline_id bigint, stage_id bigint, from_stage_id bigint,
                      entered_at timestamptz, moved_by_id bigint, via text, version_id bigint)
            ORDER BY deal_id
            RETURNING deal_id, id
            """
        ),
        {"rows": rows},
    )
    return {row[0]: row[1] for row in found}


async def visits_of(session: AsyncSession, deal_id: int) -> list[VisitRow]:
    """Every stay of a deal, the first one first."""
    found = await session.execute(
        text(
            """
            SELECT v.id, v.deal_id, p.key, s.key, s.label, s.label_zh, f.key, v.entered_at,
                   v.left_at, v.working_seconds, v.moved_by_id, u.name, v.via,
                   v.definition_version_id
            FROM stage_visit v JOIN stage s ON s.id = v.stage_id
            JOIN pipeline p ON p.id = v.pipeline_id
            LEFT JOIN stage f ON f.id = v.from_stage_id
            LEFT JOIN "user" u ON u.id = v.moved_by_id
            WHERE v.deal_id = :id ORDER BY v.entered_at, v.id
            """
        ),
        {"id": deal_id},
    )
    return [VisitRow._make(row) for row in found]


async def put_stays(session: AsyncSession, stays: Sequence[StayRow], now: datetime) -> None:
    """How deals stand on their stages from now on, one row a deal."""
    if not stays:
        return
    await session.execute(
        text(
            """
            INSERT INTO deal_stay (deal_id, version_id, state, pending, request_id, updated_at)
            SELECT deal_id, version_id, state, pending, request_id, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS n(deal_id bigint, version_id bigint, state jsonb, pending jsonb,
                      request_id bigint)
            ORDER BY deal_id
            ON CONFLICT (deal_id) DO UPDATE
                SET version_id = excluded.version_id, state = excluded.state,
                    pending = excluded.pending, request_id = excluded.request_id,
                    updated_at = excluded.updated_at
            """
        ),
        {"rows": rowset([stay._asdict() for stay in stays]), "now": now},
    )


async def remove_stays(session: AsyncSession, deal_ids: Collection[int]) -> None:
    """These deals are closed and have no clocks."""
    if deal_ids:
        await session.execute(
            text("DELETE FROM deal_stay WHERE deal_id = ANY(:ids)"), {"ids": sorted(deal_ids)}
        )
