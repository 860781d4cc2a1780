"""Records to be given to somebody, whose turn it is, why somebody was chosen, and who waits."""

# ruff: noqa: S608 - the names of tables in the statements are this file's own

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import update_rows
from crm_store.rowset import rowset

RECORDS: Final = ("contact", "deal", "ticket")
_HAS_NO_UPDATED_AT: Final = ("ticket",)


class HeldRecord(NamedTuple):
    """`time_zone` is where its contact lives."""

    id: int
    owner_id: int | None
    time_zone: str | None


class NewChoice(NamedTuple):
    kind: str
    record_id: int
    rules: str
    version_id: int
    rule: str
    user_id: int
    kept: bool
    why: dict[str, Any]


class ChoiceRow(NamedTuple):
    rules: str
    version_id: int
    rule: str
    user_id: int
    kept: bool
    why: dict[str, Any]
    at: datetime


class NewWaiting(NamedTuple):
    kind: str
    record_id: int
    rules: str
    why: dict[str, Any]
    team: str | None
    was_owner_id: int | None
    look_again_at: datetime


class WaitingRow(NamedTuple):
    id: int
    kind: str
    record_id: int
    rules: str
    why: dict[str, Any]
    team: str | None
    was_owner_id: int | None
    queued_at: datetime
    look_again_at: datetime
    tries: int


_WAITING: Final = ", ".join(f"q.{name}" for name in WaitingRow._fields)


async def hold_records(
    session: AsyncSession, kind: str, ids: Collection[int]
) -> dict[int, HeldRecord]:
    """Lock records in the order of their ids; those that do not exist are left out."""
    table = _table(kind)
    zone = "r.time_zone" if kind == "contact" else "c.time_zone"
    join = "" if kind == "contact" else "LEFT JOIN contact c ON c.id = r.contact_id"
    found = await session.execute(
        text(
            f"""
            SELECT r.id, r.owner_id, {zone} FROM {table} r {join}
            WHERE r.id = ANY(:ids) ORDER BY r.id FOR NO KEY UPDATE OF r
            """
        ),
        {"ids": list(ids)},
    )
    return {row[0]: HeldRecord._make(row) for row in found}


async def look_at_records(
    session: AsyncSession, kind: str, ids: Collection[int]
) -> dict[int, HeldRecord]:
    """As `hold_records`, and holds nothing."""
    table = _table(kind)
    zone = "r.time_zone" if kind == "contact" else "c.time_zone"
    join = "" if kind == "contact" else "LEFT JOIN contact c ON c.id = r.contact_id"
    found = await session.execute(
        text(f"SELECT r.id, r.owner_id, {zone} FROM {table} r {join} WHERE r.id = ANY(:ids)"),
        {"ids": list(ids)},
    )
    return {row[0]: HeldRecord._make(row) for row in found}


async def give_records(
    session: AsyncSession, kind: str, owners: Mapping[int, int], now: datetime
) -> None:
    """Write owners; the records are held."""
    stamp = {} if kind in _HAS_NO_UPDATED_AT else {"updated_at": now}
    changes = {id_: {"owner_id": owner, **stamp} for id_, owner in owners.items()}
    await update_rows(session, _table(kind), changes)


async def hold_round(session: AsyncSession, rules: str) -> Mapping[str, Any]:
    """The turns of these rules. Until the transaction ends nobody else gives out by them."""
    await session.execute(
        text("INSERT INTO assignment_round (rules) VALUES (:rules) ON CONFLICT DO NOTHING"),
        {"rules": rules},
    )
    return await _turns(session, rules, "FOR NO KEY UPDATE")


async def look_at_round(session: AsyncSession, rules: str) -> Mapping[str, Any]:
    return await _turns(session, rules, "")


async def _turns(session: AsyncSession, rules: str, lock: str) -> Mapping[str, Any]:
    found = await session.scalar(
        text(f"SELECT turns FROM assignment_round WHERE rules = :rules {lock}"), {"rules": rules}
    )
    turns: Mapping[str, Any] = found or {}
    return turns


async def write_round(session: AsyncSession, rules: str, turns: Mapping[str, Any]) -> None:
    """The row is held."""
    await session.execute(
        text(
            "UPDATE assignment_round SET turns = CAST(:turns AS jsonb)"
            " WHERE rules = :rules AND turns <> CAST(:turns AS jsonb)"
        ),
        {"rules": rules, "turns": rowset([turns])[1:-1]},
    )


async def open_load(session: AsyncSession, user_ids: Collection[int]) -> dict[int, int]:
    """How many open deals, open tickets and tasks that are not done each of these people has."""
    if not user_ids:
        return {}
    found = await session.execute(
        text(
            """
            SELECT owner_id, sum(count)::bigint FROM (
                SELECT owner_id, count(*) FROM activity
                WHERE kind = 'task' AND done_at IS NULL AND owner_id = ANY(:ids) GROUP BY 1
                UNION ALL
                SELECT d.owner_id, count(*) FROM deal d JOIN stage s ON s.id = d.stage_id
                WHERE s.kind = 'open' AND d.owner_id = ANY(:ids) GROUP BY 1
                UNION ALL
                SELECT owner_id, count(*) FROM ticket
                WHERE status NOT IN ('solved', 'closed') AND owner_id = ANY(:ids) GROUP BY 1
            ) work GROUP BY owner_id
            """
        ),
        {"ids": list(user_ids)},
    )
    return {row[0]: row[1] for row in found}


async def given_since(
    session: AsyncSession, rules: str, since: Mapping[int, datetime]
) -> dict[int, int]:
    """How many records these rules gave each person since a moment of the person's own."""
    if not since:
        return {}
    rows = [{"id": id_, "since": at} for id_, at in since.items()]
    found = await session.execute(
        text(
            """
            SELECT p.id, count(*) FROM json_to_recordset(CAST(:rows AS json))
                AS p(id bigint, since timestamptz)
            JOIN assignment_choice c ON c.rules = :rules AND c.user_id = p.id
                AND c.at >= p.since AND NOT c.kept
            GROUP BY p.id
            """
        ),
        {"rules": rules, "rows": rowset(rows)},
    )
    return {row[0]: row[1] for row in found}


async def add_choices(session: AsyncSession, rows: Sequence[NewChoice], now: datetime) -> None:
    if rows:
        await session.execute(
            text(
                """
                INSERT INTO assignment_choice
                    (kind, record_id, rules, version_id, rule, user_id, kept, why, at)
                SELECT kind, record_id, rules, version_id, rule, user_id, kept, why, :now
                FROM json_to_recordset(CAST(:rows AS json)) AS new(
                    kind text, record_id bigint, rules text, version_id bigint, rule text,
                    user_id bigint, kept boolean, why jsonb)
                """
            ),
            {"now": now, "rows": rowset([one._asdict() for one in rows])},
        )


async def choices_of(
    session: AsyncSession, kind: str, record_id: int, limit: int = 20
) -> list[ChoiceRow]:
    """Why a record has its owner, newest first."""
    columns = ", ".join(ChoiceRow._fields)
    found = await session.execute(
        text(
            f"SELECT {columns} FROM assignment_choice WHERE kind = :kind AND record_id = :id"
            " ORDER BY id DESC LIMIT :limit"
        ),
        {"kind": kind, "id": record_id, "limit": limit},
    )
    return [ChoiceRow._make(row) for row in found]


async def put_waiting(session: AsyncSession, rows: Sequence[NewWaiting], now: datetime) -> None:
    """Records that wait. One that waits already keeps its place and has been told of; by other
    rules it begins anew."""
    if rows:
        await session.execute(
            text(
                """
                INSERT INTO assignment_queue AS q
                    (kind, record_id, rules, why, team, was_owner_id, queued_at, look_again_at)
                SELECT kind, record_id, rules, why, team, was_owner_id, :now, look_again_at
                FROM json_to_recordset(CAST(:rows AS json)) AS new(
                    kind text, record_id bigint, rules text, why jsonb, team text,
                    was_owner_id bigint, look_again_at timestamptz)
                ORDER BY kind, record_id
                ON CONFLICT (kind, record_id) DO UPDATE SET
                    why = excluded.why, team = excluded.team, was_owner_id = excluded.was_owner_id,
                    look_again_at = excluded.look_again_at, tries = q.tries + 1,
                    queued_at = CASE WHEN q.rules = excluded.rules THEN q.queued_at
                                     ELSE excluded.queued_at END,
                    told_at = CASE WHEN q.rules = excluded.rules THEN q.told_at END,
                    rules = excluded.rules
                """
            ),
            {"now": now, "rows": rowset([one._asdict() for one in rows])},
        )


async def leave_queue(session: AsyncSession, kind: str, record_ids: Collection[int]) -> None:
    if record_ids:
        await session.execute(
            text("DELETE FROM assignment_queue WHERE kind = :kind AND record_id = ANY(:ids)"),
            {"kind": kind, "ids": list(record_ids)},
        )


async def due_waiting(session: AsyncSession, now: datetime, limit: int) -> list[WaitingRow]:
    """Those whose time to be looked at again has come, of the rules that wait longest."""
    found = await session.execute(
        text(
            f"""
            SELECT {_WAITING} FROM assignment_queue q JOIN (
                SELECT kind, rules FROM assignment_queue WHERE look_again_at <= :now
                ORDER BY look_again_at, id LIMIT 1) next USING (kind, rules)
            WHERE q.look_again_at <= :now ORDER BY q.queued_at, q.id LIMIT :limit
            """
        ),
        {"now": now, "limit": limit},
    )
    return [WaitingRow._make(row) for row in found]


async def look_later(
    session: AsyncSession, kind: str, record_ids: Collection[int], at: datetime
) -> None:
    await session.execute(
        text(
            "UPDATE assignment_queue SET look_again_at = :at, tries = tries + 1"
            " WHERE kind = :kind AND record_id = ANY(:ids)"
        ),
        {"kind": kind, "ids": list(record_ids), "at": at},
    )


async def next_look(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        text("SELECT min(look_again_at) FROM assignment_queue")
    )
    return found


async def untold(session: AsyncSession, limit: int) -> list[WaitingRow]:
    """Those nobody has been told of; held, so that another process leaves them alone."""
    found = await session.execute(
        text(
            f"SELECT {_WAITING} FROM assignment_queue q WHERE q.told_at IS NULL"
            " ORDER BY q.id LIMIT :limit FOR UPDATE SKIP LOCKED"
        ),
        {"limit": limit},
    )
    return [WaitingRow._make(row) for row in found]


async def were_told(session: AsyncSession, ids: Collection[int], now: datetime) -> None:
    if ids:
        await session.execute(
            text("UPDATE assignment_queue SET told_at = :now WHERE id = ANY(:ids)"),
            {"now": now, "ids": list(ids)},
        )


async def queue_page(
    session: AsyncSession, *, after: int, limit: int, kind: str | None = None
) -> list[WaitingRow]:
    """What waits, in the order in which it came."""
    found = await session.execute(
        text(
            f"SELECT {_WAITING} FROM assignment_queue q WHERE q.id > :after"
            " AND (CAST(:kind AS text) IS NULL OR q.kind = :kind) ORDER BY q.id LIMIT :limit"
        ),
        {"after": after, "limit": limit, "kind": kind},
    )
    return [WaitingRow._make(row) for row in found]


def _table(kind: str) -> str:
    if kind not in RECORDS:
        raise ValueError(f"{kind} is no record that is given to people")
    return kind
