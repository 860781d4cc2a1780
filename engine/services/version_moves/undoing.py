"""Taking a move back: whoever stands where the move put them stands where they stood before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import version_moves as rows
from crm_store.models import MoveState, VersionMove
from crm_store.runs import add_counts
from crm_store.version_moves import ReturnRow
from engine.machines.relocation import TO_ANOTHER_VERSION
from engine.services.version_moves.moving import Hands, MovedPage
from engine.services.version_moves.versions import version_numbers


async def undo_page(
    session: AsyncSession, move: VersionMove, hands: Hands, *, shards: frozenset[int]
) -> MovedPage:
    """Bring back the next runs of a locked move that is being undone, in this transaction.

    Who has moved on since stays, and so does one who ended by the move and has entered again.
    """
    found, now = await rows.lock_moved(session, move, hands.limit), hands.now
    if not found:
        move.state, move.ended_at, move.updated_at = MoveState.UNDONE, now, now
        return MovedPage()
    move.cursor = found[-1].run_id
    back = [row for row in found if row.stands_still and not row.came_again]
    kept = [row.run_id for row in found if not row.stands_still or row.came_again]
    ids = [row.run_id for row in back]
    await rows.bring_back(session, move.id, move.from_version_id, ids)
    await rows.mark(session, move.id, ids, "returned")
    await rows.mark(session, move.id, kept, "moved_on")
    await _tell(session, move, back, now)
    await add_counts(session, _counts(move, back), hands.slot)
    return MovedPage(len(found), len(back), again=True, flow_id=move.flow_id, shards=shards)


async def _tell(
    session: AsyncSession, move: VersionMove, back: Sequence[ReturnRow], now: datetime
) -> None:
    old, new = await version_numbers(session, move)
    entries: list[tuple[int, dict[str, Any]]] = [
        (
            row.run_id,
            {
                "at": now.isoformat(),
                "node": row.was_node,
                "visit": row.was_visit,
                "what": "version_move_undone",
                "from_version": new,
                "to_version": old,
                "move_id": move.id,
            },
        )
        for row in back
    ]
    await rows.tell_journal(session, entries, now)


def _counts(move: VersionMove, back: Sequence[ReturnRow]) -> dict[tuple[int, str, str], int]:
    """An end that is taken back never was; who comes back enters the old version's node again."""
    counts: Counter[tuple[int, str, str]] = Counter()
    old, new = move.from_version_id, move.to_version_id
    for row in back:
        if row.state == "ended":
            counts[old, row.was_node, f"({row.outcome})"] -= 1
            if row.was_arriving:
                counts[old, row.was_node, ""] -= 1
            continue
        if not row.is_arriving:
            counts[new, row.node, TO_ANOTHER_VERSION] += 1
        if not row.was_arriving:
            counts[old, row.was_node, ""] += 1
    return dict(counts)
