"""The life of a contact in one line of time, and what belongs beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import life as rows
from crm_store.lists.life import KINDS as KINDS
from crm_store.lists.life import Happened as Happened
from crm_store.lists.life import LifeMark as LifeMark
from engine.errors import NotAllowed
from engine.services.actor import Actor, Kind, allowed, hidden_fields, scope_of
from engine.services.roles.hidden_values import without_hidden
from engine.services.roles.one_record import allowed_record

PAGE: Final = 40
MOST_SEGMENTS: Final = 100
MOST_CHANGES: Final = 50
# What one must be allowed to read to see it; the rest belongs to the contact.
_BEHIND: Final[Mapping[str, Kind]] = {
    "event": "event",
    "message": "message",
    "run": "run",
    "deal": "deal",
    "ticket": "ticket",
    "order": "order",
    "task": "activity",
}


@dataclass(frozen=True, slots=True)
class LifeLine:
    """`values` are columns of the record by name; `id` is 0 for what has no page of its own."""

    kind: Happened
    id: int
    at: datetime
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LifePage:
    """`last` is where to go on, None when there is no more."""

    lines: tuple[LifeLine, ...]
    last: LifeMark | None


@dataclass(frozen=True, slots=True)
class Membership:
    name: str
    label: str
    label_zh: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class FormerValue:
    at: datetime
    before: Any
    after: Any


def visible_kinds(actor: Actor) -> tuple[Happened, ...]:
    """What of a contact's life this person may see: kinds of which they may read all."""
    return tuple(
        one for one in KINDS if one not in _BEHIND or scope_of(actor, "read", _BEHIND[one]) == "all"
    )


async def life_of(
    session: AsyncSession,
    actor: Actor,
    contact_id: int,
    kinds: Collection[Happened],
    *,
    after: LifeMark | None = None,
    limit: int = PAGE,
) -> LifePage:
    """The newest first. Kinds that the person may not see are left out. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    seen = [one for one in visible_kinds(actor) if one in kinds]
    found = await rows.life_page(session, contact_id, seen, after=after, limit=limit + 1)
    kept = found[:limit]
    hidden = hidden_fields(actor, "contact")
    lines = tuple(LifeLine(one.kind, one.id, one.at, _shown(one.values, hidden)) for one in kept)
    return LifePage(lines, kept[-1].mark if len(found) > limit else None)


def _shown(values: Mapping[str, Any], hidden: frozenset[str]) -> Mapping[str, Any]:
    """A change of a hidden field is told, and what it was before and after is not."""
    if values.get("field") in hidden:
        return {**values, "old": None, "new": None}
    cleared: Mapping[str, Any] = without_hidden(values, hidden)
    return cleared


async def memberships(session: AsyncSession, actor: Actor, contact_id: int) -> list[Membership]:
    """The segments the contact belongs to; of at most `MOST_SEGMENTS`. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    allowed(actor, "read", "segment")
    found = await rows.memberships_of(session, contact_id, MOST_SEGMENTS)
    return [Membership(*one) for one in found]


async def field_history(
    session: AsyncSession, actor: Actor, contact_id: int, field: str
) -> list[FormerValue]:
    """What a field of the contact was before, the newest change first. Raises NotAllowed."""
    await allowed_record(session, actor, "read", "contact", contact_id)
    if field in hidden_fields(actor, "contact"):
        raise NotAllowed(f"{actor.name} is not shown {field} as {actor.role}.")
    found = await rows.changes_of_field(session, contact_id, field, MOST_CHANGES)
    return [FormerValue(*one) for one in found]
