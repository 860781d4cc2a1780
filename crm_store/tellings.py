"""Writing down what our people are told, with the ways by which each of them hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class NewTelling(NamedTuple):
    """`email` is where mail to them goes; None: they are told here alone. Those who are not
    `active` are, whatever ways they chose once."""

    key: str
    user_id: int
    kind: str
    title: str
    body: str
    subject_kind: str
    subject_id: int
    urgency: str
    path: str
    action_path: str
    email: str | None
    active: bool


async def put_tellings(
    session: AsyncSession, tellings: Sequence[NewTelling], now: datetime
) -> tuple[int, int]:
    """How many are new, and how many deliveries they led to; what has been told is left alone.
    Of several for the same key and person the first counts."""
    if not tellings:
        return 0, 0
    first = {(one.key, one.user_id): one for one in reversed(tellings)}
    found = await session.execute(
        text(
            """
            WITH new AS (
                SELECT * FROM json_to_recordset(CAST(:rows AS json))
                    AS new(key text, user_id bigint, kind text, title text, body text,
                           subject_kind text, subject_id bigint, urgency text, path text,
                           action_path text, email text, active boolean)
            ), way AS (
                SELECT new.key, new.user_id, NULLIF(w.channel, 'default') AS channel,
                       CASE WHEN COALESCE(w.channel, 'default') = 'default'
                            THEN COALESCE(w.address, new.email)
                            ELSE COALESCE(w.address, '') END AS address
                FROM new LEFT JOIN notice_way w
                    ON w.user_id = new.user_id AND w.urgency = new.urgency
                WHERE w.channel IS DISTINCT FROM 'none' AND new.active
            ), told AS (
                INSERT INTO notice (user_id, kind, title, body, provider_key, state, reason,
                                    created_at, key, subject_kind, subject_id, urgency, path,
                                    action_path)
                SELECT user_id, kind, title, body, REPLACE(gen_random_uuid()::text, '-', ''),
                       CASE WHEN reached THEN 'waiting' ELSE 'withheld' END,
                       CASE WHEN reached THEN NULL ELSE 'shown_here' END,
                       :now, key, subject_kind, subject_id, urgency, path, action_path
                FROM (SELECT new.*, EXISTS (
                          SELECT 1 FROM way WHERE way.key = new.key AND way.user_id = new.user_id
                          AND way.address IS NOT NULL) AS reached
                      FROM new) new
                ORDER BY key, user_id
                ON CONFLICT (key, user_id) DO NOTHING
                RETURNING id, key, user_id
            ), sent AS (
                INSERT INTO notice_delivery (notice_id, channel, address, provider_key, state,
                                             due_at)
                SELECT told.id, way.channel, way.address,
                       REPLACE(gen_random_uuid()::text, '-', ''), 'waiting', :now
                FROM told JOIN way ON way.key = told.key AND way.user_id = told.user_id
                WHERE way.address IS NOT NULL
                RETURNING 1
            )
            SELECT (SELECT count(*) FROM told), (SELECT count(*) FROM sent)
            """
        ),
        {"rows": rowset([one._asdict() for one in first.values()]), "now": now},
    )
    row = found.one()
    return row[0], row[1]
