"""Requests for approval: the rows that the approval machine's states live in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

OPEN: Final = ("open", "held", "returned")
_IS_OPEN: Final = "q.status = ANY (ARRAY['open'::text, 'held'::text, 'returned'::text])"


# Whether the run that asked, if one did, still stands where it asked.
_IS_WANTED: Final = """(q.run_id IS NULL OR EXISTS (SELECT FROM run r
    WHERE r.id = q.run_id AND r.state <> 'ended' AND r.node = q.details->>'node'
      AND r.visit = CAST(q.details->>'visit' AS bigint)))"""


class NewRequest(NamedTuple):
    key: str
    subject_kind: str
    subject_id: int
    record_kind: str | None
    record_id: int | None
    run_id: int | None
    contact_id: int | None
    requester_id: int | None
    owner_id: int | None
    chain: str | None
    definition_version_id: int | None
    document: dict[str, Any] | None
    title: str
    title_zh: str
    body: str
    body_zh: str
    amount_minor: int | None
    currency: str | None
    facts: dict[str, Any]
    details: dict[str, Any]
    editable_fields: list[str]
    status: str
    state: dict[str, Any]
    deadline: datetime | None


class RequestRow(NamedTuple):
    id: int
    key: str
    subject_kind: str
    subject_id: int
    record_kind: str | None
    record_id: int | None
    run_id: int | None
    contact_id: int | None
    requester_id: int | None
    owner_id: int | None
    chain: str | None
    definition_version_id: int | None
    document: dict[str, Any] | None
    title: str
    title_zh: str
    body: str
    body_zh: str
    amount_minor: int | None
    currency: str | None
    facts: dict[str, Any]
    details: dict[str, Any]
    editable_fields: list[str]
    status: str
    state: dict[str, Any]
    deadline: datetime | None
    opened_at: datetime
    ended_at: datetime | None


_COLUMNS: Final = ", ".join(f"q.{name}" for name in RequestRow._fields)
_NEW: Final = ", ".join(NewRequest._fields)
_TYPES: Final = {
    **dict.fromkeys(
        (
            *("subject_id", "record_id", "run_id", "contact_id", "requester_id", "owner_id"),
            *("definition_version_id", "amount_minor"),
        ),
        "bigint",
    ),
    **dict.fromkeys(("document", "facts", "details", "state", "editable_fields"), "jsonb"),
    "deadline": "timestamptz",
}
_TYPED: Final = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in NewRequest._fields)
_READ: Final = ", ".join(
    "ARRAY(SELECT jsonb_array_elements_text(new.editable_fields))"
    if name == "editable_fields"
    else f"new.{name}"
    for name in NewRequest._fields
)


async def put_requests(
    session: AsyncSession, requests: Sequence[NewRequest], now: datetime
) -> dict[str, int]:
    """Ids by key of those that are new; what exists under its key is left out and left alone."""
    if not requests:
        return {}
    found = await session.execute(
        text(
            f"""
            INSERT INTO approval_request ({_NEW}, opened_at)
            SELECT {_READ}, :now FROM json_to_recordset(CAST(:rows AS json)) AS new({_TYPED})
            ORDER BY new.key
            ON CONFLICT (key) DO NOTHING
            RETURNING key, id
            """  # noqa: S608 - names of our columns
        ),
        {"now": now, "rows": rowset([one._asdict() for one in requests])},
    )
    return {row[0]: row[1] for row in found}


async def ids_of_keys(session: AsyncSession, keys: Collection[str]) -> dict[str, int]:
    found = await session.execute(
        text("SELECT key, id FROM approval_request WHERE key = ANY(:keys)"), {"keys": list(keys)}
    )
    return {row[0]: row[1] for row in found}


async def status_of_key(session: AsyncSession, key: str) -> str | None:
    found = await session.execute(
        text("SELECT status FROM approval_request WHERE key = :key"), {"key": key}
    )
    status: str | None = found.scalar_one_or_none()
    return status


async def lock_requests(
    session: AsyncSession, ids: Collection[int], *, free_only: bool = False
) -> list[RequestRow]:
    """Locked against everybody else, in the order of ids; `free_only`: without waiting for any."""
    skip = " SKIP LOCKED" if free_only else ""
    where = f"q.id = ANY(:ids) ORDER BY q.id FOR UPDATE{skip}"
    return await _rows(session, where, ids=sorted(ids))


async def read_requests(session: AsyncSession, ids: Collection[int]) -> list[RequestRow]:
    return await _rows(session, "q.id = ANY(:ids) ORDER BY q.id", ids=sorted(ids))


async def existing(session: AsyncSession, ids: Collection[int]) -> frozenset[int]:
    found = await session.execute(
        text("SELECT id FROM approval_request WHERE id = ANY(:ids)"), {"ids": list(ids)}
    )
    return frozenset(found.scalars())


async def open_about(
    session: AsyncSession, subject_kind: str, subject_ids: Collection[int]
) -> list[RequestRow]:
    """Open ones of these subjects, locked."""
    return await _rows(
        session,
        f"q.subject_kind = :kind AND q.subject_id = ANY(:ids) AND {_IS_OPEN}"
        " ORDER BY q.id FOR UPDATE",
        kind=subject_kind,
        ids=sorted(subject_ids),
    )


async def about(
    session: AsyncSession, subject_kind: str, record_kind: str, id_: int, limit: int
) -> list[RequestRow]:
    """The newest first, over or not: those whose end is told to this subject, and open ones that
    lock the record."""
    subject = "SELECT id FROM approval_request WHERE subject_kind = :subject AND subject_id = :id"
    record = (
        "SELECT q.id FROM approval_request q WHERE q.record_kind = :record AND q.record_id = :id"  # noqa: S608
        f" AND {_IS_OPEN}"
    )
    return await _rows(
        session,
        f"q.id IN ({subject} UNION {record}) ORDER BY q.id DESC LIMIT :limit",
        subject=subject_kind,
        record=record_kind,
        id=id_,
        limit=limit,
    )


async def listed(
    session: AsyncSession,
    *,
    holders: Collection[int] | None = None,
    requester_id: int | None = None,
    open_only: bool = True,
    held_too: bool = False,
    after: int = 0,
    limit: int = 100,
) -> list[RequestRow]:
    """The oldest first. `holders`: those in which one of these people has an open seat, and with
    `held_too` those that are held."""
    seated = (
        "EXISTS (SELECT FROM approval_seat s WHERE s.request_id = q.id AND s.open"
        " AND s.holder_id = ANY(CAST(:holders AS bigint[])))"
    )
    return await _rows(
        session,
        f"q.id > :after AND (NOT :open_only OR ({_IS_OPEN} AND {_IS_WANTED}))"
        " AND (CAST(:requester AS bigint) IS NULL OR q.requester_id = :requester)"
        f" AND (NOT :by_holder OR {seated} OR (:held_too AND q.status = 'held'))"
        " ORDER BY q.id LIMIT :limit",
        after=after,
        open_only=open_only,
        requester=requester_id,
        by_holder=holders is not None,
        holders=sorted(holders or ()),
        held_too=held_too,
        limit=limit,
    )


async def seated_requests(session: AsyncSession, user_ids: Collection[int]) -> list[int]:
    """Open requests in which one of these people has a voice to give."""
    found = await session.execute(
        text(
            "SELECT DISTINCT request_id FROM approval_seat"
            " WHERE open AND holder_id = ANY(:ids) ORDER BY request_id"
        ),
        {"ids": sorted(user_ids)},
    )
    return list(found.scalars())


class StateRow(NamedTuple):
    id: int
    status: str
    state: dict[str, Any]
    ended_at: datetime | None


async def write_states(session: AsyncSession, rows: Sequence[StateRow]) -> None:
    """The rows must be locked."""
    if not rows:
        return
    await session.execute(
        text(
            """
            UPDATE approval_request q
            SET status = new.status, state = new.state, ended_at = new.ended_at
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(id bigint, status text, state jsonb, ended_at timestamptz)
            WHERE q.id = new.id
            """
        ),
        {"rows": rowset([row._asdict() for row in rows])},
    )


class SeatRow(NamedTuple):
    request_id: int
    seat: int
    round: int
    level: str
    holder_id: int
    by_id: int | None
    vote: str | None


async def write_seats(
    session: AsyncSession, request_ids: Collection[int], seats: Sequence[SeatRow], now: datetime
) -> None:
    """These are the seats that matter now; others of the requests are closed."""
    await session.execute(
        text(
            """
            WITH new AS (
                SELECT * FROM json_to_recordset(CAST(:rows AS json))
                    AS new(request_id bigint, seat bigint, round bigint, level text,
                           holder_id bigint, by_id bigint, vote text)
            ), closed AS (
                UPDATE approval_seat s SET open = false
                WHERE s.request_id = ANY(:ids) AND s.open AND NOT EXISTS (
                    SELECT FROM new WHERE new.request_id = s.request_id AND new.seat = s.seat)
            )
            INSERT INTO approval_seat (request_id, seat, round, level, holder_id, by_id, vote, open,
                                       asked_at, voted_at)
            SELECT new.request_id, new.seat, new.round, new.level, new.holder_id, new.by_id,
                   new.vote, new.vote IS NULL, :now, CASE WHEN new.vote IS NULL THEN NULL
                                                         ELSE CAST(:now AS timestamptz) END
            FROM new ORDER BY new.request_id, new.seat
            ON CONFLICT (request_id, seat) DO UPDATE
                SET holder_id = excluded.holder_id, by_id = excluded.by_id, vote = excluded.vote,
                    open = excluded.open,
                    voted_at = coalesce(approval_seat.voted_at, excluded.voted_at)
            """
        ),
        {"ids": list(request_ids), "rows": rowset([one._asdict() for one in seats]), "now": now},
    )


class DecisionRow(NamedTuple):
    request_id: int
    round: int
    level: str
    seat: int | None
    by_id: int | None
    verb: str
    comment: str | None
    door: str
    answer_id: str | None
    at: datetime


async def add_decisions(session: AsyncSession, rows: Sequence[DecisionRow]) -> None:
    names = ", ".join(DecisionRow._fields)
    marks = ", ".join(f":{name}" for name in DecisionRow._fields)
    await session.execute(
        text(f"INSERT INTO approval_decision ({names}) VALUES ({marks})"),  # noqa: S608 - columns
        [row._asdict() for row in rows],
    )


async def decisions_of(session: AsyncSession, request_ids: Collection[int]) -> list[DecisionRow]:
    """In the order they were taken."""
    names = ", ".join(DecisionRow._fields)
    found = await session.execute(
        text(
            f"SELECT {names} FROM approval_decision WHERE request_id = ANY(:ids) ORDER BY id"  # noqa: S608
        ),
        {"ids": list(request_ids)},
    )
    return [DecisionRow._make(row) for row in found]


class CommentRow(NamedTuple):
    request_id: int
    by_id: int | None
    text: str
    file_ids: list[int]
    at: datetime


async def add_comment(session: AsyncSession, row: CommentRow) -> None:
    await session.execute(
        text(
            "INSERT INTO approval_comment (request_id, by_id, text, file_ids, at)"
            " VALUES (:request_id, :by_id, :text, CAST(:file_ids AS bigint[]), :at)"
        ),
        row._asdict(),
    )


async def comments_of(session: AsyncSession, request_ids: Collection[int]) -> list[CommentRow]:
    found = await session.execute(
        text(
            "SELECT request_id, by_id, text, file_ids, at FROM approval_comment"
            " WHERE request_id = ANY(:ids) ORDER BY id"
        ),
        {"ids": list(request_ids)},
    )
    return [CommentRow._make(row) for row in found]


async def locks_on(
    session: AsyncSession, record_kind: str, ids: Collection[int]
) -> list[tuple[int, int, list[str]]]:
    """(record, request, fields that stay editable) of open requests."""
    found = await session.execute(
        text(
            "SELECT q.record_id, q.id, q.editable_fields FROM approval_request q"  # noqa: S608
            f" WHERE q.record_kind = :kind AND q.record_id = ANY(:ids) AND {_IS_OPEN}"
            " ORDER BY q.id"
        ),
        {"kind": record_kind, "ids": sorted(ids)},
    )
    return [(row[0], row[1], list(row[2])) for row in found]


async def missing_files(session: AsyncSession, file_ids: Collection[int]) -> list[int]:
    found = await session.execute(
        text("SELECT id FROM stored_file WHERE id = ANY(:ids)"), {"ids": list(file_ids)}
    )
    return sorted({*file_ids} - {*found.scalars()})


async def minor_rate(
    session: AsyncSession, base: str, currency: str, at: datetime
) -> Decimal | None:
    """What the smallest unit of a currency is worth in that of the base, by the newest rate."""
    found = await session.execute(
        text(
            "SELECT minor_rate FROM exchange_rate WHERE base_currency = :base"
            " AND currency = :currency AND day <= :day ORDER BY day DESC LIMIT 1"
        ),
        {"base": base, "currency": currency, "day": at.date()},
    )
    rate: Decimal | None = found.scalar_one_or_none()
    return rate


async def contact_owners(session: AsyncSession, contact_ids: Collection[int]) -> dict[int, int]:
    """Owners by contact, those who have left too: their managers are still theirs."""
    found = await session.execute(
        text("SELECT id, owner_id FROM contact WHERE id = ANY(:ids) AND owner_id IS NOT NULL"),
        {"ids": sorted(contact_ids)},
    )
    return {row[0]: row[1] for row in found}


async def names_of(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    found = await session.execute(
        text('SELECT id, coalesce(email, name) FROM "user" WHERE id = ANY(:ids)'),
        {"ids": list(user_ids)},
    )
    return {row[0]: row[1] for row in found}


async def _rows(session: AsyncSession, where: str, **values: Any) -> list[RequestRow]:
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM approval_request q WHERE {where}"),  # noqa: S608 - ours
        values,
    )
    return [RequestRow._make(row) for row in found]
