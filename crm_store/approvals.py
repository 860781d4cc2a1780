"""Decisions that runs wait for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

# Whether the run still waits for it.
_IS_OPEN = """
    q.decision IS NULL AND r.state <> 'ended' AND r.node = q.node AND r.visit = q.visit
"""
_COLUMNS = f"""
    q.id, q.run_id, q.flow_id, q.node, q.visit, q.contact_id, q.asked_for_id, q.approver_ids,
    q.title, q.body, q.asked_at, q.deadline, q.decision, q.decided_by_id, q.decided_at, q.comment,
    {_IS_OPEN}
"""


class NewRequest(NamedTuple):
    effect_id: int
    run_id: int
    flow_id: int
    node: str
    visit: int
    contact_id: int
    approver_ids: list[int]
    title: str
    body: str
    deadline: datetime


class RequestRow(NamedTuple):
    """`is_open`: nobody has decided, and the run still stands where it asked."""

    id: int
    run_id: int
    flow_id: int
    node: str
    visit: int
    contact_id: int
    asked_for_id: int | None
    approver_ids: list[int]
    title: str
    body: str
    asked_at: datetime
    deadline: datetime
    decision: str | None
    decided_by_id: int | None
    decided_at: datetime | None
    comment: str | None
    is_open: bool


async def put_requests(
    session: AsyncSession, requests: Sequence[NewRequest], now: datetime
) -> dict[int, int]:
    """Request ids by effect; one that was made before keeps whom it was put to.

    The contact's owner is the one on whose behalf it is asked.
    """
    if not requests:
        return {}
    found = await session.execute(
        text(
            """
            INSERT INTO approval_request (effect_id, run_id, flow_id, node, visit, contact_id,
                                          asked_for_id, approver_ids, title, body, asked_at,
                                          deadline)
            SELECT new.effect_id, new.run_id, new.flow_id, new.node, new.visit, new.contact_id,
                   c.owner_id,
                   ARRAY(SELECT jsonb_array_elements_text(new.approver_ids)::bigint),
                   new.title, new.body, :now, new.deadline
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(effect_id bigint, run_id bigint, flow_id bigint, node text, visit bigint,
                       contact_id bigint, approver_ids jsonb, title text, body text,
                       deadline timestamptz)
            JOIN contact c ON c.id = new.contact_id
            ON CONFLICT (effect_id) DO UPDATE SET effect_id = excluded.effect_id
            RETURNING effect_id, id
            """
        ),
        {"now": now, "rows": rowset([one._asdict() for one in requests])},
    )
    return {row[0]: row[1] for row in found}


async def lock_request(session: AsyncSession, request_id: int) -> RequestRow | None:
    """The request, locked against other decisions; its run is not locked."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM approval_request q JOIN run r ON r.id = q.run_id
            WHERE q.id = :id FOR UPDATE OF q
            """  # noqa: S608 - the columns are a constant
        ),
        {"id": request_id},
    )
    row = found.one_or_none()
    return None if row is None else RequestRow._make(row)


async def open_requests(
    session: AsyncSession, approver_id: int | None, *, after: int, limit: int
) -> list[RequestRow]:
    """What waits for a decision, the oldest first; of one approver, or of everybody."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM approval_request q JOIN run r ON r.id = q.run_id
            WHERE {_IS_OPEN} AND q.id > :after
              AND (CAST(:approver AS bigint) IS NULL OR :approver = ANY(q.approver_ids))
            ORDER BY q.id LIMIT :limit
            """  # noqa: S608 - the columns are a constant
        ),
        {"approver": approver_id, "after": after, "limit": limit},
    )
    return [RequestRow._make(row) for row in found]


async def write_decision(
    session: AsyncSession,
    request_id: int,
    decision: str,
    by_id: int,
    comment: str | None,
    now: datetime,
) -> None:
    """The row must be locked and undecided."""
    await session.execute(
        text(
            "UPDATE approval_request SET decision = :decision, decided_by_id = :by,"
            " decided_at = :now, comment = :comment WHERE id = :id AND decision IS NULL"
        ),
        {"id": request_id, "decision": decision, "by": by_id, "comment": comment, "now": now},
    )


async def names_of(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    found = await session.execute(
        text('SELECT id, coalesce(email, name) FROM "user" WHERE id = ANY(:ids)'),
        {"ids": list(user_ids)},
    )
    return {row[0]: row[1] for row in found}


async def requests_of(session: AsyncSession, effect_ids: Collection[int]) -> dict[int, int]:
    """Request ids by the effect that made them."""
    found = await session.execute(
        text("SELECT effect_id, id FROM approval_request WHERE effect_id = ANY(:ids)"),
        {"ids": list(effect_ids)},
    )
    return {row[0]: row[1] for row in found}
