"""Answers people gave to open things: written first, then acted on once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class GivenRow(NamedTuple):
    """`code` is None while nobody has acted on it."""

    answer_id: str
    kind: str
    entity_id: int
    by_id: int | None
    verb: str
    given: dict[str, Any]
    door: str
    code: str | None
    message: str | None
    details: dict[str, Any] | None


_COLUMNS = "answer_id, kind, entity_id, by_id, verb, given, door, code, message, details"


async def put_answer(session: AsyncSession, row: GivenRow, now: datetime) -> GivenRow:
    """What is kept under its id: this one, or the one that came first."""
    found = await session.execute(
        text(
            """
            INSERT INTO given_answer
                (answer_id, kind, entity_id, by_id, verb, given, door, asked_at)
            VALUES
                (:answer_id, :kind, :entity_id, :by_id, :verb, CAST(:given AS jsonb), :door, :now)
            ON CONFLICT (answer_id) DO NOTHING RETURNING 1
            """
        ),
        {
            "answer_id": row.answer_id,
            "kind": row.kind,
            "entity_id": row.entity_id,
            "by_id": row.by_id,
            "verb": row.verb,
            "given": orjson.dumps(row.given).decode(),
            "door": row.door,
            "now": now,
        },
    )
    if found.one_or_none() is not None:
        return row
    known = await answer_of(session, row.answer_id)
    assert known is not None
    return known


async def put_answers(
    session: AsyncSession, rows: Sequence[GivenRow], now: datetime
) -> dict[str, GivenRow]:
    """What is kept under each id: the first of these, or the one that came before them."""
    first: dict[str, GivenRow] = {}
    for row in rows:
        first.setdefault(row.answer_id, row)
    found = await session.execute(
        text(
            """
            INSERT INTO given_answer
                (answer_id, kind, entity_id, by_id, verb, given, door, asked_at)
            SELECT answer_id, kind, entity_id, by_id, verb, given, door, :now
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(answer_id text, kind text, entity_id bigint, by_id bigint, verb text,
                       given jsonb, door text)
            ORDER BY answer_id
            ON CONFLICT (answer_id) DO NOTHING RETURNING answer_id
            """
        ),
        {"now": now, "rows": rowset([row._asdict() for row in first.values()])},
    )
    known = first.keys() - {*found.scalars()}
    if known:
        first |= {row.answer_id: row for row in await answers_of(session, known)}
    return first


async def answers_of(
    session: AsyncSession, answer_ids: Collection[str], *, lock_free: bool = False
) -> list[GivenRow]:
    """`lock_free`: locked, without those that somebody else holds just now."""
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM given_answer WHERE answer_id = ANY(:ids)"  # noqa: S608 - ours
            " ORDER BY answer_id" + (" FOR UPDATE SKIP LOCKED" if lock_free else "")
        ),
        {"ids": sorted(answer_ids)},
    )
    return [GivenRow._make(row) for row in found]


def as_kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given as it comes back from the row."""
    kept: dict[str, Any] = orjson.loads(orjson.dumps(dict(given)))
    return kept


async def answer_of(
    session: AsyncSession, answer_id: str, *, lock: bool = False
) -> GivenRow | None:
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM given_answer WHERE answer_id = :id"  # noqa: S608 - our words
            + (" FOR UPDATE" if lock else "")
        ),
        {"id": answer_id},
    )
    row = found.one_or_none()
    return None if row is None else GivenRow._make(row)


async def write_outcome(
    session: AsyncSession,
    answer_id: str,
    code: str,
    message: str,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    await session.execute(
        text(
            "UPDATE given_answer SET code = :code, message = :message,"
            " details = CAST(:details AS jsonb), answered_at = :now WHERE answer_id = :id"
        ),
        {
            "id": answer_id,
            "code": code,
            "message": message,
            "details": orjson.dumps(dict(details)).decode(),
            "now": now,
        },
    )


class OutcomeRow(NamedTuple):
    answer_id: str
    code: str
    message: str
    details: Mapping[str, Any]


async def write_outcomes(session: AsyncSession, rows: Sequence[OutcomeRow], now: datetime) -> None:
    """The rows must be locked."""
    if not rows:
        return
    await session.execute(
        text(
            """
            UPDATE given_answer SET code = new.code, message = new.message, details = new.details,
                answered_at = :now
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(answer_id text, code text, message text, details jsonb)
            WHERE given_answer.answer_id = new.answer_id
            """
        ),
        {"now": now, "rows": rowset([row._asdict() for row in rows])},
    )
