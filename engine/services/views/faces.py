"""Contacts by number, as far as one must know them to name them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.contact_lookup import contact_faces
from engine.errors import Refused
from engine.services.actor import Actor, hidden_fields
from engine.services.roles.one_record import those_allowed
from engine.services.views.names import person_name

MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Face:
    id: int
    name: str
    email: str | None


async def faces(session: AsyncSession, actor: Actor, ids: Collection[int]) -> dict[int, Face]:
    """By number; who is not there is left out. Raises NotAllowed, and Refused for too many."""
    if len(ids) > MOST:
        raise Refused(f"At most {MOST:,} contacts are named at once.")
    ids = await those_allowed(session, actor, "read", "contact", list(ids))
    hides_address = "email" in hidden_fields(actor, "contact")
    found = {}
    for id_, first, last, known in await contact_faces(session, ids):
        email = None if hides_address else known
        found[id_] = Face(id_, person_name(first, last, email, id_), email)
    return found
