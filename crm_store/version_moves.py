"""People being brought to another version of their flow, and back: a page is a few statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import MoveState, VersionMove
from crm_store.rowset import rowset
from crm_store.runs import UNIT_SEPARATOR
from crm_store.version_share import DRAWN, IS_IN_SHARE, Share

UNDER_WAY: Final = (MoveState.RUNNING, MoveState.PAUSED, MoveState.UNDOING)

# Everything that says where a run stands, so that any pass between two moments shows.
_PRINT = """
    md5(concat_ws('|', r.flow_version_id, r.node, r.visit, r.state, r.memo,
        coalesce(extract(epoch FROM coalesce(r.due_at, r.paused_due))::text, '-'),
        array_to_string(r.listens, ','),
        coalesce(r.happening::text, '-'), coalesce(r.outcome, '-'),
        extract(epoch FROM r.moved_at)))
"""
_WAS = """
    jsonb_build_object(
        'node', r.node, 'visit', r.visit, 'state', r.state, 'memo', r.memo,
        'due_at', coalesce(r.due_at, r.paused_due), 'listens', to_jsonb(r.listens),
        'happening', r.happening, 'outcome', r.outcome,
        'moved_at', r.moved_at, 'ended_at', r.ended_at)
"""


class NewPlace(NamedTuple):
    """Where a move puts a run; `version_id` is the old one for somebody who ends."""

    run_id: int
    version_id: int
    node: str
    visit: int
    state: str
    memo: dict[str, Any]
    due_at: datetime | None
    listens: tuple[str, ...]
    happening: dict[str, Any] | None
    outcome: str | None


class ReturnRow(NamedTuple):
    """A run that a move put somewhere: how it stands, how it stood, and whether it can go back.

    Of one whose contact was erased it is not known any more how it stood.
    """

    run_id: int
    node: str
    visit: int
    state: str
    outcome: str | None
    is_arriving: bool
    was_node: str
    was_visit: int
    was_arriving: bool
    stands_still: bool
    came_again: bool


async def next_runs(
    session: AsyncSession,
    move: VersionMove,
    nodes: Collection[str],
    share: Share,
    limit: int,
) -> list[int]:
    """The next runs that take part, behind the move's cursor."""
    found = await session.execute(
        text(
            f"""
            SELECT r.id FROM run r {DRAWN} drawn
            WHERE r.flow_id = :flow_id AND r.id > :after AND r.flow_version_id = :version
              AND r.state <> 'ended' AND r.node = ANY(:nodes)
              AND (:percent >= 100 OR {IS_IN_SHARE})
            ORDER BY r.id LIMIT :limit
            """  # noqa: S608 - constants
        ),
        {
            "flow_id": move.flow_id,
            "version": move.from_version_id,
            "after": move.cursor,
            "nodes": list(nodes),
            "limit": limit,
            **share.parameters(),
        },
    )
    return list(found.scalars())


async def next_waiting(
    session: AsyncSession, move_id: int, looked_at_before: datetime, limit: int
) -> list[int]:
    """Runs that could not be moved when they were looked at last."""
    found = await session.execute(
        text(
            "SELECT run_id FROM version_move_run WHERE move_id = :move AND state = 'waiting'"
            " AND at < :before ORDER BY at, run_id LIMIT :limit"
        ),
        {"move": move_id, "before": looked_at_before, "limit": limit},
    )
    return list(found.scalars())


async def began(session: AsyncSession, run_ids: Collection[int]) -> dict[int, datetime]:
    """When each run came to stand where it stands, as its journal tells; else its last move.

    A wait that goes on in another version keeps the time in the entry of that move.
    """
    found = await session.execute(
        text(
            """
            SELECT r.id, coalesce(since.began, r.moved_at)
            FROM run r CROSS JOIN LATERAL (
                SELECT min(CAST(coalesce(e ->> 'began', e ->> 'at') AS timestamptz)) AS began
                FROM journal j, jsonb_array_elements(j.entries) e
                WHERE j.run_id = r.id AND e ->> 'node' = r.node
                  AND CAST(e ->> 'visit' AS bigint) = r.visit
                  AND (e ->> 'what' = 'waiting' OR e ? 'began')) since
            WHERE r.id = ANY(:ids)
            """
        ),
        {"ids": list(run_ids)},
    )
    return {row[0]: row[1] for row in found}


async def keep_waiting(
    session: AsyncSession, move_id: int, runs: Sequence[tuple[int, str]], now: datetime
) -> None:
    """Note runs, as (run, node), that are to be moved once they have been answered."""
    if runs:
        await session.execute(
            text(
                """
                INSERT INTO version_move_run (move_id, run_id, state, node, at)
                SELECT :move, id, 'waiting', node, :now
                FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, node text)
                ON CONFLICT (move_id, run_id) DO UPDATE SET node = excluded.node, at = excluded.at
                """
            ),
            {
                "move": move_id,
                "now": now,
                "rows": rowset([{"id": id_, "node": node} for id_, node in runs]),
            },
        )


async def forget_waiting(
    session: AsyncSession, move_id: int, run_ids: Collection[int] | None = None
) -> None:
    """These are not waited for any more; nobody is when `run_ids` is None."""
    await session.execute(
        text(
            "DELETE FROM version_move_run WHERE move_id = :move AND state = 'waiting'"
            " AND (CAST(:ids AS bigint[]) IS NULL OR run_id = ANY(CAST(:ids AS bigint[])))"
        ),
        {"move": move_id, "ids": None if run_ids is None else list(run_ids)},
    )


async def put(
    session: AsyncSession, move_id: int, places: Sequence[NewPlace], now: datetime
) -> None:
    """Move runs, and keep how they stood. The rows must be locked. One that was set aside on a
    paused node has its new time, and is set aside again where it must be."""
    if not places:
        return
    await session.execute(
        text(
            f"""
            WITH stood AS MATERIALIZED (
                SELECT r.id, r.node, {_WAS} AS was FROM run r WHERE r.id = ANY(:ids)
            ), r AS (
                UPDATE run SET flow_version_id = new.version, node = new.node, visit = new.visit,
                       state = new.state, memo = new.memo, due_at = new.due_at, paused_due = NULL,
                       listens = coalesce(string_to_array(new.listens, :separator), '{{}}'),
                       happening = new.happening, outcome = new.outcome, moved_at = :now,
                       ended_at = CASE WHEN new.state = 'ended' THEN CAST(:now AS timestamptz) END
                FROM json_to_recordset(CAST(:rows AS json))
                     AS new(id bigint, version bigint, node text, visit bigint, state text,
                            memo jsonb, due_at timestamptz, listens text, happening jsonb,
                            outcome text)
                WHERE run.id = new.id RETURNING run.*)
            INSERT INTO version_move_run (move_id, run_id, state, node, was, became, at)
            SELECT :move, r.id, 'moved', stood.node, stood.was, {_PRINT}, :now
            FROM r JOIN stood ON stood.id = r.id
            ON CONFLICT (move_id, run_id) DO UPDATE
            SET state = 'moved', node = excluded.node, was = excluded.was, at = excluded.at,
                became = excluded.became
            """  # noqa: S608 - constants
        ),
        {
            "move": move_id,
            "now": now,
            "ids": [place.run_id for place in places],
            "separator": UNIT_SEPARATOR,
            "rows": rowset([_written(place) for place in places]),
        },
    )


def _written(place: NewPlace) -> dict[str, Any]:
    return {
        "id": place.run_id,
        "version": place.version_id,
        "node": place.node,
        "visit": place.visit,
        "state": place.state,
        "memo": place.memo,
        "due_at": place.due_at,
        "listens": UNIT_SEPARATOR.join(place.listens) or None,
        "happening": place.happening,
        "outcome": place.outcome,
    }


async def lock_moved(session: AsyncSession, move: VersionMove, limit: int) -> list[ReturnRow]:
    """The next runs that the move put somewhere, behind its cursor, locked in the order of ids."""
    found = await session.execute(
        text(
            f"""
            SELECT r.id, r.node, r.visit, r.state, r.outcome,
                   coalesce(r.happening ->> 'what' IN ('entered', 'arrived'), false),
                   m.was ->> 'node', CAST(m.was ->> 'visit' AS bigint),
                   coalesce(m.was -> 'happening' ->> 'what' IN ('entered', 'arrived'), false),
                   m.was IS NOT NULL AND m.became = {_PRINT},
                   r.state = 'ended' AND EXISTS (
                       SELECT 1 FROM run other WHERE other.flow_id = r.flow_id
                       AND other.subject_id = r.subject_id AND other.subject_kind = r.subject_kind
                       AND other.id <> r.id AND (other.entered_at >= r.moved_at
                           OR other.state <> 'ended' AND other.slot = r.slot))
            FROM run r JOIN version_move_run m ON m.run_id = r.id
            WHERE m.move_id = :move AND m.state = 'moved' AND m.run_id > :after
            ORDER BY r.id LIMIT :limit FOR UPDATE OF r
            """  # noqa: S608 - a constant
        ),
        {"move": move.id, "after": move.cursor, "limit": limit},
    )
    return [ReturnRow(*row) for row in found]


async def bring_back(
    session: AsyncSession, move_id: int, version_id: int, run_ids: Sequence[int]
) -> None:
    """Put runs back exactly as they stood. The rows must be locked."""
    if run_ids:
        await session.execute(
            text(
                """
                UPDATE run SET flow_version_id = :version, node = was.node, visit = was.visit,
                       state = was.state, memo = was.memo, due_at = was.due_at,
                       listens = was.listens, happening = was.happening, outcome = was.outcome,
                       moved_at = was.moved_at, ended_at = was.ended_at, paused_due = NULL
                FROM version_move_run m CROSS JOIN LATERAL jsonb_to_record(m.was)
                     AS was(node text, visit bigint, state text, memo jsonb, due_at timestamptz,
                            listens text[], happening jsonb, outcome text, moved_at timestamptz,
                            ended_at timestamptz)
                WHERE m.move_id = :move AND m.run_id = run.id AND run.id = ANY(:ids)
                """
            ),
            {"move": move_id, "version": version_id, "ids": list(run_ids)},
        )


async def mark(session: AsyncSession, move_id: int, run_ids: Sequence[int], state: str) -> None:
    if run_ids:
        await session.execute(
            text(
                "UPDATE version_move_run SET state = :state"
                " WHERE move_id = :move AND run_id = ANY(:ids)"
            ),
            {"move": move_id, "state": state, "ids": list(run_ids)},
        )


async def tell_journal(
    session: AsyncSession, entries: Sequence[tuple[int, dict[str, Any]]], now: datetime
) -> None:
    """One entry for each run, as (run, entry)."""
    if entries:
        await session.execute(
            text(
                """
                INSERT INTO journal (run_id, at, entries)
                SELECT run_id, :now, jsonb_build_array(entry)
                FROM json_to_recordset(CAST(:rows AS json)) AS new(run_id bigint, entry jsonb)
                """
            ),
            {
                "now": now,
                "rows": rowset([{"run_id": id_, "entry": entry} for id_, entry in entries]),
            },
        )


async def lock_move(session: AsyncSession, move_id: int) -> VersionMove | None:
    return await session.scalar(
        select(VersionMove).where(VersionMove.id == move_id).with_for_update()
    )


async def move_under_way(session: AsyncSession, flow_id: int) -> VersionMove | None:
    return await session.scalar(
        select(VersionMove).where(VersionMove.flow_id == flow_id, VersionMove.state.in_(UNDER_WAY))
    )


async def moves_of(session: AsyncSession, flow_id: int, limit: int) -> list[VersionMove]:
    """The latest moves of a flow, the last first."""
    return list(
        await session.scalars(
            select(VersionMove)
            .where(VersionMove.flow_id == flow_id)
            .order_by(VersionMove.id.desc())
            .limit(limit)
        )
    )


async def working_moves(session: AsyncSession) -> list[int]:
    """Moves that a workflow has to carry on."""
    return list(
        await session.scalars(
            select(VersionMove.id)
            .where(VersionMove.state.in_((MoveState.RUNNING, MoveState.UNDOING)))
            .order_by(VersionMove.id)
        )
    )


async def moved_by_state(
    session: AsyncSession, move_ids: Collection[int]
) -> dict[int, list[tuple[str, str, int]]]:
    """By move: (old node, state, how many)."""
    found = await session.execute(
        text(
            "SELECT move_id, node, state, count(*) FROM version_move_run"
            " WHERE move_id = ANY(:ids) GROUP BY move_id, node, state"
            " ORDER BY move_id, node, state"
        ),
        {"ids": list(move_ids)},
    )
    counted: dict[int, list[tuple[str, str, int]]] = {}
    for move_id, node, state, count in found:
        counted.setdefault(move_id, []).append((node, state, count))
    return counted
