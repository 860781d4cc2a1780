"""The chain of the audit: what is not sealed, the seals, the days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

# The first half of "audit" in ASCII: one seals at a time.
_SEALING: Final = 0x61756469


class SaidRow(NamedTuple):
    """A row of the audit as its seal reads it: every value as PostgreSQL writes it, so that the
    same row always reads the same."""

    id: int
    at: str
    actor_kind: str
    actor_id: str | None
    actor_name: str
    verb: str
    subject_kind: str
    subject_id: str
    door: str | None
    request_id: str | None
    before: str | None
    after: str | None
    why: str | None
    cleared: bool
    written_at: datetime


_SAID: Final = """
    a.id, to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), a.actor_kind,
    a.actor_id::text, a.actor_name, a.verb, a.subject_kind, a.subject_id, a.door, a.request_id,
    a.before::text, a.after::text, a.why, a.cleared_at IS NOT NULL, a.at
"""


async def hold_chain(session: AsyncSession) -> None:
    """Nobody else seals until this transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING})


async def take_pending(session: AsyncSession, limit: int) -> list[SaidRow]:
    """Rows that are not sealed, by id, off the queue. One that is gone stays on it, for checking to
    name it: sealing must not be what makes it forgotten."""
    found = await session.execute(
        text(
            "DELETE FROM audit_pending WHERE audit_id IN"
            " (SELECT p.audit_id FROM audit_pending p JOIN audit a ON a.id = p.audit_id"
            " ORDER BY p.audit_id LIMIT :limit)"
            " RETURNING audit_id"
        ),
        {"limit": limit},
    )
    ids = sorted(row[0] for row in found)
    said = await session.execute(
        text(f"SELECT {_SAID} FROM audit a WHERE a.id = ANY(:ids) ORDER BY a.id"),  # noqa: S608
        {"ids": ids},
    )
    return [SaidRow._make(row) for row in said]


class DayRow(NamedTuple):
    day: date
    begins_with: str
    head: str
    rows: int
    removed_at: datetime | None


_DAY: Final = "day, begins_with, head, rows, removed_at"


async def last_day(session: AsyncSession) -> DayRow | None:
    found = await session.execute(
        text(f"SELECT {_DAY} FROM audit_day ORDER BY day DESC LIMIT 1")  # noqa: S608 - a constant
    )
    row = found.one_or_none()
    return None if row is None else DayRow._make(row)


async def days(session: AsyncSession) -> list[DayRow]:
    found = await session.execute(
        text(f"SELECT {_DAY} FROM audit_day ORDER BY day")  # noqa: S608 - a constant
    )
    return [DayRow._make(row) for row in found]


class NewSeal(NamedTuple):
    number: int
    audit_id: int
    content: str
    seal: str


async def write_seals(
    session: AsyncSession, day: date, begins_with: str, seals: Sequence[NewSeal], now: datetime
) -> None:
    """The last of them is the day's head."""
    await session.execute(
        text(
            """
            INSERT INTO audit_seal (day, number, audit_id, content, seal, sealed_at)
            SELECT :day, number, audit_id, content, seal, :now
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(number bigint, audit_id bigint, content text, seal text)
            """
        ),
        {"day": day, "rows": rowset([one._asdict() for one in seals]), "now": now},
    )
    await session.execute(
        text(
            "INSERT INTO audit_day (day, begins_with, head, rows)"
            " VALUES (:day, :begins, :head, :rows)"
            " ON CONFLICT (day) DO UPDATE SET head = :head, rows = :rows"
        ),
        {"day": day, "begins": begins_with, "head": seals[-1].seal, "rows": seals[-1].number},
    )


class SealedRow(NamedTuple):
    """A seal and the row it stands for; None where that is gone."""

    number: int
    audit_id: int
    content: str
    seal: str
    sealed_at: datetime
    said: SaidRow | None


async def sealed_rows(session: AsyncSession, day: date, after: int, limit: int) -> list[SealedRow]:
    """A day's seals by number, from behind `after`."""
    found = await session.execute(
        text(
            f"SELECT s.number, s.audit_id, s.content, s.seal, s.sealed_at, {_SAID}"  # noqa: S608
            " FROM audit_seal s LEFT JOIN audit a ON a.id = s.audit_id"
            " WHERE s.day = :day AND s.number > :after ORDER BY s.number LIMIT :limit"
        ),
        {"day": day, "after": after, "limit": limit},
    )
    return [
        SealedRow._make((*row[:5], None if row[5] is None else SaidRow._make(row[5:])))
        for row in found
    ]


async def rows_without_seal(session: AsyncSession, limit: int) -> list[tuple[int, datetime]]:
    """Rows that are neither sealed nor waiting for it: nobody wrote them through the door."""
    found = await session.execute(
        text(
            "SELECT a.id, a.at FROM audit a"
            " WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)"
            " AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.audit_id = a.id)"
            " ORDER BY a.id LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [(row[0], row[1]) for row in found]


async def count_pending(session: AsyncSession) -> tuple[int, int | None]:
    """How many wait for their seal, and the oldest row that does."""
    found = await session.execute(text("SELECT count(*), min(audit_id) FROM audit_pending"))
    count, first = found.one()
    return count, first


async def pending_rows_gone(session: AsyncSession, limit: int) -> list[int]:
    """Rows that were removed before they were sealed."""
    found = await session.execute(
        text(
            "SELECT audit_id FROM audit_pending p"
            " WHERE NOT EXISTS (SELECT FROM audit a WHERE a.id = p.audit_id)"
            " ORDER BY audit_id LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [row[0] for row in found]


async def remove_days(session: AsyncSession, before: date, now: datetime) -> tuple[int, int]:
    """Remove whole days with their seals; how many days and rows. The days themselves stay, so
    that the chain goes on from what they ended with."""
    await session.execute(text("SELECT set_config('cadenza.audit', 'delete', true)"))
    gone = await session.execute(
        text(
            "DELETE FROM audit WHERE id IN (SELECT s.audit_id FROM audit_seal s"
            " JOIN audit_day d ON d.day = s.day WHERE d.day < :before AND d.removed_at IS NULL)"
            " RETURNING 1"
        ),
        {"before": before},
    )
    rows = len(gone.all())
    await session.execute(text("SELECT set_config('cadenza.audit', '', true)"))
    await session.execute(text("DELETE FROM audit_seal WHERE day < :before"), {"before": before})
    found = await session.execute(
        text(
            "UPDATE audit_day SET removed_at = :now WHERE day < :before AND removed_at IS NULL"
            " RETURNING 1"
        ),
        {"before": before, "now": now},
    )
    return len(found.all()), rows
