"""A target of everybody, and the figures of sales work."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.api.operation import KEEPERS, Operation

DEAL, LEADERS = ("read:deal",), ("admin", "sales_manager")
TARGET = {"period": "2026-Q1", "currency": "EUR", "amount_minor": 5}


async def furnish_insight(session: AsyncSession) -> None:
    await session.execute(
        text(
            "INSERT INTO target (unit, starts_on, currency, amount_minor)"
            " VALUES ('quarter', '2026-01-01', 'USD', 100)"
        )
    )


INSIGHT = (
    Operation("get_forecast", "GET", "/api/insight/forecast", DEAL),
    Operation("get_forecast_accuracy", "GET", "/api/insight/accuracy", DEAL),
    Operation("get_conversion", "GET", "/api/insight/conversion", DEAL),
    Operation("get_bottlenecks", "GET", "/api/insight/bottlenecks", DEAL),
    Operation("get_aging", "GET", "/api/insight/aging", DEAL),
    Operation("get_performance", "GET", "/api/insight/performance", DEAL),
    Operation("get_insight_csv", "GET", "/api/insight/chances/csv", DEAL),
    Operation("get_approval_times", "GET", "/api/insight/approvals", ("read:approval",), KEEPERS),
    Operation(
        "get_escalation_times", "GET", "/api/insight/escalations", ("read:escalation",), KEEPERS
    ),
    Operation("get_ticket_times", "GET", "/api/insight/tickets", ("read:ticket",)),
    Operation("list_targets", "GET", "/api/targets", ("read:target", *DEAL)),
    Operation("get_targets_csv", "GET", "/api/targets/csv", ("read:target", *DEAL)),
    Operation(
        "put_targets",
        "PUT",
        "/api/targets",
        ("write:target",),
        LEADERS,
        {"targets": [TARGET]},
        changes=True,
    ),
    Operation(
        "delete_target", "DELETE", "/api/targets/1", ("write:target",), LEADERS, changes=True
    ),
)
