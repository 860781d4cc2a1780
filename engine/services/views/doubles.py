"""Contacts that may be one person, for who may make two of them one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import doubles as rows
from crm_store.lists.doubles import Alike as Alike
from engine.services.actor import Actor, allowed
from engine.services.views.grids import GridLine, hidden_in, lines_of
from engine.services.views.grids.asking import within

GROUPS: Final = 15
MOST_ALIKE: Final = 6
# Where nobody has a double, all names are gone through.
LONGEST: Final = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Doubles:
    """`last` is where the next page begins, None when there is no more."""

    groups: tuple[tuple[GridLine, ...], ...]
    last: str | None


async def doubles_page(
    session: AsyncSession, actor: Actor, by: Alike, after: str | None = None
) -> Doubles:
    """Groups of contacts that are alike, each the oldest first. Raises NotAllowed, ListTooSlow."""
    allowed(actor, "edit", "contact")
    allowed(actor, "delete", "contact")
    async with within(session, LONGEST):
        values = await rows.values_of_several(session, by, after, GROUPS + 1)
    kept = values[:GROUPS]
    alike = await rows.contacts_alike(session, by, kept, MOST_ALIKE)
    ids = [one for group in alike.values() for one in group]
    lines = await lines_of(session, "contact", ids, hidden_in(actor, "contact"))
    known = {one.id: one for one in lines}
    groups = tuple(tuple(known[one] for one in alike[value] if one in known) for value in kept)
    return Doubles(groups, kept[-1] if len(values) > GROUPS else None)
