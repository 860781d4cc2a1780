"""Asks of the world as rows: left by a pass, claimed before the deed, answered after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.partitions import ALL_SHARDS
from crm_store.rowset import rowset

_COLUMNS = """
    e.id, e.run_id, e.flow_id, e.node, e.visit, e.kind, e.purpose, e.subject_id, e.shard, e.ask,
    e.state, e.attempts, e.created_at,
    r.state <> 'ended' AND r.node = e.node AND r.visit = e.visit,
    e.not_before > e.created_at
"""


# Both lists are read once for a whole statement.
_NOT_PAUSED = """
    e.flow_id <> ALL (SELECT id FROM flow WHERE state = 'paused')
    AND (e.flow_id, e.node) NOT IN (SELECT id, unnest(paused_nodes) FROM flow)
"""


class NewEffect(NamedTuple):
    run_id: int
    flow_id: int
    node: str
    visit: int
    kind: str
    purpose: str
    subject_id: int
    shard: int
    ask: dict[str, Any]


class EffectRow(NamedTuple):
    """One locked row of `effect`; `attempts` counts tries that were claimed so far.

    `wanted`: its run still stands where it asked. A run may leave (an exit rule, a person) while
    its ask waits for another try. `put_off`: it was to wait before, or was tried.
    """

    id: int
    run_id: int
    flow_id: int
    node: str
    visit: int
    kind: str
    purpose: str
    subject_id: int
    shard: int
    ask: dict[str, Any]
    state: str
    attempts: int
    created_at: datetime
    wanted: bool
    put_off: bool = False


async def insert_effects(
    session: AsyncSession, effects: Sequence[NewEffect], now: datetime
) -> None:
    """Leave asks. A second ask from the same run, node and visit raises: it would be a fault."""
    if not effects:
        return
    await session.execute(
        text(
            """
            INSERT INTO effect (run_id, flow_id, node, visit, kind, purpose, subject_id, shard,
                                ask, not_before, created_at)
            SELECT run_id, flow_id, node, visit, kind, purpose, subject_id, shard,
                   ask, :now, :now
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(run_id bigint, flow_id bigint, node text, visit bigint, kind text,
                        purpose text, subject_id bigint, shard smallint, ask jsonb)
            """
        ),
        {
            "now": now,
            "rows": rowset(
                [
                    {
                        "run_id": e.run_id,
                        "flow_id": e.flow_id,
                        "node": e.node,
                        "visit": e.visit,
                        "kind": e.kind,
                        "purpose": e.purpose,
                        "subject_id": e.subject_id,
                        "shard": e.shard,
                        "ask": e.ask,
                    }
                    for e in effects
                ]
            ),
        },
    )


async def take_open(
    session: AsyncSession, shard: int, state: str, now: datetime, limit: int
) -> list[EffectRow]:
    """Lock asks in `state` whose time has come, of flows and nodes that are not paused.

    For "pending" the time is the earliest next try; for "handing_over" it is the end of the lease,
    so what comes back was left behind by somebody who is gone.
    """
    found = await session.execute(
        text(
            f"""
            SELECT {_COLUMNS} FROM effect e JOIN run r ON r.id = e.run_id
            WHERE e.shard = :shard AND e.state = :state AND e.not_before <= :now
              AND e.state IN ('pending', 'handing_over')
              AND (e.state = 'handing_over' OR ({_NOT_PAUSED}))
            ORDER BY e.not_before LIMIT :limit FOR UPDATE OF e SKIP LOCKED
            """  # noqa: S608 - the columns are a constant
        ),
        {"shard": shard, "state": state, "now": now, "limit": limit},
    )
    return [EffectRow._make(row) for row in found]


async def next_open(session: AsyncSession, shard: int) -> datetime | None:
    found = await session.execute(
        text(
            f"""
            SELECT min(not_before) FROM effect e
            WHERE e.shard = :shard AND e.state IN ('pending', 'handing_over')
              AND (e.state = 'handing_over' OR ({_NOT_PAUSED}))
            """  # noqa: S608 - a constant
        ),
        {"shard": shard},
    )
    due: datetime | None = found.scalar_one()
    return due


async def claim(
    session: AsyncSession, effect_ids: Sequence[int], claim: str, lease_until: datetime
) -> None:
    """Say "I am about to ask the world". Committed before it is asked; never afterwards.

    `claim` is a word of its own for every claim, so that whoever comes back late sees that the
    effect was given to somebody else.
    """
    if not effect_ids:
        return
    await session.execute(
        text(
            """
            UPDATE effect SET state = 'handing_over', claimed_by = :claim,
                   not_before = :lease_until, attempts = attempts + 1
            WHERE id = ANY(:ids)
            """
        ),
        {"ids": list(effect_ids), "claim": claim, "lease_until": lease_until},
    )


async def take_over(
    session: AsyncSession, effect_ids: Sequence[int], claim: str, lease_until: datetime
) -> None:
    """Put another claim in the place of one whose lease ran out; the rows must be locked."""
    if effect_ids:
        await session.execute(
            text("UPDATE effect SET claimed_by = :claim, not_before = :until WHERE id = ANY(:ids)"),
            {"ids": list(effect_ids), "claim": claim, "until": lease_until},
        )


async def renew(
    session: AsyncSession, effect_ids: Sequence[int], claim: str, lease_until: datetime
) -> int:
    """Keep claimed effects for longer; how many are still ours."""
    found = await session.execute(
        text(
            """
            UPDATE effect SET not_before = :until WHERE id IN (
                SELECT id FROM effect WHERE id = ANY(:ids) AND state = 'handing_over'
                AND claimed_by = :claim ORDER BY id FOR UPDATE)
            RETURNING 1
            """
        ),
        {"ids": list(effect_ids), "claim": claim, "until": lease_until},
    )
    return len(found.all())


async def lock_claimed(
    session: AsyncSession, effect_ids: Collection[int], claim: str
) -> frozenset[int]:
    """Lock all of these effects; those that are still under this claim may be answered by it."""
    found = await session.execute(
        text(
            """
            SELECT id, state = 'handing_over' AND claimed_by = :claim FROM effect
            WHERE id = ANY(:ids) ORDER BY id FOR UPDATE
            """
        ),
        {"ids": list(effect_ids), "claim": claim},
    )
    return frozenset(effect_id for effect_id, is_ours in found if is_ours)


async def put_back(session: AsyncSession, tries: Sequence[tuple[int, datetime]]) -> None:
    """Certainly not done: try again at the given times."""
    if not tries:
        return
    await session.execute(
        text(
            """
            UPDATE effect SET state = 'pending', claimed_by = NULL, not_before = new.at
            FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, at timestamptz)
            WHERE effect.id = new.id
            """
        ),
        {"rows": rowset([{"id": effect_id, "at": at} for effect_id, at in tries])},
    )


async def extend_leases(session: AsyncSession, unclear: Sequence[tuple[int, datetime]]) -> None:
    """Leave outcomes unclear for now; they are asked for again at the given times."""
    if unclear:
        await session.execute(
            text(
                """
                UPDATE effect SET not_before = new.at
                FROM json_to_recordset(CAST(:rows AS json)) AS new(id bigint, at timestamptz)
                WHERE effect.id = new.id
                """
            ),
            {"rows": rowset([{"id": effect_id, "at": at} for effect_id, at in unclear])},
        )


async def answer(
    session: AsyncSession, receipts: Sequence[tuple[int, str, dict[str, Any]]], now: datetime
) -> None:
    """Record answers as (effect, state "done" or "maybe_done", receipt).

    What was to be said is not kept with the ask: `said` may hold people's data.
    """
    if not receipts:
        return
    await session.execute(
        text(
            """
            UPDATE effect SET state = new.state, receipt = new.receipt,
                   answered_at = :now, claimed_by = NULL, ask = effect.ask - 'said'
            FROM json_to_recordset(CAST(:rows AS json))
                 AS new(id bigint, state text, receipt jsonb)
            WHERE effect.id = new.id
            """
        ),
        {
            "now": now,
            "rows": rowset(
                [
                    {"id": effect_id, "state": state, "receipt": receipt}
                    for effect_id, state, receipt in receipts
                ]
            ),
        },
    )


# A message that was put off after a try is spared too, so that no list says it is still to go.
_CANCEL = """
    , cancelled AS (
        UPDATE effect SET state = 'done', answered_at = :now, claimed_by = NULL,
               ask = ask - 'said', receipt = '{"outcome": "withheld", "reason": "run_ended"}'
        WHERE id IN (SELECT id FROM left_behind) RETURNING id
    )
    UPDATE message SET state = 'withheld', reason = 'run_ended', answered_at = :now
    WHERE effect_id IN (SELECT id FROM cancelled) AND state = 'put_off'
"""


async def cancel_pending(session: AsyncSession, run_ids: Collection[int], now: datetime) -> None:
    """The run left before the ask was claimed: it will not be done.

    An ask that somebody is claiming just now is passed over, because the claimant may wait for the
    run: it is done, or seen to be unwanted the next time it is taken.
    """
    if run_ids:
        await session.execute(
            text(
                f"""
                WITH left_behind AS (
                    SELECT id FROM effect WHERE run_id = ANY(:ids) AND state = 'pending'
                    FOR UPDATE SKIP LOCKED
                ) {_CANCEL}
                """  # noqa: S608 - a constant
            ),
            {"ids": list(run_ids), "now": now},
        )


async def cancel(session: AsyncSession, effect_ids: Collection[int], now: datetime) -> None:
    """Nobody wants these asks any more. The rows must be locked, and pending."""
    if effect_ids:
        await session.execute(
            text(f"WITH left_behind AS (SELECT unnest(CAST(:ids AS bigint[])) AS id) {_CANCEL}"),
            {"ids": list(effect_ids), "now": now},
        )


async def shards_with_open(session: AsyncSession) -> list[int]:
    """Shards that have work, also those that today's settings no longer give any."""
    found = await session.execute(
        text(
            """
            SELECT shard FROM generate_series(0, :last) AS all_of(shard) WHERE EXISTS (
                SELECT 1 FROM effect e
                WHERE e.shard = all_of.shard AND e.state IN ('pending', 'handing_over'))
            """
        ),
        {"last": ALL_SHARDS - 1},
    )
    return [row[0] for row in found]
