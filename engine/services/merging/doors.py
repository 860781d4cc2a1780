"""Merging as a whole transaction, done again while drivers are in its way."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crm_store.giving_way import again_and_again
from crm_store.session import Store
from engine.services.actor import Actor
from engine.services.merging.merge import Merged, merge_contacts, preview_merge
from engine.services.merging.values import FieldPolicy
from engine.services.pokes import Pokes
from engine.services.work import Shared

ATTEMPTS: Final = 10


async def merge_two(
    store: Store,
    shared: Shared,
    pokes: Pokes,
    actor: Actor,
    keep: int,
    lose: int,
    policy: FieldPolicy,
    now: datetime,
    *,
    only_look: bool = False,
) -> Merged:
    """Make `lose` part of `keep`, or only say what that would come to. Raises NotAllowed, NotFound,
    Refused, Conflict."""
    deed = preview_merge if only_look else merge_contacts

    async def once() -> Merged:
        async with store.transaction() as session:
            return await deed(
                session,
                actor,
                keep,
                lose,
                policy,
                plans=shared.plans,
                announcer=shared.announcer,
                now=now,
                zone=shared.default_zone,
            )

    merged = await again_and_again(once, ATTEMPTS)
    if not only_look:
        pokes.dispatch(merged.partitions)
    return merged
