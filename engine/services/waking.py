"""Who waits for a driver, as our tables tell it: asked at every start, and now and then after.

A process may die between a commit and its poke, and Temporal may have lost its file. What people
wait for is in our tables, so nobody is forgotten: whoever looks here finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.dispatch import partitions_with_pending
from crm_store.effects import shards_with_open
from crm_store.enrolments import running_enrolments
from crm_store.runs import lines_with_due
from crm_store.version_moves import working_moves
from engine.services.pokes import Pokes


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that is not finished, whatever the numbers of shards are today: rows keep the
    shard they were written with."""

    partitions: Sequence[int]
    lines: Sequence[tuple[str, int, datetime]]
    perform_shards: Sequence[int]
    enrolments: Sequence[int]
    version_moves: Sequence[int] = ()


async def who_waits(session: AsyncSession) -> Waiting:
    """A few index probes, however many rows there are."""
    return Waiting(
        await partitions_with_pending(session),
        await lines_with_due(session),
        await shards_with_open(session),
        await running_enrolments(session),
        await working_moves(session),
    )


def poke_waiting(pokes: Pokes, waiting: Waiting) -> None:
    pokes.dispatch(waiting.partitions)
    for shard in waiting.perform_shards:
        pokes.perform(shard)
    for flow, shard, due in waiting.lines:
        pokes.advance(flow, shard, due)
    for enrolment in waiting.enrolments:
        pokes.audience(enrolment)
    for move in waiting.version_moves:
        pokes.version_move(move)
