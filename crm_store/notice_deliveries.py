"""Deliveries of notices: taken with a lease, renewed, recorded, left behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class DeliveryRow(NamedTuple):
    """`attempts` counts this try too; `email` is the person's own address, None for those
    who left and are not `active`."""

    id: int
    channel: str | None
    address: str
    provider_key: str
    attempts: int
    title: str
    body: str
    path: str
    action_path: str
    language: str
    email: str | None
    created_at: datetime
    active: bool


class Conclusion(NamedTuple):
    """`state` is "waiting" until `due_at`, or an end: sent, refused, maybe_sent, gave_up."""

    id: int
    state: str
    reason: str | None = None
    due_at: datetime | None = None
    # The try does not count: nothing was tried.
    untried: bool = False


_TAKE = """
    UPDATE notice_delivery d
    SET state = 'handing_over', claimed_by = :claim, lease_until = :until,
        attempts = d.attempts + :tries
    FROM (SELECT id FROM notice_delivery WHERE {open} ORDER BY due_at, id LIMIT :limit
          FOR UPDATE SKIP LOCKED) taken, notice n, "user" u
    WHERE d.id = taken.id AND n.id = d.notice_id AND u.id = n.user_id
    RETURNING d.id, d.channel, d.address, d.provider_key, d.attempts, n.title, n.body, n.path,
              n.action_path, u.language, CASE WHEN u.active THEN u.email END, n.created_at,
              u.active
"""
_WAITING = "state = 'waiting' AND due_at <= :now"
_LEFT_BEHIND = "state = 'handing_over' AND lease_until <= :now"


async def take_waiting(
    session: AsyncSession, claim: str, now: datetime, until: datetime, limit: int
) -> list[DeliveryRow]:
    """Claim what is to be handed over now."""
    return await _take(session, _WAITING, 1, claim, now, until, limit)


async def take_left_behind(
    session: AsyncSession, claim: str, now: datetime, until: datetime, limit: int
) -> list[DeliveryRow]:
    """Take over what somebody began to hand over, whose lease is over."""
    return await _take(session, _LEFT_BEHIND, 0, claim, now, until, limit)


async def _take(
    session: AsyncSession,
    which: str,
    tries: int,
    claim: str,
    now: datetime,
    until: datetime,
    limit: int,
) -> list[DeliveryRow]:
    found = await session.execute(
        text(_TAKE.format(open=which)),
        {"claim": claim, "now": now, "until": until, "limit": limit, "tries": tries},
    )
    return sorted(DeliveryRow._make(row) for row in found)


async def renew(session: AsyncSession, ids: Collection[int], claim: str, until: datetime) -> int:
    """How many are still ours."""
    found = await session.execute(
        text(
            "UPDATE notice_delivery SET lease_until = :until WHERE id = ANY(:ids)"
            " AND claimed_by = :claim AND state = 'handing_over' RETURNING 1"
        ),
        {"ids": sorted(ids), "claim": claim, "until": until},
    )
    return len(found.all())


async def conclude(
    session: AsyncSession, ended: Sequence[Conclusion], claim: str, now: datetime
) -> None:
    """Write down how tries ended. Whoever lost the claim meanwhile only says what was sent."""
    if not ended:
        return
    found = await session.execute(
        text(
            """
            UPDATE notice_delivery d
            SET state = new.state, reason = new.reason, due_at = COALESCE(new.due_at, d.due_at),
                attempts = d.attempts - CASE WHEN new.untried THEN 1 ELSE 0 END,
                claimed_by = NULL, lease_until = NULL,
                answered_at = CASE WHEN new.state = 'waiting' THEN NULL
                                   ELSE CAST(:now AS timestamptz) END
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(id bigint, state text, reason text, due_at timestamptz, untried boolean)
            WHERE d.id = new.id
              AND ((d.claimed_by = :claim AND d.state = 'handing_over')
                   OR (new.state = 'sent' AND d.state <> 'sent'))
            RETURNING d.notice_id
            """
        ),
        {"rows": rowset([one._asdict() for one in ended]), "claim": claim, "now": now},
    )
    await _summed_up(session, sorted({row[0] for row in found}), now)


async def _summed_up(session: AsyncSession, notice_ids: Collection[int], now: datetime) -> None:
    """A notice is what its best delivery is."""
    await session.execute(
        text(
            """
            UPDATE notice SET state = best.state, reason = best.reason, answered_at = :now
            FROM (SELECT DISTINCT ON (notice_id) notice_id, state, reason FROM notice_delivery
                  WHERE notice_id = ANY(:ids)
                  ORDER BY notice_id, array_position(
                      ARRAY['sent', 'maybe_sent', 'waiting', 'handing_over', 'gave_up', 'refused'],
                      CAST(state AS text))) best
            WHERE notice.id = best.notice_id
            """
        ),
        {"ids": list(notice_ids), "now": now},
    )


async def next_delivery(session: AsyncSession) -> datetime | None:
    """When there is something to do next, if nobody does it before."""
    found = await session.execute(
        text(
            "SELECT min(CASE WHEN state = 'waiting' THEN due_at ELSE lease_until END)"
            " FROM notice_delivery WHERE state IN ('waiting', 'handing_over')"
        )
    )
    due: datetime | None = found.scalar_one()
    return due
