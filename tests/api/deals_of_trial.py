"""A pipeline without a definition and a deal, for tests that walk through all operations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.imports import make_pipeline

_STAGE = {"probability_percent": 10, "forecast_category": "pipeline"}
STAGES = [
    {"key": "talk", "label": "Talk", "kind": "open", **_STAGE},
    {"key": "won", "label": "Won", "kind": "won", **_STAGE},
]


async def furnish_deals(session: AsyncSession, contact_id: int, now: datetime) -> None:
    """One deal, on the first stage of the pipeline `sales`."""
    await make_pipeline(session, "sales", "Sales", STAGES)
    await session.execute(
        text(
            "INSERT INTO deal (name, contact_id, pipeline_id, stage_id, stage_entered_at,"
            " forecast_category, opened_at) SELECT 'Looms', :contact, pipeline_id, id, :now,"
            " 'pipeline', :now FROM stage WHERE key = 'talk'"
        ),
        {"contact": contact_id, "now": now},
    )
