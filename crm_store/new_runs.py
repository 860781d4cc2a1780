"""New runs: who may come in, and the rows of those who do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.rowset import rowset


class NewRun(NamedTuple):
    """`outcome` set means: over before it began (the holdout of a flow). `at_most` is how many runs
    of the contact in the flow may be open at once; None sets no limit. `due_at` is when it begins,
    at once when None.
    """

    flow_id: int
    flow_version_id: int
    subject_id: int
    entry_key: str
    shard: int
    node: str
    happening: dict[str, Any]
    entry_event_id: int | None = None
    outcome: str | None = None
    at_most: int | None = None
    due_at: datetime | None = None


async def earlier_runs(
    session: AsyncSession, pairs: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int, datetime]]:
    """For (flow, contact): how many runs there were, how many are open, when the last began."""
    if not pairs:
        return {}
    found = await session.execute(
        text(
            """
            SELECT r.flow_id, r.subject_id, count(*), count(*) FILTER (WHERE r.state <> 'ended'),
                   max(r.entered_at)
            FROM run r JOIN unnest(CAST(:flows AS bigint[]), CAST(:subjects AS bigint[]))
                 AS asked(flow_id, subject_id)
              ON asked.flow_id = r.flow_id AND asked.subject_id = r.subject_id
            GROUP BY r.flow_id, r.subject_id
            """
        ),
        {"flows": [pair[0] for pair in pairs], "subjects": [pair[1] for pair in pairs]},
    )
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in found}


async def remember_entry_events(session: AsyncSession, events: Mapping[int, int]) -> None:
    """By which event runs were entered that were made before it."""
    if events:
        await session.execute(
            text(
                """
                UPDATE run SET entry_event_id = e.event_id
                FROM unnest(CAST(:runs AS bigint[]), CAST(:events AS bigint[])) AS e(id, event_id)
                WHERE run.id = e.id
                """
            ),
            {"runs": list(events), "events": list(events.values())},
        )


async def insert_runs(
    session: AsyncSession, runs: Sequence[NewRun], now: datetime
) -> dict[tuple[int, int, str], int]:
    """Let people in; the ids of those who really entered, by (flow, contact, entry key).

    A second entry under the same key is refused by the unique index and simply missing here, and
    so is one beyond the flow's limit: each open run under a limit holds a slot, and the index of
    slots refuses one that somebody else has just taken.
    """
    limited = [run for run in runs if run.at_most is not None and run.outcome is None]
    free = [(run, None) for run in runs if run.at_most is None or run.outcome is not None]
    entered = await _insert(session, free, now)
    while limited:
        chosen = await _with_slots(session, limited)
        entered |= await _insert(session, chosen, now)
        # whoever is missing was overtaken by a transaction that has committed by now: look again
        limited = [run for run, _ in chosen if _key(run) not in entered]
    return entered


def _key(run: NewRun) -> tuple[int, int, str]:
    return run.flow_id, run.subject_id, run.entry_key


async def _with_slots(
    session: AsyncSession, runs: Sequence[NewRun]
) -> list[tuple[NewRun, int | None]]:
    """A free slot for each run; those that came in before and those beyond the limit are left out.

    Runs from before the flow had a limit hold no slot, and count all the same.
    """
    found = await session.execute(
        text(
            """
            SELECT r.flow_id, r.subject_id, r.entry_key, r.slot, r.state <> 'ended'
            FROM (SELECT DISTINCT * FROM unnest(CAST(:flows AS bigint[]),
                      CAST(:subjects AS bigint[])) AS pair(flow_id, subject_id)) asked
            JOIN run r ON r.flow_id = asked.flow_id AND r.subject_id = asked.subject_id
            WHERE r.state <> 'ended' OR r.entry_key = ANY(:keys)
            """
        ),
        {
            "flows": [run.flow_id for run in runs],
            "subjects": [run.subject_id for run in runs],
            "keys": [run.entry_key for run in runs],
        },
    )
    known: set[tuple[int, int, str]] = set()
    held: dict[tuple[int, int], list[int | None]] = defaultdict(list)
    for flow_id, subject_id, key, slot, is_open in found:
        known.add((flow_id, subject_id, key))
        if is_open:
            held[flow_id, subject_id].append(slot)
    chosen: list[tuple[NewRun, int | None]] = []
    for run in runs:
        slots, most = held[run.flow_id, run.subject_id], run.at_most or 0
        if _key(run) in known or len(slots) >= most:
            continue
        slot = next(number for number in range(1, most + 1) if number not in slots)
        slots.append(slot)
        chosen.append((run, slot))
    return chosen


async def _insert(
    session: AsyncSession, runs: Sequence[tuple[NewRun, int | None]], now: datetime
) -> dict[tuple[int, int, str], int]:
    if not runs:
        return {}
    found = await session.execute(
        text(
            """
            INSERT INTO run (flow_id, flow_version_id, subject_id, entry_key, slot, shard, state,
                             node, visit, due_at, happening, entry_event_id, outcome, entered_at,
                             moved_at, ended_at)
            SELECT flow_id, flow_version_id, subject_id, entry_key, slot, shard,
                   CASE WHEN outcome IS NULL THEN 'active' ELSE 'ended' END, node, 1,
                   CASE WHEN outcome IS NULL THEN coalesce(due_at, :now) END,
                   happening, entry_event_id, outcome, :now, :now,
                   CASE WHEN outcome IS NOT NULL THEN CAST(:now AS timestamptz) END
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(flow_id bigint, flow_version_id bigint, subject_id bigint, entry_key text,
                        slot smallint, shard smallint, node text, happening jsonb,
                        entry_event_id bigint, outcome text, due_at timestamptz)
            ORDER BY flow_id, subject_id, entry_key
            ON CONFLICT DO NOTHING
            RETURNING flow_id, subject_id, entry_key, id
            """
        ),
        {
            "now": now,
            "rows": rowset(
                [
                    {
                        "flow_id": run.flow_id,
                        "flow_version_id": run.flow_version_id,
                        "subject_id": run.subject_id,
                        "entry_key": run.entry_key,
                        "shard": run.shard,
                        "node": run.node,
                        "happening": run.happening,
                        "entry_event_id": run.entry_event_id,
                        "outcome": run.outcome,
                        "slot": slot,
                        "due_at": run.due_at,
                    }
                    for run, slot in runs
                ]
            ),
        },
    )
    return {(row[0], row[1], row[2]): row[3] for row in found}
