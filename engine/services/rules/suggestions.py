"""Names to offer to somebody who builds a rule: what has been seen, as far as they may read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import seen_names
from crm_store.segments import all_segments
from engine.services.actor import Actor, may

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`segments` are names with their labels in English and, where there is one, Chinese."""

    events: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    segments: tuple[tuple[str, str, str | None], ...] = ()


async def rule_suggestions(session: AsyncSession, actor: Actor) -> Suggestions:
    """Never refuses: of what the actor may not read there are no names."""
    events = await seen_names.event_names(session, MOST) if may(actor, "read", "event") else []
    tags = await seen_names.tags(session, MOST) if may(actor, "read", "contact") else []
    saved = await all_segments(session) if may(actor, "read", "segment") else []
    segments = tuple((one.name, one.label, one.label_zh) for one in saved)
    return Suggestions(tuple(events), tuple(tags), segments)
