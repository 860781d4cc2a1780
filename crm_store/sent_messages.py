"""A message that has been sent counts for its sender domain, and is an event of its contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.sender_health import SLOTS

NAME = "Message Sent"
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
