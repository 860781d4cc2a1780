"""Clocks of open things: set, ended, and those that their host may not know of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class ClockRow(NamedTuple):
    """`ended`: the row is gone, and `revision` is younger than any it had."""

    kind: str
    entity_id: int
    due_at: datetime | None
    revision: int
    ended: bool = False


async def put_clocks(
    session: AsyncSession, kind: str, dues: Mapping[int, datetime | None]
) -> list[ClockRow]:
    """Set when things are due next; those for which that is news."""
    if not dues:
        return []
    found = await session.execute(
        text(
            """
            INSERT INTO clock (kind, entity_id, due_at)
            SELECT :kind, new.id, new.due FROM json_to_recordset(CAST(:rows AS json))
                AS new(id bigint, due timestamptz) ORDER BY new.id
            ON CONFLICT (kind, entity_id) DO UPDATE
                SET due_at = excluded.due_at, revision = nextval('clock_revision'),
                    hosted_at = NULL
                WHERE clock.due_at IS DISTINCT FROM excluded.due_at
            RETURNING kind, entity_id, due_at, revision
            """
        ),
        {"kind": kind, "rows": rowset([{"id": id_, "due": due} for id_, due in dues.items()])},
    )
    return [ClockRow(*row) for row in found]


async def remove_clocks(
    session: AsyncSession, kind: str, entity_ids: Collection[int]
) -> list[ClockRow]:
    """Nothing is due there any more; those that were open."""
    if not entity_ids:
        return []
    found = await session.execute(
        text(
            """
            DELETE FROM clock WHERE kind = :kind AND entity_id = ANY(:ids)
            RETURNING kind, entity_id, NULL, nextval('clock_revision')
            """
        ),
        {"kind": kind, "ids": sorted(entity_ids)},
    )
    return [ClockRow(row[0], row[1], row[2], row[3], True) for row in found]


async def told_clock(
    session: AsyncSession, kind: str, entity_id: int, now: datetime
) -> ClockRow | None:
    """The clock, noted as one that its host knows; None when nothing is open there."""
    found = await session.execute(
        text(
            "UPDATE clock SET hosted_at = :now WHERE kind = :kind AND entity_id = :id"
            " RETURNING kind, entity_id, due_at, revision"
        ),
        {"kind": kind, "id": entity_id, "now": now},
    )
    row = found.one_or_none()
    return None if row is None else ClockRow(*row)


async def told_clocks(
    session: AsyncSession, kind: str, entity_ids: Collection[int], now: datetime
) -> dict[int, ClockRow]:
    """The same for many; what is not open is left out."""
    found = await session.execute(
        text(
            "UPDATE clock SET hosted_at = :now WHERE kind = :kind AND entity_id = ANY(:ids)"
            " RETURNING kind, entity_id, due_at, revision"
        ),
        {"kind": kind, "ids": sorted(entity_ids), "now": now},
    )
    return {row[1]: ClockRow(*row) for row in found}


async def clock_of(session: AsyncSession, kind: str, entity_id: int) -> ClockRow | None:
    found = await session.execute(
        text(
            "SELECT kind, entity_id, due_at, revision FROM clock"
            " WHERE kind = :kind AND entity_id = :id"
        ),
        {"kind": kind, "id": entity_id},
    )
    row = found.one_or_none()
    return None if row is None else ClockRow(*row)


async def unhosted(session: AsyncSession, limit: int) -> list[ClockRow]:
    """Those whose host is not known to know them, the oldest change first."""
    found = await session.execute(
        text(
            "SELECT kind, entity_id, due_at, revision FROM clock"
            " WHERE hosted_at IS NULL ORDER BY revision LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [ClockRow(*row) for row in found]


async def overdue(
    session: AsyncSession, due_before: datetime, told_before: datetime, limit: int
) -> list[ClockRow]:
    """Those that should have been looked at by now, and whose host was not told lately."""
    found = await session.execute(
        text(
            "SELECT kind, entity_id, due_at, revision FROM clock"
            " WHERE due_at < :due AND hosted_at < :told ORDER BY due_at LIMIT :limit"
        ),
        {"due": due_before, "told": told_before, "limit": limit},
    )
    return [ClockRow(*row) for row in found]


async def mark_hosted(session: AsyncSession, rows: Sequence[ClockRow], now: datetime) -> None:
    """Temporal has these; one that was changed since stays as it is."""
    if not rows:
        return
    await session.execute(
        text(
            """
            UPDATE clock SET hosted_at = :now
            FROM (SELECT c.kind, c.entity_id FROM json_to_recordset(CAST(:rows AS json))
                      AS told(kind text, id bigint, revision bigint)
                  JOIN clock c ON c.kind = told.kind AND c.entity_id = told.id
                       AND c.revision = told.revision
                  ORDER BY c.kind, c.entity_id FOR UPDATE OF c SKIP LOCKED) told
            WHERE clock.kind = told.kind AND clock.entity_id = told.entity_id
            """
        ),
        {
            "now": now,
            "rows": rowset(
                [{"kind": one.kind, "id": one.entity_id, "revision": one.revision} for one in rows]
            ),
        },
    )


async def forget_hosts(session: AsyncSession, before: datetime) -> int:
    """Temporal lost its memory: whoever was hosted before that is hosted no more."""
    found = await session.execute(
        text("UPDATE clock SET hosted_at = NULL WHERE hosted_at < :before RETURNING 1"),
        {"before": before},
    )
    return len(found.all())
