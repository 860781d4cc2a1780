"""Borders that part customers into fifths, and the scores that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactSummary, RfmBorders


@dataclass(frozen=True, slots=True)
class Borders:
    """Four values each, ascending; None where no customer has one."""

    customers: int
    currency: str
    recency: Sequence[datetime] | None
    frequency: Sequence[int] | None
    monetary: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class Measured:
    """When borders were measured, and between how many customers."""

    measured_at: datetime
    customers: int


# The border at i fifths is the value of rank ceil(i * n / 5), so it is always somebody's value, and
# whole numbers decide about ties: equal values lie on the same side of every border.
_FIFTHS = """
    (SELECT array_agg(v ORDER BY q)
     FROM generate_series(1, 4) q
     JOIN (SELECT {value} AS v, row_number() OVER (ORDER BY {value}) AS r, count(*) OVER () AS n
           FROM customer WHERE {value} IS NOT NULL) ranked ON r = (q * n + 4) / 5)
"""
_BORDERS = f"""
    WITH customer AS MATERIALIZED (
        SELECT last_order_at, order_count,
               CASE WHEN order_currency = b.currency THEN total_spent_minor END AS spent
        FROM contact_summary CROSS JOIN base_currency b WHERE order_count > 0)
    SELECT (SELECT count(*) FROM customer), (SELECT currency FROM base_currency),
           {_FIFTHS.format(value="last_order_at")},
           {_FIFTHS.format(value="order_count")},
           {_FIFTHS.format(value="spent")}
"""  # noqa: S608 - names of ours

_RESCORE = """
    WITH border AS (SELECT * FROM rfm_borders ORDER BY day DESC LIMIT 1),
    moved AS (
        SELECT s.contact_id FROM contact_summary s CROSS JOIN border f
        WHERE s.contact_id BETWEEN :first AND :last AND s.order_count > 0
          AND (s.recency_score, s.frequency_score, s.monetary_score) IS DISTINCT FROM
              (rfm_score(s.last_order_at, f.recency), rfm_score(s.order_count, f.frequency),
               CASE WHEN f.currency = s.order_currency
                    THEN rfm_score(s.total_spent_minor, f.monetary) END)
        ORDER BY s.contact_id FOR NO KEY UPDATE OF s)
    UPDATE contact_summary s SET
        recency_score = rfm_score(s.last_order_at, f.recency),
        frequency_score = rfm_score(nullif(s.order_count, 0), f.frequency),
        monetary_score = CASE WHEN f.currency = s.order_currency
                              THEN rfm_score(s.total_spent_minor, f.monetary) END,
        rfm_band = rfm_band(
            rfm_score(s.last_order_at, f.recency),
            rfm_score(nullif(s.order_count, 0), f.frequency),
            CASE WHEN f.currency = s.order_currency
                 THEN rfm_score(s.total_spent_minor, f.monetary) END)
    FROM moved, border f WHERE s.contact_id = moved.contact_id
    RETURNING s.contact_id
"""


async def measure_borders(session: AsyncSession) -> Borders:
    """Where the borders between all customers lie now."""
    row = (await session.execute(text(_BORDERS))).one()
    return Borders(*row)


async def put_borders(
    session: AsyncSession, day: date, borders: Borders, computed_at: datetime
) -> None:
    """The borders of a day; measured again, they replace the ones of that day."""
    values = {
        "computed_at": computed_at,
        "customers": borders.customers,
        "currency": borders.currency,
        "recency": borders.recency,
        "frequency": borders.frequency,
        "monetary": borders.monetary,
    }
    await session.execute(
        insert(RfmBorders)
        .values(day=day, **values)
        .on_conflict_do_update(index_elements=["day"], set_=values)
    )


async def newest_borders(session: AsyncSession) -> Measured | None:
    row = (
        await session.execute(
            select(RfmBorders.computed_at, RfmBorders.customers)
            .order_by(RfmBorders.day.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else Measured(*row)


async def count_customers(session: AsyncSession) -> int:
    found = await session.scalar(
        select(func.count()).select_from(ContactSummary).where(ContactSummary.order_count > 0)
    )
    return found or 0


async def rescore(session: AsyncSession, first: int, last: int) -> int:
    """Score the contacts of these ids anew; returns how many scores became others."""
    found = await session.execute(text(_RESCORE), {"first": first, "last": last})
    return len(found.all())
