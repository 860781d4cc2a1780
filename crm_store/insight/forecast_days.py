"""What the forecast said, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.insight.chosen import Chosen
from crm_store.rowset import rowset


async def begin_day(session: AsyncSession, day: date, now: datetime) -> bool:
    """False when the day was written down already; a second writer waits for the first."""
    found = await session.execute(
        text(
            "INSERT INTO forecast_day (day, taken_at) VALUES (:day, :now)"
            " ON CONFLICT (day) DO NOTHING RETURNING day"
        ),
        {"day": day, "now": now},
    )
    return found.first() is not None


async def add_lines(session: AsyncSession, day: date, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    await session.execute(
        text(
            """
            INSERT INTO forecast_line (day, pipeline_id, month, owner_id, team_id, category,
                                       currency, deals, amount_minor, weighted_minor, base_minor,
                                       weighted_base_minor, without_rate)
            SELECT :day, pipeline_id, month, owner_id, team_id, category, currency, deals,
                   amount_minor, weighted_minor, base_minor, weighted_base_minor, without_rate
            FROM json_populate_recordset(NULL::forecast_line, CAST(:rows AS json))
            """
        ),
        {"day": day, "rows": rowset(rows)},
    )


async def thin_out(session: AsyncSession, before: date) -> int:
    """Of the days before, keep the first of each month and the Mondays."""
    found = await session.execute(
        text(
            "DELETE FROM forecast_day WHERE day < :before AND extract(day FROM day) <> 1"
            " AND extract(isodow FROM day) <> 1 RETURNING day"
        ),
        {"before": before},
    )
    return len(found.all())


_SUMS: Final = ", ".join(
    f"coalesce(sum(l.{name}), 0)::bigint"
    for name in (
        *("deals", "amount_minor", "weighted_minor", "base_minor", "weighted_base_minor"),
        "without_rate",
    )
)


class SaidRow(NamedTuple):
    """What was said for a month on the first day of it that was written down; without a category
    nothing was said on that day."""

    month: date
    day: date
    category: str | None
    currency: str | None
    deals: int
    amount_minor: int
    weighted_minor: int
    base_minor: int
    weighted_base_minor: int
    without_rate: int


async def said_at_the_start(
    session: AsyncSession, chosen: Chosen, months: Sequence[date]
) -> list[SaidRow]:
    """For each month that was written down within its first week."""
    if not months:
        return []
    people = {"l.owner_id = :owner": chosen.owner_id, "l.team_id = :team": chosen.team_id}
    asked = [said for said, value in people.items() if value is not None]
    if chosen.pipeline_id is not None:
        asked.append("l.pipeline_id = :pipeline")
    asked += chosen.seen("l.owner_id")
    found = await session.execute(
        text(
            f"""
            SELECT m.month, f.day, l.category, l.currency, {_SUMS}
            FROM unnest(CAST(:months AS date[])) AS m(month)
            CROSS JOIN LATERAL (
                SELECT day FROM forecast_day
                WHERE day >= m.month AND day < m.month + 7
                ORDER BY day LIMIT 1) f
            LEFT JOIN forecast_line l
                   ON l.month = m.month AND l.day = f.day AND {" AND ".join(asked) or "TRUE"}
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 3, 4
            """  # noqa: S608 - constants
        ),
        {**chosen.parameters(), "months": list(months)},
    )
    return [SaidRow(*row) for row in found]
