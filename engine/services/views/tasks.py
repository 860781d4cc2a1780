"""Open tasks of a deal or a ticket."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists.tasks import TaskLine as TaskLine
from crm_store.lists.tasks import open_tasks
from engine.services.actor import Actor, allowed

MOST_SHOWN: Final = 50


async def tasks_about(
    session: AsyncSession, actor: Actor, about: Literal["deal", "ticket"], id_: int
) -> list[TaskLine]:
    """The first fifty, what is due soonest on top. Raises NotAllowed."""
    allowed(actor, "read", about)
    allowed(actor, "read", "activity")
    return await open_tasks(session, about, id_, limit=MOST_SHOWN)
