"""Pipelines and their stages, as definitions shape them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class PresentStage(NamedTuple):
    """`deals` is how many stand on it."""

    id: int
    key: str
    kind: str
    retired: bool
    deals: int


async def hold_pipeline(
    session: AsyncSession, key: str, label: str, label_zh: str | None, version_id: int
) -> int:
    """The pipeline's id, made if it is new, with this version in force. Nobody moves its deals
    until the transaction ends."""
    found = await session.scalar(
        text("SELECT id FROM pipeline WHERE key = :key FOR UPDATE"), {"key": key}
    )
    values = {"key": key, "label": label, "label_zh": label_zh, "version": version_id}
    if found is None:
        found = await session.scalar(
            text(
                "INSERT INTO pipeline (key, label, label_zh, definition_version_id)"
                " VALUES (:key, :label, :label_zh, :version)"
                " ON CONFLICT (key) DO UPDATE SET label = excluded.label,"
                " label_zh = excluded.label_zh,"
                " definition_version_id = excluded.definition_version_id RETURNING id"
            ),
            values,
        )
    else:
        await session.execute(
            text(
                "UPDATE pipeline SET label = :label, label_zh = :label_zh,"
                " definition_version_id = :version WHERE id = :id"
            ),
            {**values, "id": found},
        )
    return int(found)


async def present_stages(session: AsyncSession, pipeline_id: int) -> list[PresentStage]:
    found = await session.execute(
        text(
            """
            SELECT s.id, s.key, s.kind, s.retired_at IS NOT NULL,
                   (SELECT count(*) FROM deal d WHERE d.stage_id = s.id)
            FROM stage s WHERE s.pipeline_id = :id ORDER BY s.position, s.id
            """
        ),
        {"id": pipeline_id},
    )
    return [PresentStage._make(row) for row in found]


async def put_stages(
    session: AsyncSession, pipeline_id: int, stages: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    """Write the stages in the order given; ids by key. One that was retired comes back."""
    found = await session.execute(
        text(
            """
            INSERT INTO stage (pipeline_id, key, label, label_zh, kind, position,
                               probability_percent, forecast_category)
            SELECT :id, key, label, label_zh, kind, position, probability_percent,
                   forecast_category
            FROM json_to_recordset(CAST(:rows AS json))
                 AS s(key text, label text, label_zh text, kind text, position bigint,
                      probability_percent bigint, forecast_category text)
            ON CONFLICT (pipeline_id, key) DO UPDATE
                SET label = excluded.label, label_zh = excluded.label_zh, kind = excluded.kind,
                    position = excluded.position, retired_at = NULL,
                    probability_percent = excluded.probability_percent,
                    forecast_category = excluded.forecast_category
            RETURNING key, id
            """
        ),
        {
            "id": pipeline_id,
            "rows": rowset([{**stage, "position": at} for at, stage in enumerate(stages)]),
        },
    )
    return {row[0]: row[1] for row in found}


async def retire_stages(session: AsyncSession, ids: Collection[int], now: datetime) -> None:
    """No deal stands on them any more; their history stays."""
    if ids:
        await session.execute(
            text("UPDATE stage SET retired_at = :now WHERE id = ANY(:ids) AND retired_at IS NULL"),
            {"ids": sorted(ids), "now": now},
        )
