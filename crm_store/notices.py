"""Telling our own people: whom an ask means, what they are told, and what became of the mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.messages import RETRIABLE
from crm_store.rowset import rowset

# More people than a role or a team should have that is told something by mail.
MOST_PEOPLE = 50


class Wanted(NamedTuple):
    """Whom an effect means: "owner", "manager", "user" (`value` is the folded address), "role" or
    "team"."""

    effect_id: int
    contact_id: int
    what: str
    value: str


class Recipient(NamedTuple):
    effect_id: int
    user_id: int
    email: str | None
    name: str
    language: str


class NewNotice(NamedTuple):
    effect_id: int
    run_id: int
    contact_id: int
    user_id: int
    kind: str
    title: str
    body: str
    provider_key: str
    state: str
    reason: str | None


class NoticeRow(NamedTuple):
    id: int
    effect_id: int
    user_id: int
    provider_key: str
    state: str


async def addressees(session: AsyncSession, wanted: Sequence[Wanted]) -> list[Recipient]:
    """The active people that are meant, at most fifty for each ask, in the order of ids."""
    if not wanted:
        return []
    found = await session.execute(
        text(
            """
            WITH asked AS (
                SELECT * FROM json_to_recordset(CAST(:rows AS json))
                    AS a(effect_id bigint, contact_id bigint, what text, value text)
            ), meant AS (
                SELECT a.effect_id, u.id FROM asked a
                JOIN contact c ON c.id = a.contact_id
                LEFT JOIN "user" o ON o.id = c.owner_id
                JOIN "user" u ON u.id = CASE a.what WHEN 'owner' THEN c.owner_id
                                                    ELSE o.manager_id END
                WHERE a.what IN ('owner', 'manager')
                UNION
                SELECT a.effect_id, u.id FROM asked a JOIN "user" u ON u.email_key = a.value
                WHERE a.what = 'user'
                UNION
                SELECT a.effect_id, u.id FROM asked a JOIN "user" u ON u.role = a.value
                WHERE a.what = 'role'
                UNION
                SELECT a.effect_id, u.id FROM asked a JOIN team t ON t.name = a.value
                JOIN "user" u ON u.team_id = t.id WHERE a.what = 'team'
            ), numbered AS (
                SELECT m.effect_id, u.id, u.email, u.name, u.language,
                       row_number() OVER (PARTITION BY m.effect_id ORDER BY u.id) AS place
                FROM meant m JOIN "user" u ON u.id = m.id WHERE u.active
            )
            SELECT effect_id, id, email, name, language FROM numbered
            WHERE place <= :most ORDER BY effect_id, id
            """
        ),
        {"rows": rowset([one._asdict() for one in wanted]), "most": MOST_PEOPLE},
    )
    return [Recipient._make(row) for row in found]


async def earlier_notices(session: AsyncSession, effect_ids: Collection[int]) -> list[NoticeRow]:
    """What these asks already led to, locked."""
    found = await session.execute(
        text(
            """
            SELECT id, effect_id, user_id, provider_key, state FROM notice
            WHERE effect_id = ANY(:ids) ORDER BY id FOR UPDATE
            """
        ),
        {"ids": list(effect_ids)},
    )
    return [NoticeRow._make(row) for row in found]


async def put_notices(
    session: AsyncSession, notices: Sequence[NewNotice], now: datetime
) -> list[NoticeRow]:
    """Write notices down before their mails go; those written.

    One that exists is taken over when its mail was certainly not accepted, else it is left alone
    and missing from the answer.
    """
    if not notices:
        return []
    found = await session.execute(
        text(
            """
            INSERT INTO notice (effect_id, run_id, contact_id, user_id, kind, title, body,
                                provider_key, state, reason, created_at)
            SELECT new.*, :now FROM json_to_recordset(CAST(:rows AS json))
                AS new(effect_id bigint, run_id bigint, contact_id bigint, user_id bigint,
                       kind text, title text, body text, provider_key text, state text,
                       reason text)
            ON CONFLICT (effect_id, user_id) DO UPDATE
                SET state = excluded.state, reason = excluded.reason, answered_at = NULL
            WHERE notice.state = ANY(CAST(:retriable AS text[]))
            RETURNING id, effect_id, user_id, provider_key, state
            """
        ),
        {
            "now": now,
            "rows": rowset([one._asdict() for one in notices]),
            "retriable": list(RETRIABLE),
        },
    )
    return [NoticeRow._make(row) for row in found]


async def write_notice_answers(
    session: AsyncSession, answers: Sequence[tuple[int, str, str | None]], now: datetime
) -> None:
    """Record (notice, state, reason) where the answer was waited for; twice is once."""
    if not answers:
        return
    await session.execute(
        text(
            """
            UPDATE notice SET state = new.state, reason = new.reason, answered_at = :now
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, state text, reason text)
            WHERE notice.id = new.id
              AND (notice.state = 'handing_over'
                   OR (notice.state = 'put_off' AND new.state = 'sent'))
            """
        ),
        {
            "now": now,
            "rows": rowset([{"id": id_, "state": s, "reason": why} for id_, s, why in answers]),
        },
    )


async def states_of(session: AsyncSession, effect_ids: Collection[int]) -> dict[int, list[str]]:
    """The states of the mails of each effect."""
    found = await session.execute(
        text(
            "SELECT effect_id, array_agg(state ORDER BY id) FROM notice"
            " WHERE effect_id = ANY(:ids) GROUP BY effect_id"
        ),
        {"ids": list(effect_ids)},
    )
    return {row[0]: list(row[1]) for row in found}


async def tell_admins(
    session: AsyncSession,
    kind: str,
    said: Mapping[str, tuple[str, str]],
    mark: str,
    now: datetime,
) -> None:
    """Tell every active admin something that no flow asked for: title and text by language, English
    for everybody else. It is shown here and not mailed; a second one of the `mark` changes nothing.
    """
    rows = [{"language": key, "title": one[0], "body": one[1]} for key, one in said.items()]
    await session.execute(
        text(
            """
            INSERT INTO notice (user_id, kind, title, body, provider_key, state, reason, created_at)
            SELECT u.id, :kind, t.title, t.body, :kind || ':' || :mark || ':' || u.id, 'withheld',
                   'shown_here', :now
            FROM "user" u
            JOIN json_to_recordset(CAST(:rows AS json)) AS t(language text, title text, body text)
              ON t.language = CASE WHEN u.language LIKE 'zh%' THEN 'zh' ELSE 'en' END
            WHERE u.role = 'admin' AND u.active
            ON CONFLICT (provider_key) DO NOTHING
            """
        ),
        {"kind": kind, "mark": mark, "rows": rowset(rows), "now": now},
    )


class ShownNotice(NamedTuple):
    """Without a contact, a run and a subject it is about Cadenza itself. `path` is where to look,
    a path of the designer."""

    id: int
    kind: str
    title: str
    body: str
    contact_id: int | None
    run_id: int | None
    created_at: datetime
    read_at: datetime | None
    urgency: str = "normal"
    subject_kind: str | None = None
    subject_id: int | None = None
    path: str = ""


async def notices_of(
    session: AsyncSession, user_id: int, *, before: int | None, unread: bool, limit: int
) -> list[ShownNotice]:
    """What somebody was told, the newest first."""
    found = await session.execute(
        text(
            """
            SELECT id, kind, title, body, contact_id, run_id, created_at, read_at, urgency,
                   subject_kind, subject_id, path
            FROM notice
            WHERE user_id = :user AND (CAST(:before AS bigint) IS NULL OR id < :before)
              AND (NOT :unread OR read_at IS NULL)
            ORDER BY id DESC LIMIT :limit
            """
        ),
        {"user": user_id, "before": before, "unread": unread, "limit": limit},
    )
    return [ShownNotice._make(row) for row in found]


async def count_unread(session: AsyncSession, user_id: int, most: int) -> int:
    """How many they have not seen, counted up to `most`."""
    found = await session.execute(
        text(
            "SELECT count(*) FROM (SELECT 1 FROM notice WHERE user_id = :user"
            " AND read_at IS NULL LIMIT :most) unread"
        ),
        {"user": user_id, "most": most},
    )
    return int(found.scalar_one())


async def mark_read(
    session: AsyncSession,
    user_id: int,
    notice_ids: Collection[int],
    now: datetime,
    *,
    until: int = 0,
) -> int:
    """These, and all up to the id `until`; how many were new to them."""
    found = await session.execute(
        text(
            "UPDATE notice SET read_at = :now WHERE (id = ANY(:ids) OR id <= :until)"
            " AND user_id = :user AND read_at IS NULL RETURNING 1"
        ),
        {"ids": list(notice_ids), "until": until, "user": user_id, "now": now},
    )
    return len(found.all())
