"""Who has the duty of a rotation for a while, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_COLUMNS = "id, policy, rotation, starts_at, ends_at, user_id, created_by_id"


class OverrideRow(NamedTuple):
    id: int
    policy: str
    rotation: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    created_by_id: int | None


async def overrides_of(
    session: AsyncSession, policies: Collection[str], after: datetime
) -> list[OverrideRow]:
    """Those that are not over at this instant, in the order in which they were entered."""
    found = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM duty_override"  # noqa: S608 - the columns are a constant
            " WHERE policy = ANY(:policies) AND ends_at > :after ORDER BY id"
        ),
        {"policies": list(policies), "after": after},
    )
    return [OverrideRow._make(row) for row in found]


async def put_override(session: AsyncSession, new: OverrideRow) -> int:
    """The id of the row; the one given is not looked at."""
    found = await session.execute(
        text(
            """
            INSERT INTO duty_override (policy, rotation, starts_at, ends_at, user_id, created_by_id)
            VALUES (:policy, :rotation, :starts_at, :ends_at, :user_id, :created_by_id)
            RETURNING id
            """
        ),
        new._asdict(),
    )
    return int(found.scalar_one())


async def remove_override(session: AsyncSession, override_id: int) -> OverrideRow | None:
    found = await session.execute(
        text(f"DELETE FROM duty_override WHERE id = :id RETURNING {_COLUMNS}"),  # noqa: S608
        {"id": override_id},
    )
    row = found.one_or_none()
    return None if row is None else OverrideRow._make(row)
