"""What calls take from the run they belong to: its event, and answers of its calls before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


async def entry_events(
    session: AsyncSession, run_ids: Collection[int]
) -> dict[int, dict[str, Any]]:
    """The properties of the event each run began with; runs without one are left out."""
    found = await session.execute(
        text(
            "SELECT r.id, e.properties FROM run r JOIN event e ON e.id = r.entry_event_id"
            " WHERE r.id = ANY(:runs)"
        ),
        {"runs": list(run_ids)},
    )
    return {row[0]: row[1] for row in found}


async def remembered_answers(
    session: AsyncSession, run_ids: Collection[int]
) -> dict[tuple[int, str], dict[str, Any]]:
    """What was remembered of the last accepted call of each run and node."""
    found = await session.execute(
        text(
            """
            SELECT DISTINCT ON (run_id, node) run_id, node, receipt -> 'details' -> 'remembered'
            FROM effect
            WHERE run_id = ANY(:runs) AND kind = 'call_webhook' AND receipt ->> 'outcome' = 'done'
            ORDER BY run_id, node, visit DESC
            """
        ),
        {"runs": list(run_ids)},
    )
    return {(row[0], row[1]): row[2] for row in found if row[2]}


async def keep_asks(session: AsyncSession, asks: Mapping[int, Mapping[str, Any]]) -> None:
    """Write down what will be said, so that every try says the same."""
    if not asks:
        return
    await session.execute(
        text(
            """
            UPDATE effect SET ask = new.ask
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, ask jsonb)
            WHERE effect.id = new.id
            """
        ),
        {"rows": rowset([{"id": id_, "ask": dict(ask)} for id_, ask in asks.items()])},
    )
