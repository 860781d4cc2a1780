"""Tasks, calls, meetings and notes about anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Activity, User


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """`open` asks for tasks that are not done yet, False for what is done."""

    kind: str | None = None
    owner_id: int | None = None
    contact_id: int | None = None
    account_id: int | None = None
    deal_id: int | None = None
    ticket_id: int | None = None
    open: bool | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    id: int
    kind: str
    subject: str
    body: str | None
    contact_id: int | None
    account_id: int | None
    deal_id: int | None
    ticket_id: int | None
    owner_id: int | None
    owner: str | None
    run_id: int | None
    due_at: datetime | None
    done_at: datetime | None
    created_at: datetime


def _rows() -> Select[Any]:
    own: tuple[Any, ...] = (
        *(Activity.id, Activity.kind, Activity.subject, Activity.body, Activity.contact_id),
        *(Activity.account_id, Activity.deal_id, Activity.ticket_id, Activity.owner_id),
    )
    times = (Activity.run_id, Activity.due_at, Activity.done_at, Activity.created_at)
    return select(*own, User.name, *times).outerjoin(User, User.id == Activity.owner_id)


async def activities_page(
    session: AsyncSession,
    wanted: ActivityFilter,
    which: ColumnElement[bool],
    *,
    before: int | None,
    limit: int,
) -> list[ActivityRow]:
    """The newest first."""
    query = _rows().where(which).order_by(Activity.id.desc()).limit(limit)
    for name in ("kind", "owner_id", "contact_id", "account_id", "deal_id", "ticket_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(Activity, name) == value)
    if wanted.open is True:
        query = query.where(Activity.done_at.is_(None), Activity.kind == "task")
    elif wanted.open is False:
        query = query.where(Activity.done_at.is_not(None))
    if wanted.due_before is not None:
        query = query.where(Activity.due_at < wanted.due_before)
    if before is not None:
        query = query.where(Activity.id < before)
    return [ActivityRow(*row) for row in await session.execute(query)]


async def activity_row(
    session: AsyncSession, activity_id: int, *, lock: bool = False
) -> ActivityRow | None:
    query = _rows().where(Activity.id == activity_id)
    if lock:
        query = query.with_for_update(of=Activity.__table__)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else ActivityRow(*row)


async def add_activity_row(session: AsyncSession, values: Mapping[str, Any]) -> int:
    found = await session.execute(insert(Activity).values(**values).returning(Activity.id))
    made: int = found.scalar_one()
    return made


async def change_activity(
    session: AsyncSession, activity_id: int, values: Mapping[str, Any]
) -> None:
    await session.execute(
        update(Activity)
        .where(Activity.id == activity_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
