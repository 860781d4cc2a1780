"""Roles, who has them, and who counts as whose team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Role, Team, User


async def all_roles(session: AsyncSession) -> Sequence[Role]:
    """The shipped ones first, then by label."""
    found = await session.scalars(select(Role).order_by(Role.shipped.desc(), Role.label, Role.key))
    return found.all()


async def role_named(session: AsyncSession, key: str) -> Role | None:
    return (
        await session.scalars(
            select(Role).where(Role.key == key).execution_options(populate_existing=True)
        )
    ).one_or_none()


async def hold_role(session: AsyncSession, key: str) -> Role | None:
    """The role, held until the transaction ends."""
    query = select(Role).where(Role.key == key).with_for_update()
    found = await session.scalars(query.execution_options(populate_existing=True))
    return found.one_or_none()


async def role_counts(session: AsyncSession) -> dict[str, int]:
    """How many active people have each role."""
    found = await session.execute(
        select(User.role, func.count()).where(User.active).group_by(User.role)
    )
    return {row[0]: row[1] for row in found}


async def anybody_has(session: AsyncSession, key: str) -> bool:
    found = await session.scalar(select(User.id).where(User.role == key).limit(1))
    return found is not None


async def add_role(session: AsyncSession, values: Mapping[str, Any]) -> None:
    await session.execute(insert(Role).values(**values))


async def change_role(session: AsyncSession, key: str, values: Mapping[str, Any]) -> None:
    await session.execute(
        update(Role)
        .where(Role.key == key)
        .values(**values, revision=Role.revision + 1)
        .execution_options(synchronize_session=False)
    )


async def delete_role(session: AsyncSession, key: str) -> None:
    await session.execute(delete(Role).where(Role.key == key))


async def team_of(session: AsyncSession, user_id: int) -> frozenset[int]:
    """Everybody of one's team and of the teams one heads, and all who report to one, however far
    down. Going round in a circle ends."""
    below = select(User.id).where(User.manager_id == user_id).cte("below", recursive=True)
    below = below.union(select(User.id).join(below, User.manager_id == below.c.id))
    own = select(User.team_id).where(User.id == user_id, User.team_id.is_not(None))
    headed = select(Team.id).where(Team.head_id == user_id)
    found = await session.scalars(
        select(User.id).where(
            or_(User.team_id.in_(own), User.team_id.in_(headed), User.id.in_(select(below.c.id)))
        )
    )
    return frozenset(found)
