"""Deliveries of webhooks: claimed, answered, listed, sent again and forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class ClaimedRow(NamedTuple):
    """A delivery to hand over, with the event as it stands; `attempts` counts this one too."""

    id: int
    subscription_id: int
    message_id: str
    type: str
    attempts: int
    created_at: datetime
    event_id: int | None
    source: str | None
    kind: str | None
    properties: dict[str, Any] | None
    occurred_at: datetime | None
    contact_id: int | None
    external_id: str | None
    email: str | None


EVENT_COLUMNS = "e.source, e.kind, e.properties, e.occurred_at, c.id, c.external_id, c.email"
EVENT_JOINED = "LEFT JOIN event e ON e.id = d.event_id LEFT JOIN contact c ON c.id = e.contact_id"
_CLAIMED = f"""
    WITH claimed AS (
        UPDATE webhook_delivery d
        SET state = 'handing_over', claimed_by = :claim, lease_until = :until,
            attempts = d.attempts + 1
        FROM ({{picked}}) picked
        WHERE d.id = picked.id
        RETURNING d.*
    )
    SELECT d.id, d.subscription_id, d.message_id, d.type, d.attempts, d.created_at, d.event_id,
           {EVENT_COLUMNS}
    FROM claimed d {EVENT_JOINED} ORDER BY d.id
"""  # noqa: S608 - constants
_DUE = """
    SELECT due.id FROM json_to_recordset(CAST(:quotas AS json)) AS q(id bigint, most bigint)
    CROSS JOIN LATERAL (
        SELECT w.id FROM webhook_delivery w
        WHERE w.subscription_id = q.id AND w.state = 'waiting' AND w.due_at <= :now
        ORDER BY w.due_at, w.id LIMIT q.most FOR UPDATE SKIP LOCKED
    ) due
"""
_TESTS = """
    SELECT w.id FROM webhook_delivery w
    WHERE w.event_id IS NULL AND w.state = 'waiting' AND w.due_at <= :now
    ORDER BY w.id LIMIT 20 FOR UPDATE SKIP LOCKED
"""


async def claim_due(
    session: AsyncSession,
    quotas: Mapping[int, int],
    claim: str,
    now: datetime,
    until: datetime,
) -> list[ClaimedRow]:
    """Of each subscription up to so many, the longest due first."""
    if not quotas:
        return []
    rows = rowset([{"id": id_, "most": most} for id_, most in quotas.items()])
    found = await session.execute(
        text(_CLAIMED.format(picked=_DUE)),
        {"quotas": rows, "claim": claim, "now": now, "until": until},
    )
    return [ClaimedRow._make(row) for row in found]


async def claim_tests(
    session: AsyncSession, claim: str, now: datetime, until: datetime
) -> list[ClaimedRow]:
    """Tests go to subscriptions that are not enabled, too."""
    found = await session.execute(
        text(_CLAIMED.format(picked=_TESTS)), {"claim": claim, "now": now, "until": until}
    )
    return [ClaimedRow._make(row) for row in found]


async def take_back_left_behind(session: AsyncSession, now: datetime) -> int:
    """Whoever began these is gone: they wait again, and go with the same message id."""
    found = await session.execute(
        text(
            "UPDATE webhook_delivery SET state = 'waiting', claimed_by = NULL, lease_until = NULL"
            " WHERE state = 'handing_over' AND lease_until <= :now RETURNING 1"
        ),
        {"now": now},
    )
    return len(found.all())


class Conclusion(NamedTuple):
    """`state` is "waiting" until `due_at`, or an end."""

    id: int
    state: str
    due_at: datetime | None
    at: datetime
    milliseconds: int
    status: int | None
    code: str
    answer: str


async def conclude(
    session: AsyncSession, ended: Sequence[Conclusion], claim: str, now: datetime
) -> None:
    """Write down each attempt and what became of its delivery. Whoever lost the claim only adds
    the attempt and what was delivered."""
    if not ended:
        return
    await session.execute(
        text(
            """
            WITH new AS (
                SELECT * FROM json_to_recordset(CAST(:rows AS json))
                    AS new(id bigint, state text, due_at timestamptz, at timestamptz,
                           milliseconds bigint, status bigint, code text, answer text)
            ), written AS (
                INSERT INTO webhook_attempt (delivery_id, at, milliseconds, status, code, answer)
                SELECT n.id, n.at, n.milliseconds, n.status, n.code, n.answer
                FROM new n JOIN webhook_delivery d ON d.id = n.id ORDER BY n.id
            )
            UPDATE webhook_delivery d
            SET state = new.state, due_at = COALESCE(new.due_at, d.due_at), status = new.status,
                code = new.code, claimed_by = NULL, lease_until = NULL,
                ended_at = CASE WHEN new.state = 'waiting' THEN NULL
                                ELSE CAST(:now AS timestamptz) END
            FROM new
            WHERE d.id = new.id
              AND (d.claimed_by = :claim
                   OR (new.state = 'delivered' AND d.state <> 'delivered'))
            """
        ),
        {"rows": rowset([one._asdict() for one in ended]), "claim": claim, "now": now},
    )


class UncheckedRow(NamedTuple):
    """A delivery whose subscription's rule was not asked yet, with its event."""

    id: int
    subscription_id: int
    rule: Any
    contact_id: int
    name: str
    kind: str
    source: str
    occurred_at: datetime
    properties: dict[str, Any]


async def take_unchecked(session: AsyncSession, limit: int) -> list[UncheckedRow]:
    found = await session.execute(
        text(
            """
            SELECT d.id, s.id, s.rule, e.contact_id, e.name, e.kind, e.source, e.occurred_at,
                   e.properties
            FROM webhook_delivery d
            JOIN webhook_subscription s ON s.id = d.subscription_id AND s.enabled
            JOIN event e ON e.id = d.event_id
            WHERE d.state = 'unchecked' ORDER BY d.id LIMIT :limit
            FOR UPDATE OF d SKIP LOCKED
            """
        ),
        {"limit": limit},
    )
    return [UncheckedRow._make(row) for row in found]


async def write_checked(
    session: AsyncSession, wanted: Collection[int], unwanted: Collection[int]
) -> None:
    """What a rule wants waits from now on; what it does not want was never a delivery."""
    await session.execute(
        text("UPDATE webhook_delivery SET state = 'waiting' WHERE id = ANY(:ids)"),
        {"ids": sorted(wanted)},
    )
    await session.execute(
        text("DELETE FROM webhook_delivery WHERE id = ANY(:ids)"), {"ids": sorted(unwanted)}
    )


async def next_due(session: AsyncSession) -> datetime | None:
    """When there is something to do next, if nobody does it before. What is unchecked or a test is
    due at once; what waits for a resting subscription, when its rest is over."""
    found = await session.execute(
        text(
            """
            SELECT min(at) FROM (
                SELECT (SELECT greatest(d.due_at, s.resting_until) FROM webhook_delivery d
                        WHERE d.subscription_id = s.id AND d.state = 'waiting'
                        ORDER BY d.due_at LIMIT 1) AS at
                FROM webhook_subscription s WHERE s.enabled
                UNION ALL SELECT min(lease_until) FROM webhook_delivery
                          WHERE state = 'handing_over'
                UNION ALL SELECT min(d.due_at) FROM webhook_delivery d
                          WHERE d.event_id IS NULL AND d.state = 'waiting'
                UNION ALL SELECT min(d.created_at) FROM webhook_delivery d
                          JOIN webhook_subscription s ON s.id = d.subscription_id AND s.enabled
                          WHERE d.state = 'unchecked'
            ) due
            """
        )
    )
    due: datetime | None = found.scalar_one()
    return due


async def has_due(session: AsyncSession, now: datetime) -> bool:
    """Whether the driver has something to do: a few index probes, nothing without subscriptions."""
    found = await session.scalar(
        text(
            """
            SELECT EXISTS (
                SELECT FROM webhook_subscription s
                WHERE s.enabled AND (s.resting_until IS NULL OR s.resting_until <= :now)
                AND EXISTS (
                    SELECT FROM webhook_delivery d WHERE d.subscription_id = s.id
                    AND d.state = 'waiting' AND d.due_at <= :now
                )
            ) OR EXISTS (
                SELECT FROM webhook_delivery d
                JOIN webhook_subscription s ON s.id = d.subscription_id AND s.enabled
                WHERE d.state = 'unchecked'
            )
            """
        ),
        {"now": now},
    )
    return bool(found)


async def add_test(
    session: AsyncSession, subscription_id: int, message_id: str, kind: str, now: datetime
) -> int:
    found = await session.execute(
        text(
            "INSERT INTO webhook_delivery"
            " (subscription_id, message_id, type, state, due_at, created_at)"
            " VALUES (:id, :message_id, :type, 'waiting', :now, :now) RETURNING id"
        ),
        {"id": subscription_id, "message_id": message_id, "type": kind, "now": now},
    )
    return int(found.scalar_one())


async def forget_ended(session: AsyncSession, before: datetime, limit: int) -> int:
    """Remove what ended before; how many. What waits is never removed."""
    found = await session.execute(
        text(
            "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery"
            " WHERE ended_at < :before ORDER BY ended_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
            " RETURNING 1"
        ),
        {"before": before, "limit": limit},
    )
    return len(found.all())
