"""Looking at activities."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import activities as rows
from crm_store.lists.activities import ActivityFilter, ActivityRow
from crm_store.models import Activity
from engine.errors import NotFound
from engine.services.actor import Actor, allowed_some
from engine.services.roles.visibility import allowed_on, visible


async def list_activities(
    session: AsyncSession,
    actor: Actor,
    wanted: ActivityFilter,
    *,
    before: int | None = None,
    limit: int = 50,
) -> list[ActivityRow]:
    """The newest first, of those that the actor may see. Raises NotAllowed."""
    allowed_some(actor, "read", "activity")
    which = visible(actor, "read", "activity", Activity.owner_id)
    return await rows.activities_page(session, wanted, which, before=before, limit=limit)


async def show_activity(session: AsyncSession, actor: Actor, activity_id: int) -> ActivityRow:
    """Raises NotAllowed, NotFound."""
    allowed_some(actor, "read", "activity")
    row = await rows.activity_row(session, activity_id)
    if row is None:
        raise NotFound(f"There is no activity {activity_id}.")
    allowed_on(actor, "read", "activity", row.owner_id, activity_id)
    return row
