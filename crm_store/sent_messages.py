"""A message that has been sent counts for its sender domain, and is an event of its contact, as is
one that has to wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset
from crm_store.sender_health import SLOTS

NAME = "Message Sent"
QUEUED = "Message Queued"
SOURCE = "cadenza"

# `partition_of` of crm_store.partitions in SQL; whoever changes one breaks its test.
_BECAME_SENT = """
    WITH sent AS (
        SELECT id, contact_id, flow_id, template, channel, sender_domain, handed_over_at
        FROM message WHERE id = ANY(:ids)
    ), counted AS (
        INSERT INTO sender_day AS s (domain, day, slot, sent)
        SELECT sender_domain, (handed_over_at AT TIME ZONE 'UTC')::date, pg_backend_pid() % :slots,
               count(*)
        FROM sent WHERE sender_domain IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (domain, day, slot) DO UPDATE SET sent = s.sent + excluded.sent
    ), told AS (
        INSERT INTO event (source, message_id, kind, name, contact_id, properties, occurred_at,
                           received_at)
        SELECT :source, 'sent:' || id, 'message', :name, contact_id,
               jsonb_build_object('message_id', id, 'flow_id', flow_id, 'template', template,
                                  'channel', channel)
                   || coalesce(CAST(:said AS jsonb) -> contact_id::text, '{}'),
               handed_over_at, :now
        FROM sent WHERE contact_id IS NOT NULL ORDER BY contact_id, id
        ON CONFLICT (source, message_id) DO NOTHING
        RETURNING id, contact_id
    ), queued AS (
        INSERT INTO event_pending (event_id, partition)
        SELECT id, ((((contact_id & 2147483647) * 2654435769) & 4294967295) >> 16) % :partitions
        FROM told WHERE :partitions > 0
        RETURNING partition
    )
    SELECT DISTINCT partition FROM queued
"""


async def became_sent(
    session: AsyncSession,
    message_ids: Collection[int],
    now: datetime,
    queue_in: int,
    said: Mapping[int, Mapping[str, Any]],
) -> frozenset[int]:
    """In one statement. `queue_in` partitions the event waits to be dispatched, in none (0) when
    nobody listens for it: then it is there for rules that count it. `said` are more properties, by
    contact. The partitions to poke."""
    if not message_ids:
        return frozenset()
    found = await session.execute(
        text(_BECAME_SENT),
        {
            "ids": list(message_ids),
            "slots": SLOTS,
            "source": SOURCE,
            "name": NAME,
            "now": now,
            "partitions": queue_in,
            "said": orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS).decode(),
        },
    )
    return frozenset(found.scalars())


# As often as it is looked at, it was queued once.
_BECAME_QUEUED = """
    WITH waits AS (
        SELECT e.id, e.subject_id AS contact_id, e.flow_id, e.ask ->> 'template' AS template,
               w.reason, w.until
        FROM json_to_recordset(CAST(:rows AS json))
            AS w(effect_id bigint, reason text, until timestamptz)
        JOIN effect e ON e.id = w.effect_id
    ), told AS (
        INSERT INTO event (source, message_id, kind, name, contact_id, properties, occurred_at,
                           received_at)
        SELECT :source, 'queued:' || w.id, 'message', :name, w.contact_id,
               jsonb_build_object('flow_id', w.flow_id, 'template', w.template,
                                  'reason', w.reason, 'until', w.until)
                   || coalesce(CAST(:said AS jsonb) -> w.contact_id::text, '{}'),
               :now, :now
        FROM waits w
        WHERE NOT EXISTS (SELECT 1 FROM event told
                          WHERE told.source = :source AND told.message_id = 'queued:' || w.id)
        ORDER BY w.contact_id, w.id
        ON CONFLICT (source, message_id) DO NOTHING
        RETURNING id, contact_id
    )
    INSERT INTO event_pending (event_id, partition)
    SELECT id, ((((contact_id & 2147483647) * 2654435769) & 4294967295) >> 16) % :partitions
    FROM told WHERE :partitions > 0
"""


class Wait(NamedTuple):
    """`reason` is the arbiter's code; `until` None where a letter of several waits for others."""

    effect_id: int
    reason: str
    until: datetime | None


async def became_queued(
    session: AsyncSession,
    waits: Sequence[Wait],
    now: datetime,
    queue_in: int,
    said: Mapping[int, Mapping[str, Any]],
) -> None:
    """An event for each ask whose message does not go yet, the first time. `queue_in` and `said`
    as in `became_sent`; who listens hears of it when the dispatcher looks next."""
    if waits:
        await session.execute(
            text(_BECAME_QUEUED),
            {
                "rows": rowset([one._asdict() for one in waits]),
                "source": SOURCE,
                "name": QUEUED,
                "now": now,
                "partitions": queue_in,
                "said": orjson.dumps(said, option=orjson.OPT_NON_STR_KEYS).decode(),
            },
        )
