"""Teams, reporting lines and absences: the rows behind changing them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import Absence, Team, User

# Any number nobody else takes: the line of managers is looked at as a whole.
_LINES_LOCK = 0x4C494E45


class TeamLine(NamedTuple):
    id: int
    name: str
    head_id: int | None
    head: str | None
    calendar: str | None
    members: int


class AbsenceLine(NamedTuple):
    id: int
    user_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    deputy_id: int | None
    deputy: str | None
    note: str | None


async def team_lines(session: AsyncSession) -> list[TeamLine]:
    """By name, with how many active people are in each."""
    head, member = aliased(User), aliased(User)
    counted = select(func.count()).where(member.team_id == Team.id, member.active).scalar_subquery()
    found = await session.execute(
        select(Team.id, Team.name, Team.head_id, head.name, Team.calendar, counted)
        .outerjoin(head, head.id == Team.head_id)
        .order_by(Team.name)
    )
    return [TeamLine._make(row) for row in found]


async def team_by_id(session: AsyncSession, team_id: int, *, lock: bool = False) -> Team | None:
    wanted = select(Team).where(Team.id == team_id)
    return await session.scalar(wanted.with_for_update(key_share=True) if lock else wanted)


async def team_named(session: AsyncSession, name: str) -> Team | None:
    return await session.scalar(select(Team).where(Team.name == name))


async def lock_teams(session: AsyncSession) -> None:
    """Keep others from writing teams until this transaction ends, so that no two get one name."""
    await session.execute(text("LOCK TABLE team IN SHARE ROW EXCLUSIVE MODE"))


async def members_of(session: AsyncSession, team_id: int) -> list[int]:
    """Everybody in a team, those who have left too."""
    found = await session.scalars(select(User.id).where(User.team_id == team_id).order_by(User.id))
    return list(found)


async def put_in_team(
    session: AsyncSession, team_id: int | None, user_ids: Collection[int]
) -> None:
    await session.execute(update(User).where(User.id.in_(user_ids)).values(team_id=team_id))


async def one_line_changer_at_a_time(session: AsyncSession) -> None:
    """Two changes that are right alone can make a circle together."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LINES_LOCK})


async def users_by_id(session: AsyncSession, user_ids: Collection[int]) -> dict[int, User]:
    found = await session.scalars(select(User).where(User.id.in_(user_ids)))
    return {user.id: user for user in found}


async def lock_user(session: AsyncSession, user_id: int) -> User | None:
    """Nobody else enters an absence of this person meanwhile; those who refer to them go on."""
    wanted = select(User).where(User.id == user_id)
    return await session.scalar(wanted.with_for_update(key_share=True))


async def absence_by_id(session: AsyncSession, absence_id: int) -> Absence | None:
    return await session.get(Absence, absence_id)


async def overlapping(
    session: AsyncSession,
    user_id: int,
    starts_at: datetime,
    ends_at: datetime,
    *,
    but: int | None = None,
) -> list[Absence]:
    wanted = select(Absence).where(
        Absence.user_id == user_id, Absence.starts_at < ends_at, Absence.ends_at > starts_at
    )
    if but is not None:
        wanted = wanted.where(Absence.id != but)
    return list(await session.scalars(wanted.order_by(Absence.starts_at)))


async def add_absence(session: AsyncSession, values: Mapping[str, Any]) -> Absence:
    absence = Absence(**values)
    session.add(absence)
    await session.flush()
    return absence


async def absence_lines(
    session: AsyncSession, *, since: datetime, user_id: int | None, after_id: int, limit: int
) -> list[AbsenceLine]:
    """Absences that end after `since`, in the order in which they were entered."""
    deputy = aliased(User)
    wanted = (
        select(
            Absence.id,
            Absence.user_id,
            User.name,
            Absence.starts_at,
            Absence.ends_at,
            Absence.deputy_id,
            deputy.name,
            Absence.note,
        )
        .join(User, User.id == Absence.user_id)
        .outerjoin(deputy, deputy.id == Absence.deputy_id)
        .where(Absence.ends_at > since, Absence.id > after_id)
    )
    if user_id is not None:
        wanted = wanted.where(Absence.user_id == user_id)
    found = await session.execute(wanted.order_by(Absence.id).limit(limit))
    return [AbsenceLine._make(row) for row in found]
