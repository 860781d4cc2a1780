"""A page of a move, whichever way it goes just now."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import MoveState
from crm_store.version_moves import lock_move
from engine.services.plans import Plans
from engine.services.version_moves.moving import Hands, MovedPage, move_page
from engine.services.version_moves.undoing import undo_page


async def next_page(
    session: AsyncSession,
    plans: Plans,
    move_id: int,
    hands: Hands,
    *,
    advance_shards: int,
) -> MovedPage:
    """Move on, or back; nothing while it is paused, and nothing once it is over."""
    move = await lock_move(session, move_id)
    if move is None:
        return MovedPage()
    if move.state == MoveState.RUNNING:
        return await move_page(session, plans, move, hands)
    if move.state == MoveState.UNDOING:
        every = frozenset(range(advance_shards))
        return await undo_page(session, move, hands, shards=every)
    return MovedPage()
