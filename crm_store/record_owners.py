"""Whose a record is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Account, Activity, Contact, Deal, Ticket

Owned = Literal["contact", "account", "deal", "ticket", "activity"]
_MODELS: Final[Mapping[Owned, Any]] = {
    "contact": Contact,
    "account": Account,
    "deal": Deal,
    "ticket": Ticket,
    "activity": Activity,
}


async def owners_of(
    session: AsyncSession, kind: Owned, ids: Collection[int]
) -> dict[int, int | None]:
    """The owner of each; None: nobody. What does not exist is left out."""
    model = _MODELS[kind]
    found = await session.execute(select(model.id, model.owner_id).where(model.id.in_(ids)))
    return {row[0]: row[1] for row in found}
