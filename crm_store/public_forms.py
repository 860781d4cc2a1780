"""Forms that anybody may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import PublicForm


async def add_form(session: AsyncSession, row: Mapping[str, Any]) -> int | None:
    """The new form's id; None when the name is taken."""
    made = await session.execute(
        upsert(PublicForm)
        .values(**row)
        .on_conflict_do_nothing(index_elements=[PublicForm.name])
        .returning(PublicForm.id)
    )
    return made.scalar_one_or_none()


async def form_named(session: AsyncSession, name: str) -> PublicForm | None:
    found = await session.execute(select(PublicForm).where(PublicForm.name == name))
    return found.scalar_one_or_none()


async def form_for_change(session: AsyncSession, name: str) -> PublicForm | None:
    found = await session.execute(
        select(PublicForm).where(PublicForm.name == name).with_for_update()
    )
    return found.scalar_one_or_none()


async def forms(session: AsyncSession) -> Sequence[PublicForm]:
    found = await session.execute(select(PublicForm).order_by(PublicForm.name))
    return found.scalars().all()


async def change_form(session: AsyncSession, form_id: int, values: Mapping[str, Any]) -> None:
    await session.execute(update(PublicForm).where(PublicForm.id == form_id).values(**values))


async def delete_form(session: AsyncSession, form_id: int) -> None:
    await session.execute(delete(PublicForm).where(PublicForm.id == form_id))


async def note_form_use(session: AsyncSession, form_id: int, now: datetime) -> None:
    """To the minute, so that a busy form is not written with every visitor."""
    await session.execute(
        text(
            "UPDATE public_form SET last_used_at = :now WHERE id = :id AND"
            " coalesce(last_used_at, '-infinity') < CAST(:now AS timestamptz) - interval '1 minute'"
        ),
        {"id": form_id, "now": now},
    )


async def contact_of_event(session: AsyncSession, source: str, message_id: str) -> int | None:
    found = await session.execute(
        text("SELECT contact_id FROM event WHERE source = :source AND message_id = :id"),
        {"source": source, "id": message_id},
    )
    return found.scalar_one_or_none()
