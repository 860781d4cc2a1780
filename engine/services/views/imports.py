"""The history of imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.imports import imports_before
from engine.services.actor import Actor, allowed, may
from engine.services.imports.kinds import KINDS

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class PastImport:
    """`lines` and the fates of them by name; `kind` is the noun of what was imported."""

    id: int
    at: datetime
    by: str
    kind: str
    file: str
    lines: int
    created: int
    updated: int
    unchanged: int
    rejected: int


def importable(actor: Actor) -> list[str]:
    """The kinds of files this person may bring in, by name."""
    return [name for name, kind in KINDS.items() if may(actor, "import", kind.permission)]


async def import_history(
    session: AsyncSession, actor: Actor, *, before: int | None = None
) -> list[PastImport]:
    """The newest first, of the kinds that the person may import; `before` turns the page. Raises
    NotAllowed for who may import nothing."""
    names = importable(actor)
    if not names:
        allowed(actor, "import", "contact")
    nouns = [KINDS[name].noun for name in names]
    return [
        PastImport(
            row.id,
            row.at,
            row.by,
            row.kind,
            str(row.after.get("file", "")),
            *(int(row.after.get(name, 0)) for name in _FIGURES),
        )
        for row in await imports_before(session, nouns, before, PAGE)
    ]


_FIGURES: Final = ("lines", "created", "updated", "unchanged", "rejected")
