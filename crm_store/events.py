"""Events, and the queue of those to dispatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.bulk import as_json
from crm_store.round_trips import Ask

# Source and message id.
Message = tuple[str, str]

# No ON CONFLICT: looking for each key twice and marking each row as not certain yet costs as much
# as writing it.
_NEW_EVENTS = """
    WITH incoming AS MATERIALIZED (
        SELECT nextval(CAST((SELECT pg_get_serial_sequence('event', 'id')) AS regclass)) AS id, r.*
        FROM jsonb_to_recordset(CAST(%(rows)s AS jsonb)) AS r(
            source text, message_id text, kind text, name text, contact_id bigint,
            properties jsonb, occurred_at timestamptz, partition smallint)
    ), written AS (
        INSERT INTO event (id, source, message_id, kind, name, contact_id, properties,
                           occurred_at, received_at)
        OVERRIDING SYSTEM VALUE
        SELECT id, source, message_id, kind, name, contact_id, properties, occurred_at,
               CAST(%(now)s AS timestamptz)
        FROM incoming
    )
    INSERT INTO event_pending (event_id, partition) SELECT id, partition FROM incoming
"""


async def join_contacts(
    session: AsyncSession, account_of: Mapping[int, int], now: datetime
) -> None:
    """Make contacts members of accounts; whoever is one already stays untouched."""
    await session.execute(
        text(
            """
            UPDATE contact c SET account_id = m.account_id, updated_at = :now
            FROM jsonb_to_recordset(CAST(:members AS jsonb))
                 AS m(contact_id bigint, account_id bigint)
            WHERE c.id = m.contact_id AND c.account_id IS DISTINCT FROM m.account_id
            """
        ),
        {
            "members": as_json(
                [
                    {"contact_id": contact_id, "account_id": account_id}
                    for contact_id, account_id in account_of.items()
                ]
            ),
            "now": now,
        },
    )


async def add_events(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], received_at: datetime
) -> dict[Message, int]:
    """Write events and put them into the queue; ids by (source, message id).

    Rows carry source, message_id, kind, name, contact_id, properties, occurred_at and partition,
    with each pair of source and message id once. One that is there already is left out.
    """
    found = await session.execute(
        text(
            """
            WITH incoming AS (
                SELECT * FROM ROWS FROM (jsonb_to_recordset(CAST(:rows AS jsonb)) AS (
                    source text, message_id text, kind text, name text, contact_id bigint,
                    properties jsonb, occurred_at timestamptz, partition smallint)
                ) WITH ORDINALITY AS r(
                    source, message_id, kind, name, contact_id, properties, occurred_at,
                    partition, n)
            ), written AS (
                INSERT INTO event (source, message_id, kind, name, contact_id, properties,
                                   occurred_at, received_at)
                SELECT source, message_id, kind, name, contact_id, properties, occurred_at, :now
                FROM incoming ORDER BY n
                ON CONFLICT (source, message_id) DO NOTHING
                RETURNING id, source, message_id
            ), queued AS (
                INSERT INTO event_pending (event_id, partition)
                SELECT w.id, i.partition FROM written w
                JOIN incoming i ON i.source = w.source AND i.message_id = w.message_id
            )
            SELECT id, source, message_id FROM written
            """
        ),
        {"rows": as_json(rows), "now": received_at},
    )
    return {(source, message_id): event_id for event_id, source, message_id in found.all()}


def new_events(rows: Sequence[Mapping[str, Any]], received_at: datetime) -> Ask:
    """As `add_events`, for messages that were just looked for and are not there: one that came in
    between fails the statement, and the transaction must be done again."""
    return Ask(_NEW_EVENTS, {"rows": as_json(rows), "now": received_at})
