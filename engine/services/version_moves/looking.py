"""Moves of a flow and how far they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.version_moves import moved_by_state, moves_of
from crm_store.version_people import version_rows
from engine.services.actor import Actor, allowed
from engine.services.version_moves.versions import flow_record


@dataclass(frozen=True, slots=True)
class MoveLine:
    """`waiting` are answered first; `returned` came back when it was undone, `moved_on` could not,
    because they had gone on since. `moved` are those who stand, or stood, where it put them.
    """

    id: int
    from_number: int
    to_number: int
    percent: int
    state: str
    created_at: datetime
    ended_at: datetime | None
    moved: int
    waiting: int
    returned: int
    moved_on: int


async def moves(
    session: AsyncSession, actor: Actor, name: str, *, limit: int = 20
) -> tuple[MoveLine, ...]:
    """The latest moves of a flow, the last first. Raises NotFound."""
    allowed(actor, "read", "flow")
    record = await flow_record(session, name)
    numbers = {version.id: version.number for version in await version_rows(session, record.id)}
    found = await moves_of(session, record.id, limit)
    counted = await moved_by_state(session, [move.id for move in found])
    lines = []
    for move in found:
        by_state: Counter[str] = Counter()
        for _, state, count in counted.get(move.id, []):
            by_state[state] += count
        lines.append(
            MoveLine(
                move.id,
                numbers[move.from_version_id],
                numbers[move.to_version_id],
                move.percent,
                move.state,
                move.created_at,
                move.ended_at,
                by_state["moved"],
                by_state["waiting"],
                by_state["returned"],
                by_state["moved_on"],
            )
        )
    return tuple(lines)
