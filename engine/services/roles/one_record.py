"""Whether something may be done to records that are named by their numbers."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.record_owners import Owned, owners_of
from engine.errors import NotFound
from engine.services.actor import Actor, Verb, allowed_some, scope_of
from engine.services.roles.visibility import allowed_on, is_visible


async def allowed_record(
    session: AsyncSession, actor: Actor, verb: Verb, kind: Owned, id_: int
) -> None:
    """Return when it may be done to this record. Raises NotAllowed; and NotFound for one that the
    actor may not see. Asks the database only when it matters whose it is."""
    allowed_some(actor, verb, kind)
    if scope_of(actor, verb, kind) == "all":
        return
    owners = await owners_of(session, kind, [id_])
    if id_ not in owners:
        raise NotFound(f"There is no {kind} {id_}.")
    allowed_on(actor, verb, kind, owners[id_], id_)


async def those_allowed(
    session: AsyncSession, actor: Actor, verb: Verb, kind: Owned, ids: Collection[int]
) -> list[int]:
    """Those of the records to which it may be done, in their order."""
    allowed_some(actor, verb, kind)
    if scope_of(actor, verb, kind) == "all":
        return list(ids)
    owners = await owners_of(session, kind, ids)
    return [one for one in ids if one in owners and is_visible(actor, verb, kind, owners[one])]
