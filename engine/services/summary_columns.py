"""Where the derived facts of a contact are kept: its row of `contact_summary`, if it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, case, func, literal
from sqlalchemy.types import BigInteger

from crm_store.models import ContactSummary
from engine.rules.ir import Path

SUMMARY: Final[Table] = ContactSummary.__table__  # type: ignore[assignment]  # a plain table


def _count(column: ColumnElement[int]) -> ColumnElement[int]:
    """Nobody has a row who has nothing to count."""
    return func.coalesce(column, literal(0, BigInteger()))


def _money(
    name: str, minor: ColumnElement[Any], currency: ColumnElement[Any]
) -> Mapping[Path, ColumnElement[Any]]:
    """An amount that is absent has no currency either, whether there is a row or not."""
    of_amount = case((minor.is_not(None), currency))
    return {(name, "minor"): minor, (name, "currency"): of_amount, (name, "base"): minor}


_COUNTS: Final[Mapping[Path, ColumnElement[Any]]] = {
    ("order_count",): _count(SUMMARY.c.order_count),
    ("open_deals",): _count(SUMMARY.c.open_deal_count),
    ("open_tickets",): _count(SUMMARY.c.open_ticket_count),
}
SUMMARY_FIELDS: Final[Mapping[Path, ColumnElement[Any]]] = {
    **_COUNTS,
    **_money("total_spent", SUMMARY.c.total_spent_minor, SUMMARY.c.order_currency),
    **_money("average_order", SUMMARY.c.average_order_minor, SUMMARY.c.order_currency),
    **_money("lifetime_value", SUMMARY.c.lifetime_value_minor, SUMMARY.c.order_currency),
    **_money("open_deal_amount", SUMMARY.c.open_deal_minor, SUMMARY.c.deal_currency),
    **{
        (name,): SUMMARY.c[name]
        for name in (
            *("first_order_at", "last_order_at", "days_between_orders"),
            *("recency_score", "frequency_score", "monetary_score", "rfm_band"),
        )
    },
}
SUMMARY_NEVER_NULL: Final = frozenset(_COUNTS)
