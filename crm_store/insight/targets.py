"""What is to be won, and what was won of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class TargetRow(NamedTuple):
    id: int
    unit: str
    starts_on: date
    owner_id: int | None
    owner: str | None
    team_id: int | None
    team: str | None
    currency: str
    amount_minor: int


_ALL = """
    SELECT t.id, t.unit, t.starts_on, t.owner_id, u.name, t.team_id, m.name, t.currency,
           t.amount_minor
    FROM target t LEFT JOIN "user" u ON u.id = t.owner_id LEFT JOIN team m ON m.id = t.team_id
"""


async def target_by_id(session: AsyncSession, target_id: int) -> TargetRow | None:
    found = (await session.execute(text(f"{_ALL} WHERE t.id = :id"), {"id": target_id})).first()
    return TargetRow(*found) if found else None


async def targets(
    session: AsyncSession,
    first: date | None,
    last: date | None,
    owner_id: int | None = None,
    team_id: int | None = None,
    *,
    limit: int,
    holders: Collection[int] | None = None,
) -> list[TargetRow]:
    """Those whose period begins from `first` to `last`, the newest period first. `holders`: of
    these people alone."""
    found = await session.execute(
        text(
            f"""
            {_ALL}
            WHERE (CAST(:first AS date) IS NULL OR t.starts_on >= :first)
              AND (CAST(:last AS date) IS NULL OR t.starts_on <= :last)
              AND (CAST(:owner AS bigint) IS NULL OR t.owner_id = :owner)
              AND (CAST(:team AS bigint) IS NULL OR t.team_id = :team)
              AND (CAST(:holders AS bigint[]) IS NULL OR t.owner_id = ANY(:holders))
            ORDER BY t.starts_on DESC, t.unit, t.team_id NULLS FIRST, t.owner_id NULLS FIRST,
                     t.currency LIMIT :limit
            """
        ),
        {
            "first": first,
            "last": last,
            "owner": owner_id,
            "team": team_id,
            "holders": None if holders is None else sorted(holders),
            "limit": limit,
        },
    )
    return [TargetRow(*row) for row in found]


async def put_targets(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], now: datetime
) -> list[int]:
    """Write targets; one for the same period, holder and currency is replaced. The ids of those
    that are new or different."""
    found = await session.execute(
        text(
            """
            INSERT INTO target AS old (unit, starts_on, owner_id, team_id, currency, amount_minor,
                                       created_at, updated_at)
            SELECT unit, starts_on, owner_id, team_id, currency, amount_minor, :now, :now
            FROM json_populate_recordset(NULL::target, CAST(:rows AS json))
            ON CONFLICT (unit, starts_on, owner_id, team_id, currency) DO UPDATE
                SET amount_minor = excluded.amount_minor, updated_at = :now
                WHERE old.amount_minor <> excluded.amount_minor
            RETURNING id
            """
        ),
        {"rows": rowset(rows), "now": now},
    )
    return [row[0] for row in found]


async def remove_target(session: AsyncSession, target_id: int) -> bool:
    found = await session.execute(
        text("DELETE FROM target WHERE id = :id RETURNING id"), {"id": target_id}
    )
    return found.first() is not None


class WonRow(NamedTuple):
    """What one person won in one currency in one stretch of time: `base_minor` is in the base
    currency at the rates of the days they closed, `without_rate` deals are not in it."""

    begins: datetime
    ends: datetime
    owner_id: int | None
    team_id: int | None
    currency: str | None
    deals: int
    amount_minor: int
    base_minor: int
    without_rate: int


async def won_within(
    session: AsyncSession, stretches: Sequence[tuple[datetime, datetime]]
) -> list[WonRow]:
    """Of each stretch, which may overlap. A deal is read once for each that it closed in; a team is
    that which its owner is in today."""
    if not stretches:
        return []
    rows = [{"begins": begins, "ends": ends} for begins, ends in stretches]
    found = await session.execute(
        text(
            """
            SELECT p.begins, p.ends, d.owner_id, u.team_id, d.currency, count(*),
                   coalesce(sum(d.amount_minor), 0)::bigint,
                   coalesce(sum(d.amount_base_minor), 0)::bigint,
                   count(*) FILTER (WHERE d.amount_minor IS NOT NULL
                                    AND d.amount_base_minor IS NULL)
            FROM json_to_recordset(CAST(:stretches AS json))
                 AS p(begins timestamptz, ends timestamptz)
            JOIN deal d ON d.closed_at >= p.begins AND d.closed_at < p.ends
            JOIN stage s ON s.id = d.stage_id AND s.kind = 'won'
            LEFT JOIN "user" u ON u.id = d.owner_id
            GROUP BY p.begins, p.ends, d.owner_id, u.team_id, d.currency
            """
        ),
        {"stretches": rowset(rows)},
    )
    return [WonRow(*row) for row in found]


async def users_by_name_and_mail(session: AsyncSession) -> list[tuple[int, str, str | None]]:
    """(id, folded name, folded address) of everybody, also of those who left."""
    found = await session.execute(text('SELECT id, name_key, email_key FROM "user"'))
    return [(row[0], row[1], row[2]) for row in found]
