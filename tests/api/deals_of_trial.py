"""A pipeline without a definition and a deal, for tests that walk through all operations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.imports import make_pipeline
from tests.api.operation import Operation

_STAGE = {"probability_percent": 10, "forecast_category": "pipeline"}
STAGES = [
    {"key": "talk", "label": "Talk", "kind": "open", **_STAGE},
    {"key": "won", "label": "Won", "kind": "won", **_STAGE},
]
DEAL, WRITE_DEAL, ANY = "read:deal", "write:deal", {"If-Match": "*"}
SELLERS = ("admin", "sales_manager", "rep")
DEALS = (
    Operation("list_pipelines", "GET", "/api/pipelines", ("read:pipeline",)),
    Operation("get_pipeline", "GET", "/api/pipelines/sales", ("read:pipeline",)),
    Operation("list_deals", "GET", "/api/deals", (DEAL,)),
    Operation("get_deal", "GET", "/api/deals/1", (DEAL,)),
    Operation("get_deal_history", "GET", "/api/deals/1/history", (DEAL,)),
    Operation(
        "create_deal",
        "POST",
        "/api/deals",
        (WRITE_DEAL, DEAL),
        SELLERS,
        {"pipeline": "sales", "fields": {"name": "Mills"}},
        changes=True,
    ),
    Operation(
        "change_deal",
        "PATCH",
        "/api/deals/1",
        (WRITE_DEAL, DEAL),
        SELLERS,
        {"fields": {"name": "Big looms"}},
        ANY,
        changes=True,
    ),
    Operation(
        "move_deal",
        "POST",
        "/api/deals/1/move",
        (WRITE_DEAL,),
        SELLERS,
        {"to": "won"},
        changes=True,
    ),
    Operation(
        "move_deals",
        "POST",
        "/api/deals/moves",
        (WRITE_DEAL,),
        SELLERS,
        {"deal_ids": [1], "to": "won"},
        changes=True,
    ),
)


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
