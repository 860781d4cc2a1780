"""What is put together for a contact: from single messages, and into the letter of a digest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import digests as rows
from crm_store.digests import Item, NewItem
from engine.services.links.tokens import Kind, SignedLinks

# The template of digests, and the flow that sends it.
DIGEST: Final = "digest"


async def collect(session: AsyncSession, items: Sequence[NewItem], now: datetime) -> None:
    await rows.add_items(session, items, now)


async def letters_of(session: AsyncSession, run_ids: Collection[int]) -> dict[int, list[Item]]:
    """What the digests of these runs are made of."""
    return await rows.items_of(session, run_ids) if run_ids else {}


async def letters_again(
    session: AsyncSession,
    template: str,
    effect_id: int,
    topics_off: frozenset[str],
    links: SignedLinks,
) -> list[dict[str, Any]]:
    """The variable `letters` of a message that is shown once more."""
    run_id = await rows.run_of_effect(session, effect_id) if template == DIGEST else None
    if run_id is None:
        return []
    return as_facts((await letters_of(session, [run_id])).get(run_id, ()), topics_off, links)


def as_facts(
    items: Sequence[Item], topics_off: frozenset[str], links: SignedLinks
) -> list[dict[str, Any]]:
    """The variable `letters` of the template. What is about a topic that was switched off since it
    was collected is left out."""
    return [
        {
            "subject": one.subject,
            "preheader": one.preheader,
            "topic": one.topic,
            "url": links.url(Kind.VIEW, one.effect_id),
        }
        for one in items
        if one.topic not in topics_off
    ]
