"""What people still have to do about a deal or a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Activity, User


class TaskLine(NamedTuple):
    """`owner` None: nobody's."""

    id: int
    kind: str
    subject: str
    owner: str | None
    due_at: datetime | None
    created_at: datetime


async def open_tasks(
    session: AsyncSession,
    about: Literal["deal", "ticket"],
    id_: int,
    *,
    limit: int,
    which: ColumnElement[bool] | None = None,
) -> list[TaskLine]:
    """Not done yet, what is due first on top; what is due at no time comes last."""
    column = Activity.deal_id if about == "deal" else Activity.ticket_id
    found = await session.execute(
        select(
            *(Activity.id, Activity.kind, Activity.subject, User.name),
            *(Activity.due_at, Activity.created_at),
        )
        .outerjoin(User, User.id == Activity.owner_id)
        .where(column == id_, Activity.done_at.is_(None), Activity.kind == "task")
        .where(true() if which is None else which)
        .order_by(Activity.due_at.asc().nulls_last(), Activity.id)
        .limit(limit)
    )
    return [TaskLine(*row) for row in found]
