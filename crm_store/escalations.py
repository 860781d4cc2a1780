"""Cases that somebody must take up: written, locked, listed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset

_URGENCIES = "ARRAY['low', 'normal', 'high', 'urgent']"
_COLUMNS = """
    e.id, e.subject_kind, e.subject_id, e.contact_id, e.policy, e.policy_version_id,
    e.policy_document, e.title, e.body, e.title_zh, e.body_zh, e.path, e.urgency, e.owner_id,
    e.team, e.status, e.paused, e.held_for, e.state, e.level, e.told_ids, e.opened_at,
    e.acknowledged_by_id, e.acknowledged_at, e.ended_at, e.ended_by_id, e.comment
"""


class NewCase(NamedTuple):
    """`policy_version_id` or `policy_document`, one of the two."""

    subject_kind: str
    subject_id: int
    contact_id: int | None
    policy: str
    fold_key: str
    policy_version_id: int | None
    policy_document: Mapping[str, Any] | None
    title: str
    body: str
    title_zh: str
    body_zh: str
    path: str
    urgency: str
    owner_id: int | None
    team: str | None


class CaseRow(NamedTuple):
    """`title` and `body` are English; `level` is the last one told, from 1."""

    id: int
    subject_kind: str
    subject_id: int
    contact_id: int | None
    policy: str
    policy_version_id: int | None
    policy_document: Mapping[str, Any] | None
    title: str
    body: str
    title_zh: str
    body_zh: str
    path: str
    urgency: str
    owner_id: int | None
    team: str | None
    status: str
    paused: bool
    held_for: str | None
    state: Mapping[str, Any]
    level: int
    told_ids: list[int]
    opened_at: datetime
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_by_id: int | None
    comment: str | None


class CaseChange(NamedTuple):
    """What a case is from now on; `told` are added to those told before."""

    status: str
    paused: bool
    held_for: str | None
    state: Mapping[str, Any]
    level: int
    told: Sequence[int]
    acknowledged_by_id: int | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    ended_by_id: int | None
    comment: str | None


async def case_asked(session: AsyncSession, key: str) -> int | None:
    """The case that holds this ask."""
    found = await session.execute(
        text("SELECT case_id FROM escalation_ask WHERE key = :key"), {"key": key}
    )
    row = found.one_or_none()
    return None if row is None else int(row[0])


async def put_case(session: AsyncSession, case: NewCase, now: datetime) -> tuple[int, bool]:
    """The id, and whether it is a new one; else the open one of the same subject and fold key has
    got the higher of the two urgencies. The row is locked either way."""
    found = await session.execute(
        text(
            f"""
            INSERT INTO escalation_case AS e (subject_kind, subject_id, contact_id, policy,
                fold_key, policy_version_id, policy_document, title, body, title_zh, body_zh, path,
                urgency, owner_id, team, status, state, level, told_ids, opened_at)
            VALUES (:subject_kind, :subject_id, :contact_id, :policy, :fold_key,
                :policy_version_id, :policy_document, :title, :body, :title_zh, :body_zh, :path,
                :urgency, :owner_id, :team, 'open', '{{}}', 0, '{{}}', :now)
            ON CONFLICT (subject_kind, subject_id, fold_key) WHERE ended_at IS NULL
            DO UPDATE SET urgency = CASE
                WHEN array_position({_URGENCIES}, excluded.urgency)
                     > array_position({_URGENCIES}, e.urgency)
                THEN excluded.urgency ELSE e.urgency END
            RETURNING e.id, e.xmax = 0
            """  # noqa: S608 - the list is a constant
        ).bindparams(bindparam("policy_document", type_=JSONB(none_as_null=True))),
        {**case._asdict(), "now": now},
    )
    row = found.one()
    return int(row[0]), bool(row[1])


async def put_ask(
    session: AsyncSession,
    case_id: int,
    key: str,
    run: tuple[int, str, int] | None,
    now: datetime,
) -> bool:
    """Whether the ask is news."""
    run_id, node, visit = run or (None, None, None)
    found = await session.execute(
        text(
            """
            INSERT INTO escalation_ask (case_id, key, run_id, node, visit, asked_at)
            VALUES (:case, :key, :run, :node, :visit, :now)
            ON CONFLICT (key) DO NOTHING RETURNING 1
            """
        ),
        {"case": case_id, "key": key, "run": run_id, "node": node, "visit": visit, "now": now},
    )
    return found.one_or_none() is not None


async def lock_cases(session: AsyncSession, case_ids: Collection[int]) -> list[CaseRow]:
    """Those that there are, over or not, by id, locked against others who change them."""
    if not case_ids:
        return []
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM escalation_case e WHERE e.id = ANY(:ids)"  # noqa: S608
            " ORDER BY e.id FOR UPDATE"
        ),
        {"ids": list(case_ids)},
    )
    return [CaseRow._make(row) for row in found]


async def open_about(
    session: AsyncSession,
    subject_kind: str,
    subject_ids: Collection[int],
    policy: str | None,
    asked_as: str | None = None,
) -> list[int]:
    """The open cases of these subjects, by id. `asked_as`: only those with an ask whose key
    begins so."""
    found = await session.scalars(
        text(
            """
            SELECT id FROM escalation_case
            WHERE ended_at IS NULL AND subject_kind = :kind AND subject_id = ANY(:ids)
              AND (CAST(:policy AS text) IS NULL OR policy = :policy)
              AND (CAST(:asked_as AS text) IS NULL OR EXISTS (
                  SELECT 1 FROM escalation_ask a WHERE a.case_id = escalation_case.id
                    AND starts_with(a.key, :asked_as)))
            ORDER BY id
            """
        ),
        {
            "kind": subject_kind,
            "ids": list(subject_ids),
            "policy": policy,
            "asked_as": asked_as,
        },
    )
    return list(found)


async def write_cases(session: AsyncSession, changes: Mapping[int, CaseChange]) -> None:
    """The rows must be locked by this transaction."""
    if not changes:
        return
    rows = [{"id": id_, **one._asdict()} for id_, one in changes.items()]
    await session.execute(
        text(
            """
            UPDATE escalation_case e SET
                status = new.status, paused = new.paused, held_for = new.held_for,
                state = new.state, level = new.level,
                told_ids = ARRAY(SELECT DISTINCT id FROM unnest(e.told_ids || ARRAY(
                    SELECT jsonb_array_elements_text(new.told)::bigint)) AS id ORDER BY id),
                acknowledged_by_id = new.acknowledged_by_id,
                acknowledged_at = new.acknowledged_at, ended_at = new.ended_at,
                ended_by_id = new.ended_by_id, comment = coalesce(new.comment, e.comment)
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(id bigint, status text, paused boolean, held_for text, state jsonb,
                       level bigint, told jsonb, acknowledged_by_id bigint,
                       acknowledged_at timestamptz, ended_at timestamptz, ended_by_id bigint,
                       comment text)
            WHERE e.id = new.id
            """
        ),
        {"rows": rowset(rows)},
    )


async def waiting_runs(
    session: AsyncSession, case_ids: Collection[int], now: datetime
) -> list[tuple[int, int, str, int]]:
    """The runs that wait for these and were told nothing yet, as (case, run, node, visit); from now
    on they count as told."""
    if not case_ids:
        return []
    found = await session.execute(
        text(
            """
            UPDATE escalation_ask SET answered_at = :now
            WHERE case_id = ANY(:ids) AND run_id IS NOT NULL AND answered_at IS NULL
            RETURNING case_id, run_id, node, visit
            """
        ),
        {"ids": list(case_ids), "now": now},
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


async def held_by(session: AsyncSession, user_ids: Collection[int]) -> list[int]:
    """Open cases that these people have in hand or own, by id."""
    found = await session.scalars(
        text(
            """
            SELECT id FROM escalation_case WHERE ended_at IS NULL AND
                (owner_id = ANY(:ids)
                 OR (status = 'acknowledged' AND acknowledged_by_id = ANY(:ids))) ORDER BY id
            """
        ),
        {"ids": list(user_ids)},
    )
    return list(found)


async def change_owner(session: AsyncSession, case_ids: Collection[int], owner_id: int) -> None:
    await session.execute(
        text("UPDATE escalation_case SET owner_id = :owner WHERE id = ANY(:ids)"),
        {"owner": owner_id, "ids": list(case_ids)},
    )


async def is_abandoned(session: AsyncSession, case_id: int) -> bool:
    """Whether only runs asked for it, and none of those that were told nothing yet still waits."""
    found = await session.execute(
        text(
            """
            SELECT bool_and(a.node IS NOT NULL AND a.answered_at IS NULL AND NOT coalesce(
                r.state <> 'ended' AND r.node = a.node AND r.visit = a.visit, false))
            FROM escalation_ask a LEFT JOIN run r ON r.id = a.run_id WHERE a.case_id = :case
            """
        ),
        {"case": case_id},
    )
    return bool(found.scalar_one())


async def contact_owners(
    session: AsyncSession, contact_ids: Collection[int]
) -> dict[int, tuple[int, str | None]]:
    """By contact, its owner, active or not, and the name of their team."""
    found = await session.execute(
        text(
            'SELECT c.id, u.id, t.name FROM contact c JOIN "user" u ON u.id = c.owner_id'
            " LEFT JOIN team t ON t.id = u.team_id WHERE c.id = ANY(:ids)"
        ),
        {"ids": list(contact_ids)},
    )
    return {row[0]: (row[1], row[2]) for row in found}
