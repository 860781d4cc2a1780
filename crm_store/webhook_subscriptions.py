"""Webhook subscriptions: kept, claimed from, rested and disabled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import User, WebhookSubscription
from crm_store.rowset import rowset

# Every event that is written down, whatever its name.
EVERY: Final = "*"


class SubscriptionRow(NamedTuple):
    id: int
    name: str
    url: str
    event_types: list[str]
    rule: Any
    enabled: bool
    reason: str | None
    owner_id: int | None
    owner_name: str | None
    previous_until: datetime | None
    per_second: int
    concurrency: int
    failures: int
    failing_since: datetime | None
    resting_until: datetime | None
    delivered_at: datetime | None
    revision: int
    created_at: datetime
    changed_at: datetime
    changed_by: str


_S = WebhookSubscription
_SHOWN = select(
    *(_S.id, _S.name, _S.url, _S.event_types, _S.rule, _S.enabled, _S.reason, _S.owner_id),
    User.name,
    *(_S.previous_until, _S.per_second, _S.concurrency, _S.failures, _S.failing_since),
    *(_S.resting_until, _S.delivered_at, _S.revision, _S.created_at, _S.changed_at, _S.changed_by),
).outerjoin(User, User.id == _S.owner_id)


async def subscriptions(session: AsyncSession) -> list[SubscriptionRow]:
    found = await session.execute(_SHOWN.order_by(_S.name))
    return [SubscriptionRow._make(row) for row in found]


async def subscription(
    session: AsyncSession, subscription_id: int, *, lock: bool = False
) -> SubscriptionRow | None:
    query = _SHOWN.where(_S.id == subscription_id)
    if lock:
        query = query.with_for_update(of=_S, key_share=True)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else SubscriptionRow._make(row)


async def add_subscription(session: AsyncSession, values: Mapping[str, Any]) -> int | None:
    """Its id; None when the name is taken."""
    taken = await session.scalar(select(_S.id).where(_S.name == values["name"]))
    if taken is not None:
        return None
    found = await session.execute(insert(_S).values(**values).returning(_S.id))
    return int(found.scalar_one())


async def name_is_taken(session: AsyncSession, name: str, beside: int) -> bool:
    query = select(_S.id).where(_S.name == name, _S.id != beside)
    return await session.scalar(query) is not None


async def change_subscription(
    session: AsyncSession, subscription_id: int, values: Mapping[str, Any]
) -> None:
    await session.execute(
        update(_S)
        .where(_S.id == subscription_id)
        .values(**values, revision=_S.revision + 1)
        .execution_options(synchronize_session=False)
    )


async def sealed_secret(session: AsyncSession, subscription_id: int) -> str | None:
    found: str | None = await session.scalar(
        select(_S.secret).where(_S.id == subscription_id).with_for_update(key_share=True)
    )
    return found


async def remove_subscription(session: AsyncSession, subscription_id: int) -> None:
    """Its deliveries go with it."""
    await session.execute(delete(_S).where(_S.id == subscription_id))


async def count_subscriptions(session: AsyncSession) -> int:
    return int(await session.scalar(select(func.count()).select_from(_S)) or 0)


async def subscribed_types(session: AsyncSession) -> frozenset[str]:
    """The names of events that enabled subscriptions ask for."""
    found = await session.execute(
        text("SELECT DISTINCT unnest(event_types) FROM webhook_subscription WHERE enabled")
    )
    return frozenset(row[0] for row in found) - {EVERY}


class OpenRow(NamedTuple):
    """A subscription with deliveries that are due. `oldest` is since when the longest waits,
    `under_way` how many are being handed over by any process."""

    id: int
    per_second: int
    concurrency: int
    tokens: float
    tokens_at: datetime | None
    failures: int
    oldest: datetime
    under_way: int


async def hold_open(session: AsyncSession, now: datetime) -> list[OpenRow]:
    """Enabled subscriptions that may be called and have something due, held until the end of the
    transaction; those that somebody else holds are left to them."""
    found = await session.execute(
        text(
            """
            SELECT s.id, s.per_second, s.concurrency, s.tokens, s.tokens_at, s.failures,
                   due.oldest, (SELECT count(*) FROM webhook_delivery d
                                WHERE d.subscription_id = s.id AND d.state = 'handing_over')
            FROM webhook_subscription s
            CROSS JOIN LATERAL (
                SELECT d.due_at AS oldest FROM webhook_delivery d
                WHERE d.subscription_id = s.id AND d.state = 'waiting' AND d.due_at <= :now
                ORDER BY d.due_at LIMIT 1
            ) due
            WHERE s.enabled AND (s.resting_until IS NULL OR s.resting_until <= :now)
            ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED
            """
        ),
        {"now": now},
    )
    return [OpenRow._make(row) for row in found]


async def write_tokens(session: AsyncSession, left: Mapping[int, float], now: datetime) -> None:
    if not left:
        return
    await session.execute(
        text(
            """
            UPDATE webhook_subscription s SET tokens = new.tokens, tokens_at = :now
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, tokens float8)
            WHERE s.id = new.id
            """
        ),
        {"rows": rowset([{"id": id_, "tokens": one} for id_, one in left.items()]), "now": now},
    )


class Health(NamedTuple):
    """What a subscription's calls of one batch say: `failures` is None after a success, else how
    many failed since the last one."""

    id: int
    failures: int | None
    resting_until: datetime | None


async def lock_health(
    session: AsyncSession, ids: Collection[int]
) -> dict[int, tuple[int, datetime | None]]:
    """Failures in a row and since when, by id; held, the lower ids first."""
    found = await session.execute(
        text(
            "SELECT id, failures, failing_since FROM webhook_subscription WHERE id = ANY(:ids)"
            " ORDER BY id FOR NO KEY UPDATE"
        ),
        {"ids": sorted(ids)},
    )
    return {row[0]: (row[1], row[2]) for row in found}


async def write_health(session: AsyncSession, found: Sequence[Health], now: datetime) -> None:
    if not found:
        return
    await session.execute(
        text(
            """
            UPDATE webhook_subscription s
            SET failures = COALESCE(new.failures, 0),
                failing_since = CASE WHEN new.failures IS NULL THEN NULL
                                     ELSE COALESCE(s.failing_since, :now) END,
                resting_until = new.resting_until,
                delivered_at = CASE WHEN new.failures IS NULL THEN :now ELSE s.delivered_at END
            FROM json_to_recordset(CAST(:rows AS json))
                AS new(id bigint, failures bigint, resting_until timestamptz)
            WHERE s.id = new.id
            """
        ),
        {"rows": rowset([one._asdict() for one in found]), "now": now},
    )


class Callee(NamedTuple):
    """Where a subscription's messages go, with its secrets still sealed."""

    id: int
    url: str
    secret: str
    previous_secret: str | None
    previous_until: datetime | None


async def callees(session: AsyncSession, ids: Collection[int]) -> dict[int, Callee]:
    found = await session.execute(
        select(_S.id, _S.url, _S.secret, _S.previous_secret, _S.previous_until).where(
            _S.id.in_(sorted(ids))
        )
    )
    return {row[0]: Callee._make(row) for row in found}
