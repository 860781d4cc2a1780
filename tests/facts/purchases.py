"""People, orders, deals and tickets for these tests, and what the database makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.exchange_rates import put_rates
from crm_store.models import Contact, ContactSummary, Deal, Order, Pipeline, Stage, Ticket

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def people(session: AsyncSession, count: int) -> list[int]:
    rows = [{"source": "test"} for _ in range(count)]
    return list(await session.scalars(insert(Contact).returning(Contact.id), rows))


async def buys(
    session: AsyncSession,
    contact: int,
    minor: int,
    *,
    currency: str = "USD",
    at: datetime = NOW,
    status: str = "completed",
) -> int:
    found: int | None = await session.scalar(
        insert(Order)
        .values(
            contact_id=contact, total_minor=minor, currency=currency, placed_at=at, status=status
        )
        .returning(Order.id)
    )
    assert found is not None
    return found


async def pipeline(session: AsyncSession) -> dict[str, int]:
    """A stage of each kind, by kind."""
    [own] = await session.scalars(
        insert(Pipeline).values(key="sales", label="Sales").returning(Pipeline.id)
    )
    rows = [
        {
            "pipeline_id": own,
            "key": kind,
            "label": kind,
            "kind": kind,
            "position": position,
            "probability_percent": 50,
            "forecast_category": "pipeline",
        }
        for position, kind in enumerate(("open", "won", "lost"))
    ]
    found = await session.execute(insert(Stage).returning(Stage.kind, Stage.id), rows)
    return {row[0]: row[1] for row in found}


async def sells(
    session: AsyncSession,
    contact: int | None,
    stage: int,
    minor: int | None,
    currency: str | None = "USD",
    **more: Any,
) -> int:
    pipeline_id = await session.scalar(select(Stage.pipeline_id).where(Stage.id == stage))
    values = {
        "name": "A deal",
        "contact_id": contact,
        "pipeline_id": pipeline_id,
        "stage_id": stage,
        "stage_entered_at": NOW,
        "amount_minor": minor,
        "currency": currency,
        "forecast_category": "pipeline",
        "opened_at": NOW,
        **more,
    }
    found: int | None = await session.scalar(insert(Deal).values(values).returning(Deal.id))
    assert found is not None
    return found


async def asks(session: AsyncSession, contact: int, status: str = "new") -> int:
    values = {"contact_id": contact, "subject": "A question", "status": status, "opened_at": NOW}
    found: int | None = await session.scalar(insert(Ticket).values(values).returning(Ticket.id))
    assert found is not None
    return found


async def summary(session: AsyncSession, contact: int, *names: str) -> Any:
    """One column of the contact's summary, or a tuple of several; None without a row."""
    columns = [ContactSummary.__table__.c[name] for name in names]
    row = (
        await session.execute(select(*columns).where(ContactSummary.contact_id == contact))
    ).first()
    return row if row is None else row[0] if len(names) == 1 else tuple(row)


async def rate(session: AsyncSession, currency: str, on: date, worth: str, minor: str = "") -> None:
    row = {
        "base_currency": "USD",
        "currency": currency,
        "day": on,
        "rate": worth,
        "minor_rate": minor or worth,
    }
    await put_rates(session, [row])


async def in_base(session: AsyncSession, orders: Sequence[int]) -> list[int | None]:
    found = await session.execute(
        select(Order.id, Order.total_base_minor).where(Order.id.in_(orders))
    )
    amounts = {row[0]: row[1] for row in found}
    return [amounts[order] for order in orders]


def half_even(amount: Decimal) -> int:
    """What rounding means here, computed apart from the database."""
    return int(amount.quantize(Decimal(1), rounding="ROUND_HALF_EVEN"))


async def run_sql(session: AsyncSession, statement: str, **values: Any) -> None:
    await session.execute(text(statement), values)
