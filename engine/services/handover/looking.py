"""Handovers and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import handovers as rows
from crm_store.models import Handover
from engine.assignment.handing_over import Handed, Share
from engine.errors import NotFound
from engine.services.actor import Actor, allowed
from engine.services.handover.carrying import counts_of
from engine.services.handover.permissions import may_look


@dataclass(frozen=True, slots=True)
class HandoverSeen:
    """`given` counts by kind and taker; `returned` by kind and what became of it. `at_kind` is the
    kind that is being dealt out or given back."""

    id: int
    from_id: int
    state: str
    at_kind: str
    shares: Mapping[Handed, Share]
    given: Mapping[Handed, Mapping[int, int]]
    returned: Mapping[str, Mapping[str, int]]
    note: str | None
    return_at: datetime | None
    created_by: int | None
    created_at: datetime
    ended_at: datetime | None


async def look(session: AsyncSession, actor: Actor, handover_id: int) -> HandoverSeen:
    """Raises NotFound."""
    handover = await rows.handover_of(session, handover_id)
    if handover is None:
        raise NotFound(f"There is no handover {handover_id}.")
    may_look(actor, handover.from_user_id)
    return _seen(handover)


async def recent_handovers(
    session: AsyncSession, actor: Actor, *, before: int | None = None, limit: int = 50
) -> list[HandoverSeen]:
    """Newest first."""
    allowed(actor, "read", "team")
    found = await rows.recent(session, before=before, limit=limit)
    return [_seen(one) for one in found]


def _seen(one: Handover) -> HandoverSeen:
    return HandoverSeen(
        one.id,
        one.from_user_id,
        one.state,
        one.kind,
        {Handed(kind): Share.from_json(share) for kind, share in one.shares.items()},
        {Handed(kind): counts_of(one.given, Handed(kind)) for kind in one.given},
        one.returned,
        one.note,
        one.return_at,
        one.created_by,
        one.created_at,
        one.ended_at,
    )
