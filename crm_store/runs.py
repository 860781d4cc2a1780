"""Where runs stand: taking those that are due, and writing down where they went.

Everything here is set-wise: one statement moves a thousand runs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.partitions import MOST_SHARDS
from crm_store.rowset import rowset

# Between two names in one text; event names never hold it (ingest refuses control characters).
UNIT_SEPARATOR = "\x1f"

_COLUMNS = """
    r.id, r.flow_id, r.flow_version_id, r.subject_id, r.shard, r.state, r.node, r.visit, r.memo,
    coalesce(r.due_at, r.paused_due), r.listens, r.happening, r.outcome, c.time_zone
"""


class StandingRow(NamedTuple):
    """One locked row of `run`, with the zone of the contact it is about (None: not known).

    `outcome` is the code of a held run. `due_at` of one that waits at a paused node is when it fell
    due.
    """

    id: int
    flow_id: int
    flow_version_id: int
    subject_id: int
    shard: int
    state: str
    node: str
    visit: int
    memo: dict[str, Any]
    due_at: datetime | None
    listens: list[str]
    happening: dict[str, Any] | None
    outcome: str | None
    time_zone: str | None


class Position(NamedTuple):
    """What a pass made of a run."""

    run_id: int
    node: str
    visit: int
    state: str
    memo: dict[str, Any]
    due_at: datetime | None
    listens: tuple[str, ...]
    happening: dict[str, Any] | None
    outcome: str | None
    entries: Sequence[dict[str, Any]]


def _rows(rows: Sequence[Row[Any]]) -> list[StandingRow]:
    return [StandingRow._make(row) for row in rows]


async def take_due(
    session: AsyncSession, flow_id: int, shard: int, now: datetime, limit: int
) -> list[StandingRow]:
    """Lock due runs, passing over those another transaction is moving."""
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM run r JOIN contact c ON c.id = r.subject_id
            WHERE r.flow_id = :flow_id AND r.shard = :shard AND r.state = 'active'
              AND r.due_at <= :now
            ORDER BY r.due_at LIMIT :limit FOR UPDATE OF r SKIP LOCKED
            """  # noqa: S608 - the columns are a constant
        ),
        {"flow_id": flow_id, "shard": shard, "now": now, "limit": limit},
    )
    return _rows(found.all())


async def next_due(session: AsyncSession, flow_id: int, shard: int) -> datetime | None:
    found = await session.execute(
        text(
            "SELECT min(due_at) FROM run WHERE flow_id = :flow_id AND shard = :shard"
            " AND state = 'active' AND due_at IS NOT NULL"
        ),
        {"flow_id": flow_id, "shard": shard},
    )
    due: datetime | None = found.scalar_one()
    return due


async def end_without_contact(
    session: AsyncSession, flow_id: int, shard: int, now: datetime
) -> list[tuple[int, str]]:
    """End due runs whose contact is not there any more; (version, node) of each.

    A contact may be deleted while somebody lets it into a flow: the run refers to it by number only
    and would be due for ever.
    """
    found = await session.execute(
        text(
            """
            UPDATE run SET state = 'ended', outcome = 'contact_gone', due_at = NULL,
                   listens = '{}', happening = NULL, moved_at = :now, ended_at = :now
            WHERE id IN (
                SELECT r.id FROM run r
                WHERE r.flow_id = :flow_id AND r.shard = :shard AND r.state = 'active'
                  AND r.due_at <= :now
                  AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.id = r.subject_id)
                FOR UPDATE OF r SKIP LOCKED)
            RETURNING flow_version_id, node
            """
        ),
        {"flow_id": flow_id, "shard": shard, "now": now},
    )
    return [(row[0], row[1]) for row in found]


async def lines_with_due(session: AsyncSession) -> list[tuple[str, int, datetime]]:
    """(flow, shard, nearest due time) wherever somebody waits for a time, whatever the number of
    shards is today. Paused flows are left out."""
    found = await session.execute(
        text(
            """
            SELECT f.name, shard, nearest.due_at
            FROM flow f CROSS JOIN generate_series(0, :last) AS all_of(shard)
            CROSS JOIN LATERAL (
                SELECT r.due_at FROM run r
                WHERE r.flow_id = f.id AND r.shard = all_of.shard AND r.state = 'active'
                  AND r.due_at IS NOT NULL
                ORDER BY r.due_at LIMIT 1) nearest
            WHERE f.published_version_id IS NOT NULL AND f.state <> 'paused'
            ORDER BY f.id, shard
            """
        ),
        {"last": MOST_SHARDS - 1},
    )
    return [(row[0], row[1], row[2]) for row in found]


async def lock_open_runs(
    session: AsyncSession, subject_ids: Collection[int], flow_ids: Collection[int]
) -> list[StandingRow]:
    """Lock the active runs of these contacts in these flows, waiting for whoever moves one now.

    After the wait the row is read again, so an event meets the run where it stands, not where it
    stood. Locks are taken in the order of ids, so two callers never wait for each other.
    """
    if not subject_ids or not flow_ids:
        return []
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM run r JOIN contact c ON c.id = r.subject_id
            WHERE r.subject_id = ANY(:subjects) AND r.subject_kind = 'contact'
              AND r.state = 'active' AND r.flow_id = ANY(:flows)
            ORDER BY r.id FOR UPDATE OF r
            """  # noqa: S608 - the columns are a constant
        ),
        {"subjects": list(subject_ids), "flows": list(flow_ids)},
    )
    return _rows(found.all())


async def lock_free_runs(session: AsyncSession, run_ids: Collection[int]) -> list[StandingRow]:
    """Lock those of the runs that nobody else has locked; waits for nobody."""
    if not run_ids:
        return []
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM run r JOIN contact c ON c.id = r.subject_id
            WHERE r.id = ANY(:ids) ORDER BY r.id FOR UPDATE OF r SKIP LOCKED
            """  # noqa: S608 - the columns are a constant
        ),
        {"ids": list(run_ids)},
    )
    return _rows(found.all())


async def lock_runs(session: AsyncSession, run_ids: Collection[int]) -> list[StandingRow]:
    if not run_ids:
        return []
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM run r JOIN contact c ON c.id = r.subject_id
            WHERE r.id = ANY(:ids) ORDER BY r.id FOR UPDATE OF r
            """  # noqa: S608 - the columns are a constant
        ),
        {"ids": list(run_ids)},
    )
    return _rows(found.all())


async def write_positions(
    session: AsyncSession, positions: Sequence[Position], now: datetime
) -> None:
    """Move the runs and write their journal. The rows must be locked by this transaction."""
    if not positions:
        return
    await session.execute(
        text(
            """
            UPDATE run SET node = new.node, visit = new.visit, state = new.state,
                   memo = new.memo, due_at = new.due_at, paused_due = NULL,
                   listens = coalesce(string_to_array(new.listens, :separator), '{}'),
                   happening = new.happening, outcome = new.outcome, moved_at = :now,
                   ended_at = CASE WHEN new.state = 'ended' THEN CAST(:now AS timestamptz) END
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(id bigint, node text, visit bigint, state text, memo jsonb,
                        due_at timestamptz, listens text, happening jsonb, outcome text)
            WHERE run.id = new.id
            """
        ),
        {
            "now": now,
            "separator": UNIT_SEPARATOR,
            "rows": rowset(
                [
                    {
                        "id": p.run_id,
                        "node": p.node,
                        "visit": p.visit,
                        "state": p.state,
                        "memo": p.memo,
                        "due_at": p.due_at,
                        "listens": UNIT_SEPARATOR.join(p.listens) or None,
                        "happening": p.happening,
                        "outcome": p.outcome,
                    }
                    for p in positions
                ]
            ),
        },
    )
    passes = [{"run_id": p.run_id, "entries": p.entries} for p in positions if p.entries]
    await _add_journal(session, passes, now)


async def set_aside(
    session: AsyncSession, happenings: Sequence[tuple[int, dict[str, Any]]], now: datetime
) -> None:
    """Keep for later what happened to runs that cannot be moved now; they are due then.

    The rows must be locked. A run that is held stays held, and finds it when it is retried.
    """
    if not happenings:
        return
    await session.execute(
        text(
            """
            UPDATE run SET happening = new.happening, paused_due = NULL,
                   due_at = CASE WHEN run.state = 'active' THEN CAST(:now AS timestamptz) END
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, happening jsonb)
            WHERE run.id = new.id AND run.state <> 'ended'
            """
        ),
        {"now": now, "rows": rowset([{"id": id_, "happening": kept} for id_, kept in happenings])},
    )


async def hold_runs(
    session: AsyncSession,
    holds: Sequence[tuple[int, dict[str, Any] | None]],
    code: str,
    entries: Mapping[int, dict[str, Any]],
    now: datetime,
) -> None:
    """Stop runs where they stand, as (run, what it has still to be told); `entries` go to their
    journals. The rows must be locked."""
    if not holds:
        return
    await session.execute(
        text(
            """
            UPDATE run SET state = 'held', due_at = NULL, paused_due = NULL, outcome = :code,
                   moved_at = :now, happening = new.happening
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, happening jsonb)
            WHERE run.id = new.id
            """
        ),
        {
            "code": code,
            "now": now,
            "rows": rowset([{"id": run_id, "happening": kept} for run_id, kept in holds]),
        },
    )
    await _add_journal(
        session, [{"run_id": id_, "entries": [entry]} for id_, entry in entries.items()], now
    )


async def _add_journal(session: AsyncSession, passes: list[dict[str, Any]], now: datetime) -> None:
    if passes:
        await session.execute(
            text(
                """
                INSERT INTO journal (run_id, at, entries)
                SELECT run_id, :now, entries
                FROM json_to_recordset(CAST(:rows AS json)) AS new(run_id bigint, entries jsonb)
                """
            ),
            {"now": now, "rows": rowset(passes)},
        )


async def add_counts(
    session: AsyncSession, counts: dict[tuple[int, str, str], int], slot: int
) -> None:
    """Add to the numbers on the canvas, by (version, node, exit).

    Rows are touched in one order by everybody, and last in a transaction: two transactions never
    wait for each other here.
    """
    if not counts:
        return
    keys = sorted(counts)
    await session.execute(
        text(
            """
            INSERT INTO node_count (flow_version_id, node, exit, slot, count)
            SELECT version, node, exit, :slot, count
            FROM unnest(CAST(:versions AS bigint[]), CAST(:nodes AS text[]),
                        CAST(:exits AS text[]), CAST(:counts AS bigint[]))
                 AS new(version, node, exit, count)
            ON CONFLICT (flow_version_id, node, exit, slot)
            DO UPDATE SET count = node_count.count + excluded.count
            """
        ),
        {
            "slot": slot,
            "versions": [key[0] for key in keys],
            "nodes": [key[1] for key in keys],
            "exits": [key[2] for key in keys],
            "counts": [counts[key] for key in keys],
        },
    )
