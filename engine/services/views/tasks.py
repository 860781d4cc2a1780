"""Open tasks of a deal or a ticket."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.tasks import TaskLine as TaskLine
from crm_store.lists.tasks import open_tasks
from crm_store.models import Activity
from engine.services.actor import Actor, allowed_some
from engine.services.roles.one_record import allowed_record
from engine.services.roles.visibility import visible

MOST_SHOWN: Final = 50


async def tasks_about(
    session: AsyncSession, actor: Actor, about: Literal["deal", "ticket"], id_: int
) -> list[TaskLine]:
    """The first fifty, what is due soonest on top. Raises NotAllowed."""
    await allowed_record(session, actor, "read", about, id_)
    allowed_some(actor, "read", "activity")
    which = visible(actor, "read", "activity", Activity.owner_id)
    return await open_tasks(session, about, id_, limit=MOST_SHOWN, which=which)
